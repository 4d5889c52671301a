"""The wire drawer."""

import asyncio

import pytest

from papa_console.dashboard.held.wirelog import WireLog
from papa_console.dashboard.screens.wire import WireScreen
from papa_console.dashboard.widgets.rows_view import RowsView
from papa_console.text import clock
from support.dialogs import Host, Stage


def log(count: int = 3) -> WireLog:
    lines = WireLog()
    for number in range(count):
        lines.sent(b"get value.%d\n" % number, "commands", 1000.25 + number)
        lines.received(f"text {number}", "commands", 1000.5 + number)
    return lines


def view(screen: WireScreen) -> RowsView:
    return screen.query_one(RowsView)


def test_each_line_is_shown_with_its_time_and_direction() -> None:
    async def main() -> None:
        async with Stage(Host(WireScreen(log()))) as stage:
            await stage.shows(
                f"{clock(1000.25)}.250 commands   → get value.0",
                f"{clock(1000.5)}.500 commands   ← text 0",
                "Wire  6 lines  following",
            )

    asyncio.run(main())


def test_it_is_live_and_follows() -> None:
    async def main() -> None:
        lines = log(100)
        screen = WireScreen(lines)
        async with Stage(Host(screen)) as stage:
            await stage.shows("text 99")

            lines.sent(b"info\n", "commands", 5000.0)
            screen.tick(5000.0)

            await stage.shows("→ info", "201 lines")

    asyncio.run(main())


def test_looking_at_older_lines_holds_still_and_the_end_follows_again() -> None:
    async def main() -> None:
        lines = log(100)
        screen = WireScreen(lines)
        async with Stage(Host(screen)) as stage:
            await stage.shows("text 99")
            await stage.press("g")
            await stage.shows("held", "value.0")

            lines.received("new", "commands", 5000.0)
            screen.tick(5000.0)
            await stage.shows("201 lines")
            assert "← new" not in stage.text

            await stage.press("G")
            await stage.shows("following", "← new")
            await stage.press("F")
            await stage.shows("held")
            await stage.press("F")
            await stage.shows("following")

    asyncio.run(main())


@pytest.mark.parametrize("key", ["f", "slash"])
def test_a_filter_leaves_only_what_contains_its_text(key: str) -> None:
    async def main() -> None:
        lines = log()
        screen = WireScreen(lines)
        async with Stage(Host(screen)) as stage:
            await stage.press(key)
            await stage.type("VALUE.1")
            await stage.shows("1 line with “value.1”")
            assert "value.0" not in stage.text

            lines.sent(b"get value.10\n", "commands", 5000.0)
            lines.sent(b"get value.2\n", "commands", 5000.0)
            screen.tick(5000.0)
            await stage.shows("2 lines")

            await stage.press("enter")
            await stage.until(lambda: view(screen).has_focus, "the lines have the focus")
            await stage.press(key)
            await stage.press("ctrl+u", "enter")
            await stage.until(lambda: not screen.query_one("#filter").display, "the filter is put away")
            await stage.shows("8 lines")

    asyncio.run(main())


@pytest.mark.parametrize(
    ("keys", "copied"),
    [
        (["y"], ["text 1"]),
        (["up", "y"], ["get value.1"]),
        (["Y"], [
            f"{clock(1000.25)} commands > get value.0", f"{clock(1000.5)} commands < text 0",
            f"{clock(1001.25)} commands > get value.1", f"{clock(1001.5)} commands < text 1",
        ]),
    ],
)  # fmt: skip
def test_lines_are_copied(keys: list[str], copied: list[str]) -> None:
    async def main() -> None:
        texts: list[str] = []
        async with Stage(Host(WireScreen(log(2), texts.append))) as stage:
            await stage.shows("text 1")
            await stage.press(*keys)
            await stage.until(lambda: texts, "something is copied")

        assert texts == ["\n".join(copied)]

    asyncio.run(main())


def test_a_long_line_is_read_sideways() -> None:
    async def main() -> None:
        lines = WireLog()
        lines.received("x" * 100 + "THE END", "commands", 1.0)
        async with Stage(Host(WireScreen(lines))) as stage:
            await stage.shows("xxx")
            await stage.press(*["right"] * 10)

            await stage.shows("THE END")

    asyncio.run(main())


def test_without_lines_nothing_breaks() -> None:
    async def main() -> None:
        async with Stage(Host(WireScreen(WireLog()))) as stage:
            await stage.shows("Wire")
            await stage.press("y", "Y", "up", "down", "enter", "L")

            assert await stage.left() is None

    asyncio.run(main())


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
def test_it_stands_at_the_bottom_and_leaves_the_rest_in_sight(size: tuple[int, int]) -> None:
    async def main() -> None:
        async with Stage(Host(WireScreen(log())), size) as stage:
            frame = stage.region("Frame")

            assert frame.bottom == size[1]
            assert 8 <= frame.height <= size[1] // 2 + 1
            await stage.shows("below")

    asyncio.run(main())
