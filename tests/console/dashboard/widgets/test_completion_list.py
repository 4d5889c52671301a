"""The list of candidates."""

import asyncio

import pytest
from textual.app import ComposeResult

from papa_console.dashboard.widgets.completion_list import CompletionList, first_row
from papa_console.repl.candidate import Candidate
from support.dialogs import Host, Stage


class Menu(Host):
    """An application with a list."""

    def __init__(self) -> None:
        super().__init__()
        self.picked: list[Candidate] = []

    def compose(self) -> ComposeResult:
        yield CompletionList()

    def on_completion_list_picked(self, event: CompletionList.Picked) -> None:
        self.picked.append(event.candidate)


@pytest.mark.parametrize(
    ("index", "count", "rows", "first", "expected"),
    [(None, 3, 8, 0, 0), (9, 20, 8, 0, 2), (1, 20, 8, 5, 1), (6, 20, 8, 5, 5), (None, 20, 8, 15, 12), (0, 0, 8, 3, 0)],
)
def test_what_is_chosen_is_among_the_rows(index: int | None, count: int, rows: int, first: int, expected: int) -> None:
    assert first_row(index, count, rows, first) == expected


def test_after_the_last_comes_none_and_then_the_first() -> None:
    async def main() -> None:
        async with Stage(Menu()) as stage:
            menu = stage.app.query_one(CompletionList)
            menu.offer([Candidate(text, 0) for text in "abc"])

            chosen = []
            for step in (1, 1, 1, 1, 1, -1, -1):
                menu.move(step)
                chosen.append(menu.chosen.text if menu.chosen else None)

            assert chosen == ["a", "b", "c", None, "a", None, "c"]

    asyncio.run(main())


def test_it_is_hidden_while_empty_and_shows_help_beside_and_nothing_unsafe() -> None:
    async def main() -> None:
        async with Stage(Menu()) as stage:
            menu = stage.app.query_one(CompletionList)
            assert not menu.display
            menu.offer([Candidate("x", 0, "[b]about x\x1b[2J", "x\x07y"), Candidate("long" * 30, 0, "more")])

            await stage.shows(r"x\x07y", r"[b]about x\x1b[2J"[:20])

            assert "\x1b" not in stage.text
            menu.close()
            assert not menu.display

    asyncio.run(main())


def test_the_wheel_shows_others_and_a_click_picks() -> None:
    async def main() -> None:
        app = Menu()
        async with Stage(app) as stage:
            menu = app.query_one(CompletionList)
            menu.offer([Candidate(f"word{number}", 0) for number in range(20)])
            await stage.shows("1–8 of 20")
            await stage.pilot._post_mouse_events([_scroll()], menu)
            await stage.shows("2–9 of 20")

            await stage.click(menu, x=4, y=0)
            await stage.click(menu, x=4, y=8)

            await stage.until(lambda: app.picked, "something is picked")
            assert [candidate.text for candidate in app.picked] == ["word1"]

    asyncio.run(main())


def _scroll() -> type:
    from textual.events import MouseScrollDown

    return MouseScrollDown
