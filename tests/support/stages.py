"""A console on a kernel that stands still, and somebody who types."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from textual.pilot import Pilot

from papa_console.dashboard.app import Console
from papa_console.dashboard.main_screen import MainScreen
from support import scenes
from support.still import StillLink

SIZE = (120, 40)
Deed = Callable[["Stage"], Awaitable[None]]


class Stage:
    """A console on a kernel that stands still, and somebody who types."""

    def __init__(self, console: Console, pilot: Pilot[int]) -> None:
        self.console = console
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        await scenes.play(self.pilot, keys)

    @property
    def link(self) -> StillLink:
        assert isinstance(self.console.session.link, StillLink)
        return self.console.session.link

    @property
    def main(self) -> MainScreen:
        return next(screen for screen in self.console.screen_stack if isinstance(screen, MainScreen))

    @property
    def pane(self) -> str:
        return self.main.focused_pane

    @property
    def told(self) -> list[str]:
        return [message.text for message in self.console.session.journal.messages]

    @property
    def text(self) -> str:
        return "\n".join(strip.text for strip in self.console.screen._compositor.render_strips())


def play(deed: Deed, link: StillLink | None = None, size: tuple[int, int] = SIZE, **options: object) -> None:
    """Run a console and let ``deed`` use it."""

    async def run() -> None:
        console = scenes.still_console(link or scenes.shop())
        console.options = replace(console.options, **options)  # type: ignore[arg-type]
        async with console.run_test(size=size) as pilot:
            stage = Stage(console, pilot)
            await stage.press()
            await deed(stage)

    asyncio.run(run())
