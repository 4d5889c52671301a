"""What a pane of output tells the screen around it, and what it says where there is nothing to show."""

import pytest
from textual.pilot import Pilot

from papa_console.dashboard.actions import Action, Where, actions_of
from papa_console.dashboard.widgets.gutter import clock
from papa_console.dashboard.widgets.output_pane import OutputPane
from papa_console.dashboard.widgets.output_title import Title, joined
from papa_protocol.watch import Kind
from support.panes import NOW, PaneApp, on_pane

Test = Pilot[None]


@pytest.mark.parametrize("action", [action for action in actions_of(Where.OUTPUT) if not action.target])
def test_each_action_of_the_table_is_done_by_the_pane(action: Action) -> None:
    assert callable(getattr(OutputPane, f"action_{action.id}"))


@pytest.mark.parametrize("action", [action for action in actions_of(Where.OUTPUT) if not action.target])
def test_each_action_can_be_done_with_nothing_to_show(action: Action) -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await app.run_action(action.id, app.pane)
        app.tick()

        assert app.is_running

    on_pane(test)


def test_a_pane_without_lines_says_why() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.pane.set_placeholder("no output yet")
        await app.until(lambda: "no output yet" in app.rows[5])

        app.write("here it is")

        await app.until(lambda: app.text[0] == "here it is")
        assert "no output yet" not in "".join(app.rows)

    on_pane(test)


def test_a_stream_that_is_empty_says_so() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("only stdout")

        await app.press("o", "o")

        await app.until(lambda: any("nothing on stderr" in row for row in app.rows))

    on_pane(test)


def test_the_title_and_the_status_tell_what_is_shown() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.pane.title_facts = "running"
        app.pane.set_status("unacknowledged 12k")

        await app.until(lambda: "web.1 · running · ▶ following" in app.rows[0])
        await app.press("w", "t")

        await app.until(lambda: "▶ following · wrap · clock" in app.rows[0])
        assert "unacknowledged 12k" in app.rows[-1]

    on_pane(test)


@pytest.mark.parametrize(
    ("columns", "title"),
    [
        (80, "web.1 · running · ▶ following · stderr · /x 3/17"),
        (30, "web.1 · ▶ following · /x 3/17"),
        (20, "web.1 · ▶ following"),
        (8, "web.1"),
        (3, "we…"),
    ],
)
def test_a_narrow_title_leaves_out_what_matters_least(columns: int, title: str) -> None:
    shown = Title(("web.1",), "running", True, ("stderr",), "/x 3/17").content(columns)

    assert str(shown) == title


@pytest.mark.parametrize(("columns", "text"), [(40, "web.1, web.2, web.3"), (30, "web.1, web.2 +1"), (10, "web.1 +2")])
def test_names_that_do_not_fit_are_counted(columns: int, text: str) -> None:
    assert joined(("web.1", "web.2", "web.3"), columns) == text


def test_it_jumps_to_an_instant() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        for number in range(100):
            app.write(f"line {number}")
        await app.until(lambda: app.text[-1] == "line 99")

        app.pane.jump_to(NOW + 41)

        await app.until(lambda: any("❯" in row and "line 40" in row for row in app.rows))
        assert not app.pane.lines.port.following

    on_pane(test)


def test_all_lines_can_be_had_for_a_file() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("\x1b[31mred\x1b[0m", name="web.1")
        app.write("bad", name="web.2", kind=Kind.ERR)
        app.tick()

        assert list(app.pane.lines_text()) == [b"\x1b[31mred\x1b[0m", b"bad"]
        assert list(app.pane.lines_text(plain=True)) == [b"red", b"bad"]
        assert list(app.pane.lines_text(times=True, plain=True)) == [
            f"{clock(NOW + 1)} web.1 out: red".encode(),
            f"{clock(NOW + 2)} web.2 err: bad".encode(),
        ]

    on_pane(test, ("web.1", "web.2"))


def test_settings_are_kept_when_other_processes_are_shown() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("keep", "drop")
        app.write("keep this", "drop that", name="web.2")
        await app.press("f", *"keep", "enter")
        await app.until(lambda: app.text[:2] == ["keep", ""])

        app.pane.show([app.store("web.2")])

        await app.until(lambda: app.text[:2] == ["keep this", ""])
        assert "web.2" in app.rows[0]
        assert "filter keep" in app.rows[0]

    on_pane(test)
