"""A tiny application that shows one screen, and what tests ask of it."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from textual.app import App, ComposeResult
from textual.geometry import Offset, Region
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from papa.aio import AsyncPapa
from papa.requests import Request
from papa_console.dashboard.held.snapshot import Connection, KernelState, Snapshot
from papa_console.dashboard.screens.form import Form
from papa_protocol.model import ProcessInfo, SocketInfo
from support.wire import TIMEOUT

NOTHING = object()


def snapshot(
    processes: Mapping[str, ProcessInfo] | None = None,
    sockets: Mapping[str, SocketInfo] | None = None,
    values: Mapping[str, str] | None = None,
) -> Snapshot:
    """Return what a kernel may hold."""
    kernel = KernelState("127.0.0.1:20202", Connection.UP)
    return Snapshot(kernel, processes or {}, sockets or {}, values or {}, taken=1_000_000.0)


class Host(App[None]):
    """Shows a screen, and keeps what it is dismissed with."""

    def __init__(self, screen: Screen[Any] | None = None) -> None:
        super().__init__()
        self.shown = screen
        self.result: Any = NOTHING
        self.animation_level = "none"

    def compose(self) -> ComposeResult:
        yield Static("below")

    def on_mount(self) -> None:
        if self.shown is not None:
            self.push_screen(self.shown, self.keep)

    def keep(self, result: object) -> None:
        self.result = result


class Stage:
    """A running application: ``async with Stage(Host(screen)) as stage``.

    Args:
        app: it.
        size: the columns and rows of its terminal.
    """

    def __init__(self, app: Host, size: tuple[int, int] = (80, 24)) -> None:
        self.app = app
        self._running = app.run_test(size=size)

    async def __aenter__(self) -> Self:
        self.pilot = await self._running.__aenter__()
        if self.app.shown is not None:
            await self.until(lambda: self.app.screen is self.app.shown and self.app.shown.is_mounted, "it is shown")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.__aexit__(kind, error, trace)

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until a condition holds."""
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            assert time.monotonic() < deadline, f"after {TIMEOUT} s still not so: {what}\n{self.text}"
            await asyncio.sleep(0.005)

    async def press(self, *keys: str) -> None:
        """Press keys one after another."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.pilot.press(*text)

    async def click(self, widget: Widget, x: int = 1, y: int = 0, times: int = 1) -> None:
        """Click on a place in a widget."""
        await self.pilot.click(widget, offset=Offset(x, y), times=times)

    async def shows(self, *texts: str) -> None:
        """Wait until the screen shows each of some texts."""
        for text in texts:
            await self.until(lambda text=text: text in self.text, f"the screen shows {text!r}")  # type: ignore[misc]

    async def left(self) -> Any:
        """Wait until the screen has left, and return what it was dismissed with."""
        await self.until(lambda: self.app.result is not NOTHING, "the screen has left")
        return self.app.result

    @property
    def lines(self) -> list[str]:
        """What is on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in line).rstrip() for line in strips]

    @property
    def text(self) -> str:
        """What is on the screen, in one piece."""
        return "\n".join(self.lines)

    def region(self, selector: str) -> Region:
        """Return where a widget is."""
        return self.app.screen.query_one(selector).region


class KernelRunner:
    """Sends words to a real kernel, and keeps them."""

    def __init__(self, papa: AsyncPapa) -> None:
        self._papa = papa
        self.sent: list[list[str]] = []

    async def __call__(self, words: Sequence[str]) -> str:
        self.sent.append(list(words))
        return await self._papa._do(Request(tuple(words), lambda text, _: text))


async def never(words: Iterable[str]) -> str:
    """Stand for sending where nothing may be sent."""
    raise AssertionError(f"sent {list(words)}")


async def go_to(stage: Stage, form: Form, name: str) -> None:
    """Give the focus to a field of a form."""
    form.rows[name].take_focus()
    await stage.until(lambda: form.focused is not None and form.rows[name] in form.focused.ancestors, f"at {name}")


async def fill_in(stage: Stage, form: Form, **values: str) -> None:
    """Type into fields of a form."""
    for name, text in values.items():
        await go_to(stage, form, name)
        await stage.type(text)
