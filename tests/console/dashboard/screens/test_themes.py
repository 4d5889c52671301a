"""The colours, tried while the cursor moves."""

import asyncio

import pytest
from textual.widgets import OptionList

from papa_console.dashboard.screens.themes import ThemeScreen
from support.dialogs import Host, Stage


@pytest.mark.parametrize("key", ["down", "j"])
def test_moving_shows_a_theme_and_enter_keeps_it(key: str) -> None:
    async def main() -> None:
        app = Host(ThemeScreen())
        before = app.theme
        async with Stage(app) as stage:
            await stage.press(key)
            await stage.until(lambda: app.theme != before, "another theme is shown")
            shown = app.theme
            await stage.press("enter")

            assert await stage.left() == shown
            assert app.theme == shown

    asyncio.run(main())


def test_esc_brings_the_theme_before_back() -> None:
    async def main() -> None:
        app = Host(ThemeScreen())
        before = app.theme
        async with Stage(app) as stage:
            await stage.press("k", "k")
            await stage.until(lambda: app.theme != before, "another theme is shown")

            await stage.press("escape")

            assert await stage.left() is None
            assert app.theme == before

    asyncio.run(main())


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
def test_every_theme_can_be_reached(size: tuple[int, int]) -> None:
    async def main() -> None:
        app = Host(ThemeScreen())
        async with Stage(app, size) as stage:
            assert {option.id for option in app.screen.query_one(OptionList).options} == set(app.available_themes)
            await stage.press("end")
            await stage.until(lambda: not app.current_theme.dark, "the last is a light one")
            await stage.shows(app.theme)
            assert app.screen.region.contains_region(stage.region("Frame"))

    asyncio.run(main())
