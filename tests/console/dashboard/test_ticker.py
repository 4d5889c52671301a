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
        self.ticker = Ticker(self, lambda: None, self.draw)
        self.ticker.start()

    def draw(self) -> None:
        self.query_one(Label).update(str(self.drawn))
        self.drawn += 1

    async def _close_all(self) -> None:
        await super()._close_all()
        self.ticker._turn()


def test_a_turn_that_comes_while_the_program_leaves_draws_nothing() -> None:
    async def main() -> None:
        app = Ticking()
        async with app.run_test():
            assert app.drawn
        assert app.ticker._next is None

    asyncio.run(main())
