"""How lines look: times, names, streams, severities, rules, wrapping, and what is acknowledged."""

import pytest
from textual.pilot import Pilot
from textual.strip import Strip

from papa_console.dashboard.widgets.gutter import clock
from papa_protocol.watch import Kind, Record
from support.panes import NOW, PaneApp, on_pane

Test = Pilot[None]


def strip_of(app: PaneApp, text: str) -> Strip:
    """Return the drawn row that contains a text."""
    lines = app.pane.lines
    return next(strip for y in range(lines.size.height) if text in (strip := lines.render_line(y)).text)


def style_of(app: PaneApp, text: str) -> str:
    """Return the style of the piece of the screen that contains a text."""
    return next(str(segment.style.without_color) + str(segment.style.color) for segment in strip_of(app, text)
                if segment.style is not None and text in segment.text)  # fmt: skip


def test_times_are_shown_in_four_ways() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("one")
        app.write("two")
        app.now += 89
        await app.until(lambda: app.text[1] == "two")
        seen = [app.rows[2]]

        for _ in range(4):
            await app.change("t", lambda: app.rows[2])
            seen.append(app.rows[2])

        shown = [row[2:].replace("│", "").rstrip(" ▁▂▃▄▅▆▇█") for row in seen]
        assert shown == [
            "  two",
            f"{clock(NOW + 2)}   two",
            " 1m29s   two",
            " +1.000s   two",
            "  two",
        ]

    on_pane(test)


def test_ages_grow_while_nothing_happens() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("one")
        await app.press("t", "t")
        await app.until(lambda: "0s   one" in app.rows[1])

        app.now += 7

        await app.until(lambda: "7s   one" in app.rows[1])

    on_pane(test)


def test_lines_of_standard_error_have_a_bar_before_them() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("good")
        app.write("bad", kind=Kind.ERR)

        await app.until(lambda: app.rows[2].startswith("│ ┃ bad"))

        assert app.rows[1].startswith("│   good")

    on_pane(test)


def test_several_processes_are_merged_by_time_with_a_column_of_names() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("first", name="web.1")
        app.write("second", name="worker.mail.outgoing")
        app.write("third", name="web.1")

        await app.until(lambda: "third" in app.rows[3])

        assert [row[2:34] for row in app.rows[1:4]] == [
            "web.1              first        ",
            "…r.mail.outgoing   second       ",
            "web.1              third        ",
        ]
        assert "web.1, worker.mail.outgoing" in app.rows[0]
        assert style_of(app, "web.1  ") != style_of(app, "…r.mail")

    on_pane(test, ("web.1", "worker.mail.outgoing"), (80, 12))


def test_the_end_is_a_rule_with_the_exit_status() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("bye")
        app.exit_with(3)

        await app.until(lambda: "━━ exited 3 ━━" in app.rows[2])

        assert app.rows[2].rstrip("│ ").endswith("━")

    on_pane(test)


def test_a_good_end_and_a_signal_are_told_apart() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.exit_with(0, "web.1")
        app.exit_with(-9, "web.2")

        await app.until(lambda: "━━ killed by SIGKILL ━━" in app.rows[2])

        assert "── exited 0 ──" in app.rows[1]

    on_pane(test, ("web.1", "web.2"))


def test_missing_output_and_remarks_are_rules() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("before")
        app.store().add(Record(Kind.LOST, "web.1", app.now, number=12_595, position=app.store().position + 12_595))
        app.store().note("reconnected", app.now)

        await app.until(lambda: "┄┄ reconnected ┄┄" in app.rows[3])

        assert "~~ output missing here: 12.3k ~~" in app.rows[2]

    on_pane(test)


@pytest.mark.parametrize(
    ("line", "part"),
    [("ERROR it broke", "error"), ("WARNING it may", "warning"), ("DEBUG it does", "debug")],
)
def test_lines_without_colours_are_coloured_by_severity(line: str, part: str) -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("plain", line)
        await app.until(lambda: app.text[1] == line)

        looks = app.pane.lines.artist.looks

        assert str((looks.base + looks.parts[part]).color) in style_of(app, line)
        assert looks.parts[part].color != looks.base.color

    on_pane(test)


def test_lines_with_colours_of_their_own_keep_them() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("ERROR \x1b[32;1mgreen\x1b[0m plain")
        await app.until(lambda: app.text[0] == "ERROR green plain")

        looks = app.pane.lines.artist.looks

        assert style_of(app, "green") not in {style_of(app, "ERROR"), style_of(app, " plain")}
        assert style_of(app, "ERROR") == style_of(app, " plain")
        assert str(looks.base.color) in style_of(app, "ERROR")

    on_pane(test)


