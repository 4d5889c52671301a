"""The help screen: the live keys, found by typing."""

import asyncio
from time import monotonic

import pytest
from textual.containers import VerticalScroll

from papa_console.dashboard.actions import ACTIONS
from papa_console.dashboard.screens.help import HelpScreen
from support.dialogs import Host, Stage
from support.wire import TIMEOUT


class ReadOnly(Host):
    """An application in which nothing may be changed."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        changing = {row.id for row in ACTIONS if row.changes}
        return False if action in changing else super().check_action(action, parameters)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 60)])
def test_the_frame_fits_the_screen(size: tuple[int, int]) -> None:
    async def main() -> None:
        async with Stage(Host(HelpScreen()), size) as stage:
            await stage.shows("Everywhere", "esc leave")

            assert stage.app.screen.region.contains_region(stage.region("Frame"))

    asyncio.run(main())


def test_everything_can_be_scrolled_to() -> None:
    async def main() -> None:
        async with Stage(Host(HelpScreen())) as stage:
            await stage.shows("Everywhere")
            page = stage.app.screen.query_one("#page", VerticalScroll)
            await stage.until(lambda: page.max_scroll_y > 0, "there is more than fits")
            unseen = {action.binding_id: action.help[:50] for action in ACTIONS}

            def look() -> bool:
                shown = stage.text
                for name in [name for name, start in unseen.items() if start in shown]:
                    del unseen[name]
                return page.scroll_y == page.scroll_target_y

            # The page may still be painted while it is scrolled: what was missed is looked for once more.
            deadline = monotonic() + TIMEOUT
            while unseen and monotonic() < deadline:
                await stage.until(look, "it has scrolled")
                await stage.press("home" if page.scroll_y == page.max_scroll_y else "pagedown")

            assert unseen == {}

    asyncio.run(main())


def test_typing_finds_and_esc_leaves() -> None:
    async def main() -> None:
        async with Stage(Host(HelpScreen())) as stage:
            await stage.type("svg")
            await stage.until(lambda: "Go to the processes" not in stage.text, "the rest is gone")
            await stage.shows("^g", "Save a picture of the screen as SVG")

            await stage.press("escape")

            assert await stage.left() is None

    asyncio.run(main())


def test_keys_are_those_that_the_user_has_bound() -> None:
    async def main() -> None:
        app = Host(HelpScreen())
        app.set_keymap({"everywhere.zoom": "ctrl+f"})
        async with Stage(app) as stage:
            await stage.shows("^f          Give the pane the whole screen")

    asyncio.run(main())


def test_what_cannot_be_done_is_not_explained() -> None:
    async def main() -> None:
        async with Stage(ReadOnly(HelpScreen())) as stage:
            await stage.type("after a question")

            await stage.shows("Nothing here contains")

    asyncio.run(main())


def test_the_arrows_scroll_by_a_line() -> None:
    async def main() -> None:
        screen = HelpScreen()
        async with Stage(Host(screen), (60, 15)) as stage:
            listed = screen.query_one(VerticalScroll)
            await stage.until(lambda: listed.max_scroll_y > 0, "there is something to scroll")

            await stage.press("down")

            await stage.until(lambda: listed.scroll_offset.y == 1, "it scrolled by a line")

    asyncio.run(main())
