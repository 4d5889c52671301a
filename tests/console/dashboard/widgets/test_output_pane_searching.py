"""Search, filter and errors in a pane of output, and the bar they are typed into."""

import pytest
from rich.style import Style
from textual.pilot import Pilot
from textual.widgets import Input

from papa_protocol.watch import Kind
from support.panes import PaneApp, on_pane

Test = Pilot[None]


async def shown(app: PaneApp) -> None:
    app.write(*(f"{'timeout' if number % 10 == 3 else 'request'} {number}" for number in range(50)))
    await app.until(lambda: app.text[-1] == "request 49")


def bar(app: PaneApp) -> str:
    """The row of the bar, which lies above the lower border."""
    return app.rows[-2].strip("│ ")


def chosen(app: PaneApp) -> str:
    return next((row.partition("❯")[2].strip(" │▁▂▃▄▅▆▇█") for row in app.rows if "❯" in row), "")


def test_a_search_goes_to_the_nearest_match_while_it_is_typed_and_counts() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)

        await app.press("slash", *"timeo")
        await app.until(lambda: chosen(app) == "timeout 43" and "5/5" in bar(app))
        await app.press("enter")

        await app.until(lambda: "/timeo 5/5" in app.rows[0] and not app.pane.bar.is_open)
        assert app.focused is app.pane.lines
        assert not app.pane.lines.port.following

    on_pane(test)


def test_n_goes_on_and_shift_n_back_and_both_go_round() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)
        await app.press("g", "slash", *"timeout", "enter")
        await app.until(lambda: chosen(app) == "timeout 3")
        seen = []

        for key in ("n", "n", "N", "N", "N"):
            await app.change(key, lambda: app.pane.lines.look.chosen)
            seen.append(chosen(app))

        assert seen == ["timeout 13", "timeout 23", "timeout 13", "timeout 3", "timeout 43"]
        await app.until(lambda: "5/5" in app.rows[0])

    on_pane(test)


def test_matches_are_marked_and_the_current_one_stronger() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("one match", "another match here")
        await app.until(lambda: app.text[1] != "")

        await app.press("slash", *"MATCH".lower(), "enter")
        await app.until(lambda: chosen(app) == "one match")

        looks = app.pane.lines.artist.looks
        styles = [[s.style or Style() for s in app.pane.lines.render_line(y) if s.text == "match"] for y in (0, 1)]
        assert [len(found) for found in styles] == [1, 1]
        assert styles[0][0].bgcolor == looks.parts["current"].bgcolor
        assert styles[1][0].bgcolor == looks.parts["match"].bgcolor
        assert looks.parts["match"].bgcolor != looks.parts["current"].bgcolor

    on_pane(test)


@pytest.mark.parametrize("character", ["x", "漢"])
def test_a_match_far_to_the_right_is_scrolled_to_and_one_at_the_left_back_to(character: str) -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("needle at the left", character * 1000 + " needle at the right")
        await app.until(lambda: app.text[1] != "")
        await app.press("slash", *"needle", "enter")
        await app.until(lambda: chosen(app) == "needle at the left")

        await app.press("n")

        await app.until(lambda: "needle at the right" in chosen(app).replace("›", ""))
        await app.press("n")
        await app.until(lambda: chosen(app) == "needle at the left")

    on_pane(test)


def test_a_match_in_view_does_not_move_the_text() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("x" * 30 + "needle 1", "x" * 30 + "needle 2")
        await app.until(lambda: app.text[1] != "")
        await app.press("l", "slash", *"needle", "enter")
        await app.until(lambda: chosen(app).endswith("needle 1"))

        await app.press("n")

        await app.until(lambda: chosen(app).endswith("needle 2"))
        assert app.pane.lines.look.left == 8

    on_pane(test)


def test_a_match_in_a_later_row_of_a_wrapped_line_is_scrolled_to() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("first", "x" * 5000 + " needle", *(f"line {number}" for number in range(50)))
        await app.until(lambda: app.text[-1] == "line 49")
        await app.press("w", "slash", *"needle")

        await app.until(lambda: "1/1" in bar(app) and "xxx needle" in "".join(app.text[:-1]))

    on_pane(test)


def test_a_search_without_a_match_says_so() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)

        await app.press("slash", *"nowhere")

        await app.until(lambda: "no match" in bar(app))

    on_pane(test)


