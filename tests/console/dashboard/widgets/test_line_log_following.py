"""Following the newest line, holding still, and staying where one reads while lines come and go."""

import pytest
from textual.events import MouseScrollDown, MouseScrollUp
from textual.pilot import Pilot

from papa_protocol.watch import Kind
from support.panes import PaneApp, on_pane

Test = Pilot[None]


def numbered(start: int, stop: int) -> list[str]:
    return [f"line {number}" for number in range(start, stop)]


def test_the_newest_line_is_kept_in_view() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 100))
        await app.until(lambda: app.text[-1] == "line 99")

        app.write("the last")
        await app.until(lambda: app.text[-1] == "the last")

        assert app.text[-2] == "line 99"
        assert "▶ following" in app.rows[0]

    on_pane(test)


def test_an_unfinished_line_grows_in_place() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("begun", end=b"")
        await app.until(lambda: app.text[0] == "begun")

        app.write(" and done")

        await app.until(lambda: app.text[:2] == ["begun and done", ""])

    on_pane(test)


@pytest.mark.parametrize("keys", [("k",), ("up",), ("ctrl+u",), ("pageup",), ("g",), ("home",), ("F",)])
def test_keys_that_leave_the_end_hold_still(keys: tuple[str, ...]) -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 100))
        await app.until(lambda: app.text[-1] == "line 99")

        await app.press(*keys)
        await app.until(lambda: "‖ paused" in app.rows[0])
        before = app.text[:-1]
        app.write(*numbered(100, 1334))
        await app.until(lambda: "▼ +1,234 lines" in app.rows[-2])

        assert app.text[:-1] == before

    on_pane(test)


@pytest.mark.parametrize("keys", [("j",), ("down",), ("ctrl+d",), ("pagedown",), ("G",), ("end",), ("F",)])
def test_reaching_the_end_follows_again(keys: tuple[str, ...]) -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 100))
        await app.until(lambda: app.text[-1] == "line 99")
        await app.press("k")
        await app.until(lambda: "‖ paused" in app.rows[0])

        await app.press(*keys)
        await app.until(lambda: "▶ following" in app.rows[0])
        app.write("new")

        await app.until(lambda: app.text[-1] == "new")

    on_pane(test)


def test_a_click_on_the_badge_follows_again() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 100))
        await app.until(lambda: app.text[-1] == "line 99")
        await app.press("g")
        await app.until(lambda: app.text[0] == "line 0")
        app.write("new")
        await app.until(lambda: "▼ +1 line" in app.rows[-2])

        await pilot.click(app.pane.lines, offset=(54, 9))

        await app.until(lambda: app.text[-1] == "new")
        assert app.pane.lines.port.following

    on_pane(test)


def test_the_wheel_scrolls_and_holds_still() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 100))
        await app.until(lambda: app.text[-1] == "line 99")

        await pilot._post_mouse_events([MouseScrollUp], app.pane.lines, button=0)
        await app.until(lambda: app.text[-1] == "line 96")
        paused = "‖ paused" in app.rows[0]
        await pilot._post_mouse_events([MouseScrollDown], app.pane.lines, button=0)

        await app.until(lambda: app.text[-1] == "line 99")
        assert paused
        assert app.pane.lines.port.following

    on_pane(test)


def test_the_thumb_of_the_scrollbar_can_be_dragged() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 100))
        await app.until(lambda: app.text[-1] == "line 99")
        bar = app.pane.lines.vertical_scrollbar

        await pilot.mouse_down(bar, offset=(0, 9))
        await app.until(lambda: bar.grabbed)
        await pilot.hover(bar, offset=(0, 0))
        await app.until(lambda: not app.pane.lines.port.following)
        await pilot.mouse_up(bar, offset=(0, 0))

        await app.until(lambda: app.text[0] == "line 0")

    on_pane(test)


def test_lines_stay_where_they_are_while_old_ones_go() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 3000))
        await app.until(lambda: app.text[-1] == "line 2999")
        await app.press("ctrl+u", "ctrl+u")
        await app.until(lambda: "‖ paused" in app.rows[0])
        before = app.text

        app.storage.limit = app.storage.size // 2
        app.storage.trim()
        painted = app.tick()

        assert app.store().first > 1000
        assert app.text == before
        assert not painted

    on_pane(test)


def test_where_the_lines_that_are_read_go_the_oldest_ones_are_shown() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 3000))
        await app.until(lambda: app.text[-1] == "line 2999")
        await app.press("g")
        await app.until(lambda: app.text[0] == "line 0")

        app.storage.limit = app.storage.size // 2
        app.storage.trim()
        app.tick()

        await app.until(lambda: app.text[0] == f"line {app.store().first}")

    on_pane(test)


def test_nothing_is_painted_when_nothing_has_changed() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 100))
        await app.until(lambda: app.text[-1] == "line 99")
        await app.press("g")
        await app.until(lambda: app.text[0] == "line 0")
        app.tick()

        assert not app.tick()
        app.write("unseen")
        app.tick()  # the badge
        assert not app.tick()

    on_pane(test)


def test_the_place_is_kept_for_each_set_of_processes() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 100))
        app.write("from web.2", name="web.2")
        await app.until(lambda: app.text[-1] == "line 99")
        await app.press("ctrl+u")
        await app.until(lambda: "‖ paused" in app.rows[0])
        before = app.text

        app.pane.show([app.store("web.2")])
        await app.until(lambda: app.text[0] == "from web.2")
        following = app.pane.lines.port.following
        app.pane.show([app.store("web.1")])

        await app.until(lambda: app.text == before)
        assert following
        assert not app.pane.lines.port.following

    on_pane(test)


def test_what_was_on_the_screen_is_seen_and_nothing_after_it() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 100))
        await app.until(lambda: app.text[-1] == "line 99")
        whole = app.pane.seen()
        await app.press("g")
        await app.until(lambda: app.text[0] == "line 0")

        app.write("unseen")
        await app.until(lambda: "▼" in app.rows[-2])

        assert whole == {"web.1": app.store().position - len("unseen\n")}
        assert app.pane.seen() == whole

    on_pane(test)


def test_a_tiny_pane_does_not_fail() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 100), "\x1b[31mcoloured 漢字 and long enough to be cut", kind=Kind.ERR)
        app.exit_with(1)
        for keys in (("t",), ("w",), ("t",), ("w",), ("slash", "l", "enter"), ("n",), ("l",), ("k",)):
            for size in ((1, 1), (2, 3), (4, 2), (9, 4), (20, 5)):
                await pilot.resize_terminal(*size)
                app.tick()
            await app.press(*keys)
            app.tick()

        await pilot.resize_terminal(60, 12)
        await app.press("G")

        await app.until(lambda: "exited 1" in app.rows[-2])

    on_pane(test)


@pytest.mark.parametrize("key", ["k", "t", "w", "o", "y", "Y", "n", "E", "F"])
def test_keys_do_no_harm_when_lines_have_gone_that_the_view_still_names(key: str) -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*numbered(0, 3000))
        await app.until(lambda: app.text[-1] == "line 2999")
        await app.press("g", "t", "t", "t", "slash", "l", "enter")
        await app.until(lambda: app.text[0] == "line 0")

        app.storage.limit = 0
        app.storage.trim()
        await app.press(key)
        await app.press("G")
        app.write("the last")

        await app.until(lambda: "the last" in app.text)

    on_pane(test)