def test_long_lines_are_cut_with_a_mark_and_scrolled_sideways() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("".join(chr(65 + number // 10) + str(number % 10) for number in range(60)))
        await app.until(lambda: "B9C0C1C2C3C4C5C› │" in app.rows[1])
        cut = app.rows[1]

        await app.press("l")
        await app.until(lambda: "‹A4A5" in app.rows[1])
        await app.press("h")

        await app.until(lambda: app.rows[1] == cut)

    on_pane(test)


def test_long_lines_wrap_and_the_line_on_top_stays() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*(f"{number:02}" + "x" * 98 for number in range(20)))
        await app.until(lambda: app.text[-1].startswith("19"))
        await app.press("ctrl+u")
        await app.until(lambda: app.text[0].startswith("01"))

        await app.press("w")
        await app.until(lambda: app.text[1].startswith("xxx"))
        wrapped = app.text
        await app.press("w")

        await app.until(lambda: app.text[1].startswith("02"))
        assert wrapped[0].startswith("01")
        assert len(wrapped[0] + wrapped[1]) == 100
        assert wrapped[2].startswith("02")
        assert app.text[0].startswith("01")

    on_pane(test)


def test_the_row_that_is_read_of_a_long_wrapped_line_stays_when_the_pane_changes_its_size() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("first", "".join(f"{number:06}" for number in range(1000)))
        await app.until(lambda: "000000" in app.text[1])
        await app.press("w", "g", *["ctrl+d"] * 5)
        await app.until(lambda: not app.pane.view.behind and app.pane.lines.port.top > 20)
        read = app.text[0][:6]

        await app.press("slash")
        await app.until(lambda: app.pane.bar.is_open and app.pane.lines.port.height < 10)
        assert app.text[0].startswith(read)
        await pilot.resize_terminal(80, 12)

        await app.until(lambda: read in app.text[0] + app.text[1])

    on_pane(test)


@pytest.mark.parametrize("wrap", [False, True])
def test_wide_characters_stay_within_the_pane(wrap: bool) -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("漢字" * 40)
        if wrap:
            await app.press("w")
        await app.until(lambda: "漢字" in app.rows[1])

        lines = app.pane.lines

        assert {lines.render_line(y).cell_length for y in range(10)} == {lines.look.columns}

    on_pane(test, size=(61, 12))


def test_it_shows_up_to_where_output_is_acknowledged() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("one", "two", "three")
        await app.until(lambda: app.text[2] == "three")

        app.pane.acknowledged = {"web.1": len("one\ntwo\n")}
        await app.until(lambda: "✓ acknowledged up to here" in app.rows[2])
        settled, unsettled = style_of(app, "one"), style_of(app, "three")
        app.pane.acknowledged = {"web.1": len("one\ntwo\nthree\n")}

        await app.until(lambda: "✓" in app.rows[3])
        assert "✓" not in app.rows[2]
        assert settled != unsettled

    on_pane(test)


def test_positions_of_an_earlier_process_under_the_name_are_not_confused() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("a long line of the first", "and another")
        app.exit_with(0)
        app.store().restart("made again", app.now)
        app.write("one", "two")
        await app.until(lambda: "two" in app.rows[6])

        app.pane.acknowledged = {"web.1": len("one\n")}

        await app.until(lambda: "✓" in app.rows[5])
        assert [row for row in app.rows if "✓" in row] == [app.rows[5]]
        assert app.pane.seen() == {"web.1": len("one\ntwo\n")}

    on_pane(test)


@pytest.mark.parametrize(("keys", "shown"), [(1, ["good"]), (2, ["bad"]), (3, ["good", "bad"])])
def test_one_stream_can_be_shown_alone(keys: int, shown: list[str]) -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("good")
        app.write("bad", kind=Kind.ERR)
        app.exit_with(0)
        await app.until(lambda: "exited" in app.rows[3])

        await app.press(*["o"] * keys)

        await app.until(lambda: app.text[: len(shown)] == shown and "exited" in app.text[len(shown)])
        assert ("stdout" in app.rows[0]) == (keys == 1)
        assert ("stderr" in app.rows[0]) == (keys == 2)

    on_pane(test)


def test_another_theme_is_taken_at_once() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("ERROR it broke", "plain")
        await app.until(lambda: app.text[1] == "plain")
        before = style_of(app, "ERROR"), style_of(app, "plain")

        app.theme = "textual-light"

        await app.until(lambda: style_of(app, "ERROR") != before[0] and style_of(app, "plain") != before[1])

    on_pane(test)


def test_an_ansi_theme_uses_no_colours_but_those_of_the_terminal() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.theme = "ansi-dark"
        app.write("ERROR it broke", "match", "plain \x1b[31mred\x1b[0m")
        app.write("bad", kind=Kind.ERR)
        app.exit_with(1)
        await app.press("t", "slash", "m", "a", "enter")
        await app.until(lambda: "1/1" in app.rows[0])

        strips = [app.pane.lines.render_line(y) for y in range(app.pane.lines.size.height)]
        colours = [
            colour
            for strip in strips
            for segment in strip
            if segment.style is not None
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour is not None
        ]

        assert colours
        assert [colour for colour in colours if colour.triplet is not None] == []
        assert any(s.style is not None and s.style.reverse and s.text == "ma" for s in strip_of(app, "match"))

    on_pane(test)


def test_a_pane_that_is_greyed_shows_the_same_lines() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("one", "a long line " * 20)
        await app.until(lambda: "›" in app.rows[2])
        before = app.rows

        app.pane.styles.opacity = 0.5
        app.write("three")

        await app.until(lambda: "three" in app.rows[3])
        assert app.rows[:3] == before[:3]

    on_pane(test)


def test_names_get_more_room_in_a_wider_pane() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("text", name="a.rather.long.name")
        await app.until(lambda: "text" in app.rows[1])
        narrow = app.rows[1]

        await pilot.resize_terminal(100, 12)

        await app.until(lambda: "…ather.long.name   text" in app.rows[1])
        assert "…ng.name   text" in narrow

    on_pane(test, ("a.rather.long.name", "b"), (34, 12))
