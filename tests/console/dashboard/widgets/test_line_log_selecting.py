"""Selecting with the mouse and copying: the text without its gutter, whatever moves meanwhile."""

import pytest
from textual.pilot import Pilot

from support.panes import PaneApp, on_pane

Test = Pilot[None]
GUTTER = 3


async def drag(app: PaneApp, pilot: Test, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Drag over the lines; places are columns of the text and rows of the pane."""
    await pilot.mouse_down(app.pane.lines, offset=(start[0] + GUTTER, start[1]))
    await pilot.hover(app.pane.lines, offset=(end[0] + GUTTER, end[1]))
    await app.until(lambda: app.pane.lines.text_selection)


async def shown(app: PaneApp) -> None:
    app.write("first line", "second line", "third line")
    await app.until(lambda: app.text[2] == "third line")


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ((0, 0), (4, 0), "first"),
        ((6, 0), (5, 1), "line\nsecond"),
        ((5, 1), (6, 0), "line\nsecond"),
        ((0, 0), (30, 2), "first line\nsecond line\nthird line"),
        ((-3, 1), (2, 1), "sec"),
    ],
)
def test_what_is_dragged_over_is_selected(start: tuple[int, int], end: tuple[int, int], text: str) -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)

        await drag(app, pilot, start, end)
        await pilot.mouse_up(app.pane.lines, offset=(end[0] + GUTTER, end[1]))

        assert app.pane.selected_text() == text
        assert app.screen.get_selected_text() == text
        assert "‖ paused" in app.rows[0] or not app.pane.lines.port.following

    on_pane(test)


def test_the_selection_is_drawn_and_nothing_is_painted_while_it_is_dragged() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)
        selected = app.screen.get_component_rich_style("screen--selection").bgcolor

        await drag(app, pilot, (0, 0), (4, 0))
        app.write(*(f"more {number}" for number in range(50)))
        painted = app.tick()
        pieces = [s.text for s in app.pane.lines.render_line(0) if s.style is not None and s.style.bgcolor == selected]
        await pilot.mouse_up(app.pane.lines, offset=(4 + GUTTER, 0))
        await app.until(lambda: "▼ +50 lines" in app.rows[-2])

        assert "".join(pieces) == "first"
        assert not painted
        assert app.text[0] == "first line"
        assert app.pane.selected_text() == "first"

    on_pane(test)


def test_a_selection_stays_with_its_text_when_old_lines_go() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*(f"line {number}" for number in range(3000)))
        await app.until(lambda: app.text[-1] == "line 2999")
        await drag(app, pilot, (0, 3), (30, 4))
        await pilot.mouse_up(app.pane.lines, offset=(30, 4))
        before = app.pane.selected_text()

        app.storage.limit = app.storage.size // 2
        app.storage.trim()
        app.tick()

        assert before == "line 2993\nline 2994"
        assert app.pane.selected_text() == before

    on_pane(test)


def test_a_selection_within_a_wrapped_line_counts_its_characters() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("a" * 60 + "word" + "b" * 20)
        await app.press("w")
        await app.until(lambda: "word" in app.text[1])
        at = app.text[1].index("word")

        await drag(app, pilot, (at, 1), (at + 3, 1))

        assert app.pane.selected_text() == "word"

    on_pane(test)


def test_wide_characters_are_selected_whole() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("漢字 text")
        await app.until(lambda: "漢字" in app.rows[1])

        await drag(app, pilot, (0, 0), (2, 0))

        assert app.pane.selected_text() == "漢字"

    on_pane(test)


@pytest.mark.parametrize(("times", "text"), [(2, "/var/log/x.log:12"), (3, "see /var/log/x.log:12 (again)")])
def test_clicking_twice_selects_a_word_and_thrice_the_line(times: int, text: str) -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("see /var/log/x.log:12 (again)")
        await app.until(lambda: "see" in app.rows[1])

        await pilot.click(app.pane.lines, offset=(GUTTER + 8, 0), times=times)

        await app.until(lambda: app.pane.selected_text() == text)

    on_pane(test)


def test_copying_asks_for_the_selection_then_the_chosen_line_then_the_topmost() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        await shown(app)

        await app.press("y")
        await app.until(lambda: len(app.copied) == 1)
        await pilot.click(app.pane.lines, offset=(GUTTER, 1))
        await app.until(lambda: app.rows[2].startswith("│❯"))
        await app.press("y")
        await app.until(lambda: len(app.copied) == 2)
        await drag(app, pilot, (0, 2), (4, 2))
        await app.press("y")
        await app.until(lambda: len(app.copied) == 3)
        await app.press("Y")
        await app.until(lambda: len(app.copied) == 4)

        assert [asked.text for asked in app.copied] == [
            "first line", "second line", "third", "first line\nsecond line\nthird line",
        ]  # fmt: skip
        assert app.copied[3].what == "3 lines"

    on_pane(test)
