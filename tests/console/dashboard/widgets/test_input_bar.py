"""The bar into which patterns are typed, by itself."""

import asyncio

from textual.app import ComposeResult

from papa_console.dashboard.widgets.input_bar import InputBar
from support.dialogs import Host, Stage


class Bar(Host):
    """An application with the bar and nothing else."""

    def compose(self) -> ComposeResult:
        self.bar = InputBar()
        yield self.bar


def test_a_count_gets_the_room_it_needs_where_another_was_laid_out_just_before_it() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            app.bar.open("search", "/", "", "text")
            await stage.until(lambda: "text" in stage.text, "the bar is open")

            app.bar.set_info("…")
            app.screen._refresh_layout()
            app.bar.set_info("12/345")

            await stage.until(lambda: "12/345" in stage.text, "the whole count is shown")

    asyncio.run(main())