def test_a_bad_regular_expression_says_what_is_wrong_and_changes_nothing() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)
        await app.press("f", *"timeout", "enter")
        await app.until(lambda: app.text[:5] == [f"timeout {number}" for number in (3, 13, 23, 33, 43)])

        await app.press(
            "f",
            *"~time(",
        )

        await app.until(lambda: "Not a regular expression" in bar(app))
        assert app.text[0] == "timeout 3"
        await app.press(*")out")
        await app.until(lambda: "5 lines" in bar(app))

    on_pane(test)


def test_escape_clears_the_search_and_closes_the_bar() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)
        await app.press("slash", *"timeout")
        await app.until(lambda: "5/5" in bar(app))

        await app.press("escape")

        await app.until(lambda: not app.pane.bar.is_open)
        assert app.pane.searched == ""
        assert app.focused is app.pane.lines

    on_pane(test)


def test_up_and_down_recall_what_was_searched_before() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)
        await app.press("slash", *"first", "enter")
        await app.until(lambda: "/first" in app.rows[0])
        await app.press("slash", *"second", "enter")
        await app.until(lambda: "/second" in app.rows[0])
        await app.press("slash", "up")
        await app.until(lambda: app.query_one(Input).value == "second")

        await app.press("up")
        await app.until(lambda: app.query_one(Input).value == "first")
        await app.press("down", "down")

        await app.until(lambda: app.query_one(Input).value == "")

    on_pane(test)


def test_a_filter_shows_only_matching_lines_also_of_what_comes_later() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)

        await app.press("f", *"timeout", "enter")
        await app.until(lambda: app.text[:6] == [f"timeout {number}" for number in (3, 13, 23, 33, 43)] + [""])
        app.write("request 50", "timeout 53")

        await app.until(lambda: app.text[5:7] == ["timeout 53", ""])
        assert "filter timeout" in app.rows[0]

    on_pane(test)


def test_an_exclamation_mark_turns_the_filter_round() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("keep", "drop", "keep too")

        await app.press("f", *"!drop", "enter")

        await app.until(lambda: app.text[:3] == ["keep", "keep too", ""])

    on_pane(test)


def test_lines_around_can_be_shown_too() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)
        await app.press("f", *"out 23", "enter")
        await app.until(lambda: app.text[:2] == ["timeout 23", ""])

        await app.press("c")

        await app.until(lambda: app.text[:4] == ["request 22", "timeout 23", "request 24", ""])
        assert "±1" in app.rows[0]
        await app.press("c", "c")
        await app.until(lambda: app.text[:2] == ["timeout 23", ""])

    on_pane(test)


def test_a_filter_that_hides_everything_says_how_to_end_it() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)
        await app.press("f", *"nowhere", "enter")
        await app.until(lambda: any("no line contains 'nowhere' — Esc clears the filter" in row for row in app.rows))

        ended = app.pane.back()

        await app.until(lambda: app.text[-1] == "request 49")
        assert ended
        assert not app.pane.back()

    on_pane(test)


def test_the_line_on_top_stays_when_the_filter_ends() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)
        await app.press("f", *"timeout", "enter")
        await app.until(lambda: app.text[4] == "timeout 43")
        await app.press("F")
        await app.until(lambda: "‖ paused" in app.rows[0])

        app.pane.back()

        await app.until(lambda: app.text[0] == "timeout 3" and app.text[1] == "request 4")

    on_pane(test)


def test_e_goes_from_error_to_error() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*(f"line {number}" for number in range(30)))
        app.write("on stderr", "and more", kind=Kind.ERR)
        app.write("fine", "ERROR it broke", "fine again")
        app.exit_with(1)
        await app.until(lambda: "exited 1" in app.text[-1])
        await app.press("g")
        await app.until(lambda: app.text[0] == "line 0")

        seen = []
        for key in ("e", "e", "e", "E"):
            await app.change(key, lambda: chosen(app))
            seen.append(chosen(app))

        assert seen[0].endswith("on stderr")
        assert seen[1] == "ERROR it broke"
        assert "exited 1" in seen[2]
        assert seen[3] == "ERROR it broke"

    on_pane(test)


def test_keys_that_come_in_one_go_reach_what_has_the_focus_by_then() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)
        await app.press("g")
        await app.until(lambda: app.text[0] == "request 0")

        await app.press("slash", *"timeout", "enter", "n", "n")

        await app.until(lambda: chosen(app) == "timeout 23")
        assert app.pane.searched == "timeout"

    on_pane(test)


def test_a_search_goes_on_in_what_comes_later() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)
        await app.press("slash", *"timeout", "enter")
        await app.until(lambda: "/timeout 5/5" in app.rows[0])

        app.write("timeout 50")

        await app.until(lambda: "/timeout 5/6" in app.rows[0])

    on_pane(test)
