"""The clock of the screen stops with the screen."""

import asyncio

from textual.app import App, ComposeResult
from textual.widgets import Label

from papa_console.dashboard.ticker import Ticker


class Ticking(App[None]):
    """Draws into a widget in every turn; the last turn comes when the widgets are gone already."""

    drawn = 0

    def compose(self) -> ComposeResult:
        yield Label("drawn into")

    def on_mount(self) -> None:
        self.taken_in = asyncio.Event()
        self.ticker = Ticker(self, self.take_in, self.draw)
        self.ticker.start()

    def draw(self) -> None:
        self.query_one(Label).update(str(self.drawn))
        self.drawn += 1

    def take_in(self) -> None:
        self.taken_in.set()

    async def _close_all(self) -> None:
        await super()._close_all()
        self.ticker._turn()


def test_a_turn_that_comes_while_the_program_leaves_draws_nothing() -> None:
    async def main() -> None:
        app = Ticking()
        async with app.run_test():
            await app.taken_in.wait()
            assert app.drawn
        assert app.ticker._next is None

    asyncio.run(main())


class Slow(Ticking):
    """Takes longer to start than a turn."""

    async def on_load(self) -> None:
        self.taken_in = asyncio.Event()
        self.ticker = Ticker(self, self.take_in, lambda: None)
        self.ticker.start()
        await self.taken_in.wait()

    def on_mount(self) -> None:
        self.taken_in.clear()


def test_turns_that_come_before_the_program_runs_are_not_the_last() -> None:
    async def main() -> None:
        app = Slow()
        async with app.run_test():
            await asyncio.wait_for(app.taken_in.wait(), 10)

    asyncio.run(main())
