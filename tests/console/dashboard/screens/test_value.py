"""A value in full."""

import asyncio

import pytest

from papa_console.dashboard.screens.value import EDIT, ValueScreen
from support.dialogs import Host, Stage


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
def test_json_is_laid_out_in_a_frame_that_fits(size: tuple[int, int]) -> None:
    async def main() -> None:
        async with Stage(Host(ValueScreen("config", '{"a": {"b": 1}}')), size) as stage:
            await stage.shows("config  15 bytes", '  "a": {', '    "b": 1')

            assert stage.app.screen.region.contains_region(stage.region("Frame"))

    asyncio.run(main())


def test_all_of_a_long_value_can_be_scrolled_to() -> None:
    async def main() -> None:
        text = "\n".join(f"line {number}" for number in range(1000))
        async with Stage(Host(ValueScreen("long", text))) as stage:
            await stage.shows("line 0")
            await stage.press("G")
            await stage.shows("line 999")
            await stage.press("g")
            await stage.shows("line 0")

    asyncio.run(main())


def test_a_value_of_a_megabyte_is_shown_at_once_and_wrapped() -> None:
    async def main() -> None:
        async with Stage(Host(ValueScreen("big", "x" * (2**20 - 4) + "\nEND"))) as stage:
            await stage.shows("big  1m")
            await stage.press("G")
            await stage.shows("END")

    asyncio.run(main())


def test_y_copies_it_as_it_is_and_e_edits() -> None:
    async def main() -> None:
        copied: list[str] = []
        async with Stage(Host(ValueScreen("config", '{"a":1}', copied.append))) as stage:
            await stage.press("y", "e")

            assert await stage.left() == EDIT
        assert copied == ['{"a":1}']

    asyncio.run(main())


def test_without_a_clipboard_of_its_own_the_terminal_is_asked() -> None:
    async def main() -> None:
        app = Host(ValueScreen("config", "text"))
        async with Stage(app) as stage:
            await stage.press("y")

            await stage.until(lambda: app.clipboard == "text", "it is copied")

    asyncio.run(main())


@pytest.mark.parametrize("key", ["escape", "q"])
def test_leaving_does_nothing(key: str) -> None:
    async def main() -> None:
        async with Stage(Host(ValueScreen("config", "text"))) as stage:
            await stage.press(key)

            assert await stage.left() is None

    asyncio.run(main())


def test_a_hostile_value_and_name_are_shown_harmless() -> None:
    async def main() -> None:
        evil = "\x1b]0;x\x07[red]\u202eabc"
        async with Stage(Host(ValueScreen(evil, evil))) as stage:
            await stage.shows(r"\x1b]0;x\x07[red]")

            assert not {"\x1b", "\x07", "\u202e"} & set(stage.text)

    asyncio.run(main())
