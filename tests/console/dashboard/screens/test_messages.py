"""Earlier messages."""

import asyncio

import pytest

from papa_console.dashboard.journal import Journal
from papa_console.dashboard.screens.messages import NOTHING, MessagesScreen
from papa_console.text import clock
from support.dialogs import Host, Stage


def journal(count: int = 3) -> Journal:
    told = Journal()
    told.add(1000.0, "made web.3", "information")
    told.add(2000.0, "[b]There is no process x[/b]", "error")
    for number in range(2, count):
        told.add(3000.0 + number, f"warning {number} \x1b[2J", "warning")
    return told


def test_the_newest_is_first_and_shown_as_it_is() -> None:
    async def main() -> None:
        async with Stage(Host(MessagesScreen(journal().messages))) as stage:
            await stage.shows("[b]There is no process x[/b]", r"warning 2 \x1b[2J", clock(1000.0), "✗", "!", "·")
            rows = [line for line in stage.lines if any(word in line for word in ("warning 2", "no process", "made"))]

            assert [("warning" in row, "no process" in row, "made" in row) for row in rows] == [
                (True, False, False), (False, True, False), (False, False, True),
            ]  # fmt: skip

    asyncio.run(main())


@pytest.mark.parametrize(
    ("keys", "copied"),
    [
        (["y"], "warning 2 \x1b[2J"),
        (["enter"], "warning 2 \x1b[2J"),
        (["down", "y"], "[b]There is no process x[/b]"),
        (["j", "j", "k", "y"], "[b]There is no process x[/b]"),
    ],
)
def test_y_copies_the_message(keys: list[str], copied: str) -> None:
    async def main() -> None:
        texts: list[str] = []
        async with Stage(Host(MessagesScreen(journal().messages, texts.append))) as stage:
            await stage.shows("made web.3")
            await stage.press(*keys)

            await stage.until(lambda: texts, "something is copied")
        assert texts == [copied]

    asyncio.run(main())


def test_capital_y_copies_all_with_their_times() -> None:
    async def main() -> None:
        texts: list[str] = []
        async with Stage(Host(MessagesScreen(journal(2).messages, texts.append))) as stage:
            await stage.press("Y")
            await stage.until(lambda: texts, "something is copied")

        assert texts[0].split("\n")[1] == f"{clock(1000.0, date=True)} information: made web.3"

    asyncio.run(main())


def test_without_messages_it_says_so_and_nothing_is_copied() -> None:
    async def main() -> None:
        texts: list[str] = []
        async with Stage(Host(MessagesScreen([], texts.append))) as stage:
            await stage.shows(NOTHING)
            await stage.press("y", "Y", "j", "escape")
            await stage.left()

        assert texts == []

    asyncio.run(main())


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
def test_many_scroll_in_a_frame_that_fits(size: tuple[int, int]) -> None:
    async def main() -> None:
        async with Stage(Host(MessagesScreen(journal(100).messages)), size) as stage:
            await stage.shows("warning 99")
            assert stage.app.screen.region.contains_region(stage.region("Frame"))
            await stage.press("end")
            await stage.shows("made web.3")

    asyncio.run(main())
