"""An application around the three lists, what they show as text, and things for a kernel to hold."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.pilot import Pilot

from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Connection, KernelState, Snapshot
from papa_console.dashboard.held.vitals import Vital
from papa_console.dashboard.widgets.lists import HeldList, ProcessList, SocketList, ValueList
from papa_console.dashboard.widgets.messages import MarksChanged, Opened, Selected
from papa_protocol.model import ProcessInfo, SocketInfo
from support.keys import all_handed_on
from support.wire import TIMEOUT

NOW = 1_700_000_000.0
KERNEL = KernelState("/run/papa.sock", Connection.UP)


def process(**facts: object) -> ProcessInfo:
    """Return a process that has run for a minute, but for what is given."""
    usual = {"pid": 4211, "running": True, "started": NOW - 60, "bufsize": 1000, "buffered": 0, "dropped": 0}
    return {**usual, "position": 0, "args": "sleep 60", "argv": ["sleep", "60"], **facts}  # type: ignore[typeddict-item]


def snapshot(
    processes: Mapping[str, ProcessInfo] | None = None,
    sockets: Mapping[str, SocketInfo] | None = None,
    values: Mapping[str, str] | None = None,
) -> Snapshot:
    return Snapshot(KERNEL, processes or {}, sockets or {}, values or {}, NOW)


class ListsApp(App[None]):
    """The lists; a test shows snapshots on them."""

    pilot: Pilot[None]

    def __init__(self) -> None:
        super().__init__()
        self.history = History()
        self.vitals: dict[str, Vital] = {}
        self.told: list[Selected | Opened | MarksChanged] = []

    def compose(self) -> ComposeResult:
        with Vertical():
            yield ProcessList(id="processes")
            yield SocketList(id="sockets")
            yield ValueList(id="values")

    def on_mount(self) -> None:
        self.animation_level = "none"

    def on_selected(self, message: Selected) -> None:
        self.told.append(message)

    def on_opened(self, message: Opened) -> None:
        self.told.append(message)

    def on_marks_changed(self, message: MarksChanged) -> None:
        self.told.append(message)

    def list_of(self, kind: str) -> HeldList:
        return self.query_one(f"#{kind}", HeldList)

    @property
    def processes(self) -> ProcessList:
        return self.query_one(ProcessList)

    def only(self, kind: str) -> HeldList:
        """Give one list all the room, and the focus."""
        for shown in self.query(HeldList):
            shown.display = shown.id == kind
        self.list_of(kind).focus()
        return self.list_of(kind)

    def show(self, held: Snapshot, now: float = NOW) -> None:
        for shown in self.query(HeldList):
            shown.show(held, self.history, self.vitals, now)

    @property
    def rows(self) -> list[str]:
        """What the screen shows, without trailing blanks."""
        strips = self.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    def names(self, kind: str = "processes") -> list[str]:
        """Return the rows of a list."""
        return list(self.list_of(kind).table.rows.keys)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until a condition holds."""
        deadline = asyncio.get_running_loop().time() + TIMEOUT
        while not condition():
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError("the screen never came to show it:\n" + "\n".join(self.rows))
            await asyncio.sleep(0.005)

    async def press(self, *keys: str) -> None:
        """Press keys as a terminal sends them, and wait until they have arrived."""
        for key in keys:
            self.post_message(events.Key(key, key if len(key) == 1 else None))
        await all_handed_on(self)

    async def has_told(self, message: type[Selected | Opened | MarksChanged], **facts: object) -> None:
        """Wait until the lists have told something."""

        def told(one: object) -> bool:
            return isinstance(one, message) and all(getattr(one, key) == value for key, value in facts.items())

        await self.until(lambda: any(map(told, self.told)))


def on_lists(test: Callable[[ListsApp], Awaitable[None]], size: tuple[int, int] = (80, 24), only: str = "") -> None:
    """Run a test with the lists on a screen, or only one of them, which has the focus."""

    async def main() -> None:
        app = ListsApp()
        async with app.run_test(size=size) as app.pilot:
            if only:
                table = app.only(only).table
                await app.until(lambda: table.has_focus and table.size.width)
            await test(app)

    asyncio.run(main())
