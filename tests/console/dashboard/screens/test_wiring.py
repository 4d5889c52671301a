"""The wiring."""

import asyncio
from types import SimpleNamespace

import pytest

from papa_console.dashboard.held.history import History
from papa_console.dashboard.screens.wiring import WiringScreen
from papa_console.text import clock
from papa_protocol.model import ProcessInfo
from support.dialogs import Host, Stage, snapshot


def process(*argv: str) -> ProcessInfo:
    return {"pid": 1, "running": True, "args": " ".join(argv), "argv": list(argv)}


HELD = snapshot(
    {
        "web.1": process("srv", "--fd", "$(socket.http.fileno)"),
        "web.2": process("srv", "--fd", "$(socket.http.fileno)"),
        "job": process("x"),
    },
    {"http": {"host": "127.0.0.1", "port": 8080}, "idle": {"path": "/run/[b]idle[/b].sock"}},
    {"web.config": '{"a": 2, "b": 1}', "motd": "hello"},
)
NOW = 1_000_000.0


def history() -> History:
    seen = History()
    for at, text in enumerate(['{"a": 0, "b": 1}', '{"a": 1, "b": 1}', '{"a": 2, "b": 1}']):
        seen.add_values({"web.config": text, "motd": "hello"}, NOW + at)
    return seen


def screen(selected: tuple[str, str] | None = None) -> WiringScreen:
    return WiringScreen(HELD, history(), selected)


def lit(stage: Stage) -> list[str]:
    """Return the names that are lit up."""
    return [part.split()[0] for line in stage.lines for part in line.split("●")[1:]]


@pytest.mark.parametrize(
    ("selected", "lights", "said"),
    [
        (("sockets", "http"), ["web.1", "web.2"], "http is held by web.1, web.2"),
        (("sockets", "idle"), [], "idle is held by no process"),
        (("processes", "web.1"), ["http", "web.config"], "web.1 holds http; shares its namespace with web.config"),
        (("processes", "job"), [], "job holds no socket, and shares its namespace with no value"),
        (("values", "web.config"), ["web.1", "web.2"], "web.config shares its namespace with web.1, web.2"),
        (("values", "motd"), [], "motd shares its namespace with no process"),
    ],
)
def test_what_is_related_lights_up(selected: tuple[str, str], lights: list[str], said: str) -> None:
    async def main() -> None:
        async with Stage(Host(screen(selected)), (120, 40)) as stage:
            await stage.shows(said)

            assert sorted(lit(stage)) == sorted(lights)

    asyncio.run(main())


def test_the_cursor_skips_headings_and_stops_at_the_ends() -> None:
    async def main() -> None:
        async with Stage(Host(screen()), (120, 40)) as stage:
            await stage.shows("http is held by")
            for key, said in (
                ("up", "http is"), ("down", "idle is"), ("down", "motd "), ("up", "idle is"), ("G", "web.config "),
                ("g", "http is"),
            ):  # fmt: skip
                await stage.press(key)
                await stage.shows(said)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (["enter"], ("sockets", "http")),
        (["down", "enter"], ("sockets", "idle")),
        (["tab", "down", "enter"], ("processes", "web.1")),
        (["l", "h", "enter"], ("sockets", "http")),
        (["right", "enter"], ("processes", "job")),
        (["escape"], None),
        (["W"], None),
    ],
)
def test_enter_goes_there_and_esc_leaves(keys: list[str], chosen: tuple[str, str] | None) -> None:
    async def main() -> None:
        async with Stage(Host(screen())) as stage:
            await stage.shows("http is held by")
            for key in keys:
                await stage.press(key)

            assert await stage.left() == chosen

    asyncio.run(main())


def test_a_click_lights_up_and_a_second_goes_there() -> None:
    async def main() -> None:
        wiring = screen()
        async with Stage(Host(wiring)) as stage:
            await stage.shows("http is held by")
            await stage.click(wiring.query_one("#right"), x=4, y=2)
            await stage.shows("web.1 holds http")
            await stage.click(wiring.query_one("#right"), x=4, y=2, times=2)

            assert await stage.left() == ("processes", "web.1")

    asyncio.run(main())


def test_the_last_change_of_a_value_is_told_line_by_line_with_those_before() -> None:
    async def main() -> None:
        async with Stage(Host(screen(("values", "web.config"))), (120, 40)) as stage:
            await stage.shows(
                f"changed at {clock(NOW + 2)}", '-   "a": 1,', '+   "a": 2,', f'{clock(NOW)} {{"a": 0, "b": 1}}'
            )

    asyncio.run(main())


def test_a_value_that_did_not_change_says_so() -> None:
    async def main() -> None:
        async with Stage(Host(screen(("values", "motd")))) as stage:
            await stage.shows("It has not changed while this console looked.")

    asyncio.run(main())


def test_an_empty_kernel_is_no_error() -> None:
    async def main() -> None:
        async with Stage(Host(WiringScreen(snapshot(), SimpleNamespace(values={})))) as stage:
            await stage.shows("The kernel holds nothing that could be connected.")
            await stage.press("down", "tab", "enter", "escape")

            assert await stage.left() is None

    asyncio.run(main())


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 60)])
def test_it_fits_and_shows_what_came_from_outside_as_it_is(size: tuple[int, int]) -> None:
    async def main() -> None:
        async with Stage(Host(screen(("sockets", "idle"))), size) as stage:
            await stage.shows("/run/[b]idl")

            assert stage.app.screen.region.contains_region(stage.region("Frame"))

    asyncio.run(main())
