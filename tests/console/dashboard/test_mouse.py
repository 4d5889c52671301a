"""The mouse works everywhere: borders are dragged, rows selected, columns sorted, keys of the footer clicked."""

import asyncio
from collections.abc import Awaitable, Callable

from textual.events import MouseDown
from textual.pilot import Pilot
from textual.widgets import Static

from papa_console.dashboard.app import Console
from papa_console.dashboard.main_screen import MainScreen
from papa_console.dashboard.widgets.divider import Divider
from papa_console.dashboard.widgets.footer import Footer
from papa_console.dashboard.widgets.heat import HeatStrip
from support import scenes

Deed = Callable[[MainScreen, Pilot[int]], Awaitable[None]]


def play(deed: Deed, size: tuple[int, int] = (120, 40)) -> None:
    """Run a console on a kernel that stands still, and let ``deed`` use the mouse."""

    async def run() -> None:
        console: Console = scenes.still_console(scenes.shop())
        async with console.run_test(size=size) as pilot:
            await scenes.settle(console)
            main = console.screen
            assert isinstance(main, MainScreen)
            await deed(main, pilot)

    asyncio.run(run())


async def drag(pilot: Pilot[int], start: tuple[int, int], end: tuple[int, int]) -> None:
    """Press the button at one place of the screen and let it go at another."""
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)
    assert isinstance(pilot.app, Console)
    await scenes.settle(pilot.app)


def test_the_divider_is_dragged_and_the_width_remembered() -> None:
    async def deed(main: MainScreen, pilot: Pilot[int]) -> None:
        column = main.query_one(Divider).region.x

        await drag(pilot, (column, 10), (column + 12, 10))

        assert main.query_one("#lists").size.width == column + 12
        assert main.session.state.sizes == {"lists": column + 12}

    play(deed)


def test_a_divider_leaves_room_on_both_sides() -> None:
    async def deed(main: MainScreen, pilot: Pilot[int]) -> None:
        await drag(pilot, (main.query_one(Divider).region.x, 10), (118, 10))
        right = main.query_one("#lists").size.width
        await drag(pilot, (main.query_one(Divider).region.x, 10), (1, 10))

        assert right == 90
        assert main.query_one("#lists").size.width == 24

    play(deed)


def test_the_border_above_the_sockets_is_dragged() -> None:
    async def deed(main: MainScreen, pilot: Pilot[int]) -> None:
        region = main.list_of("sockets").region

        await drag(pilot, (5, region.y), (5, region.y - 4))

        moved = main.list_of("sockets").region
        assert (moved.y, moved.bottom) == (region.y - 4, region.bottom)

    play(deed)


def test_the_border_above_the_output_is_dragged_on_a_narrow_screen() -> None:
    async def deed(main: MainScreen, pilot: Pilot[int]) -> None:
        row = main.output.region.y

        await drag(pilot, (5, row), (5, row + 5))

        assert main.output.region.y == row + 5

    play(deed, size=(80, 24))


def test_a_click_selects_a_row_and_its_output() -> None:
    async def deed(main: MainScreen, pilot: Pilot[int]) -> None:
        table = main.list_of("processes").table

        await pilot.click(offset=(8, table.region.y + 1 + list(table.rows.keys).index("web.2")))
        await scenes.settle(pilot.app)  # type: ignore[arg-type]

        assert main.list_of("processes").selected == "web.2"
        assert main.output.names == ("web.2",)

    play(deed)


def test_a_click_on_the_strip_goes_there_and_one_on_its_label_back() -> None:
    async def deed(main: MainScreen, pilot: Pilot[int]) -> None:
        strip = main.query_one(HeatStrip)
        busy = next(c for c in range(len(strip.strip.levels)) if strip.strip.busy(c))

        await pilot.click(HeatStrip, offset=(1 + 11 + busy, 0))
        instant = strip.instant
        await pilot.click(HeatStrip, offset=(3, 0))

        assert instant == strip.strip.instant(busy)
        assert strip.instant is None

    play(deed)


def test_a_click_on_the_footer_does_what_its_key_does() -> None:
    async def deed(main: MainScreen, pilot: Pilot[int]) -> None:
        footer = main.query_one(Footer)
        column = str(footer.render()).index("Zoom")

        await pilot.click(Footer, offset=(column, 0))
        await scenes.settle(pilot.app)  # type: ignore[arg-type]

        assert main.wishes.zoomed == "processes"

    play(deed)


def test_a_double_click_opens_the_output() -> None:
    async def deed(main: MainScreen, pilot: Pilot[int]) -> None:
        table = main.list_of("processes").table

        await pilot.click(offset=(8, table.region.y + 2), times=2)
        await scenes.settle(pilot.app)  # type: ignore[arg-type]

        assert main.focused_pane == "output"

    play(deed)


def test_a_click_on_what_has_just_gone_does_no_harm() -> None:
    async def deed(main: MainScreen, pilot: Pilot[int]) -> None:
        here = Static("here, for now")
        await main.mount(here, before=0)
        await pilot.pause()
        x, y = here.region.offset
        above, here._parent = here._parent, None  # as of what goes between two frames

        await pilot.app.on_event(MouseDown(main, x, y, 0, 0, 1, False, False, False, x, y))

        here._parent = above
        assert pilot.app.is_running

    play(deed)
