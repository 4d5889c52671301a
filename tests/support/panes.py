"""An application around one pane of output, and what it shows as text."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from papa_console.dashboard.output.lines import LineStore, Storage
from papa_console.dashboard.widgets.output_pane import CopyAsked, OutputPane
from papa_protocol.watch import Kind, Record
from support.keys import all_handed_on
from support.wire import TIMEOUT

NOW = 1_700_000_000.0


class PaneApp(App[None]):
    """The pane; a test ticks it."""

    def __init__(self, names: Sequence[str] = ("web.1",)) -> None:
        super().__init__()
        self.storage = Storage()
        self.pane = OutputPane()
        self.names = names
        self.now = NOW
        self.copied: list[CopyAsked] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.animation_level = "none"
        self.pane.show([self.store(name) for name in self.names])
        self.pane.lines.focus()

    def on_copy_asked(self, message: CopyAsked) -> None:
        self.copied.append(message)

    def store(self, name: str = "") -> LineStore:
        return self.storage.store(name or self.names[0])

    def write(self, *lines: str | bytes, name: str = "", kind: Kind = Kind.OUT, end: bytes = b"\n") -> None:
        """Have a process write lines, a second after those before."""
        self.now += 1
        store = self.store(name)
        data = b"".join((line.encode() if isinstance(line, str) else line) + end for line in lines)
        store.add(Record(kind, store.name, self.now, data, position=store.position + len(data)))

    def exit_with(self, status: int, name: str = "") -> None:
        """Have a process end."""
        self.now += 1
        store = self.store(name)
        store.add(Record(Kind.CLOSED, store.name, self.now, number=status, position=store.position + 1))

    def tick(self) -> bool:
        return self.pane.tick(self.now, 1.0)

    @property
    def rows(self) -> list[str]:
        """What the screen shows, without trailing blanks; the border counts as thin whether or not it has the focus."""
        strips = self.screen._compositor.render_strips()
        rows = ["".join(segment.text for segment in strip).rstrip() for strip in strips]
        return [f"│{row[1:-1]}│" if row[:1] == row[-1:] == "┃" else row for row in rows]

    @property
    def text(self) -> list[str]:
        """What is inside the pane's border, without gutter and scrollbar."""
        gutter = self.pane.lines.look.gutter
        return [row[1 + gutter : -2].rstrip() for row in self.rows[1:-1]]

    async def until(self, condition: Callable[[], object]) -> None:
        """Tick until a condition holds."""
        deadline = asyncio.get_running_loop().time() + TIMEOUT
        while True:
            self.tick()
            if condition():
                return
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError("the screen never came to show it:\n" + "\n".join(self.rows))
            await asyncio.sleep(0.01)

    async def change(self, key: str, what: Callable[[], object]) -> None:
        """Press a key and wait until something differs."""
        before = what()
        await self.press(key)
        await self.until(lambda: what() != before)

    async def press(self, *keys: str) -> None:
        """Press keys as a terminal sends them."""
        for key in keys:
            self.post_message(events.Key(key, key if len(key) == 1 else None))


def on_pane(
    test: Callable[[PaneApp, Pilot[None]], Awaitable[None]],
    names: Sequence[str] = ("web.1",),
    size: tuple[int, int] = (60, 12),
) -> None:
    """Run a test with a pane on a screen."""

    async def main() -> None:
        app = PaneApp(names)
        async with app.run_test(size=size) as pilot:
            await app.until(lambda: app.pane.lines.size.width)
            await test(app, pilot)
            await all_handed_on(app)

    asyncio.run(main())
