"""How quick the lists are with 2,000 processes and 10,000 values, at 200x60.

``python tests/benchmarks/lists.py`` prints what was measured beside its goal. The application is a real one, whose
driver turns frames into bytes as a terminal would get them. Keys and calls count until the frame after them has been
written, a refresh that changes nothing until the call returns, since no frame follows. Goals are for the time of the
processor, since Textual waits for up to 16 ms before it draws; the time on the wall includes that.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.drivers.headless_driver import HeadlessDriver

from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Connection, KernelState, Snapshot
from papa_console.dashboard.held.vitals import Vital
from papa_console.dashboard.widgets.lists import HeldList, ProcessList, SocketList, ValueList
from papa_protocol.model import ProcessInfo

SIZE = (200, 60)
PROCESSES, SOCKETS, VALUES = 2_000, 100, 10_000
NOW = 1_800_000_000.0
RUNS = 40
SETTLED = 0.05
KINDS = ("web", "worker", "ingest", "mail", "batch")
Took = tuple[float, float]  # seconds of the processor, and on the wall
KERNEL = KernelState("/run/papa.sock", Connection.UP)


@dataclass
class Result:
    """What one thing took, and the goal for the 95th percentile in milliseconds."""

    what: str
    took: list[Took]
    goal: float

    def report(self) -> str:
        """Return a line for people."""
        used, passed = (sorted(1000 * times[index] for times in self.took) for index in (0, 1))
        high = int(len(self.took) * 0.95)
        verdict = "met" if used[high] <= self.goal else "MISSED"
        figures = " ".join(f"{times[len(times) // 2]:7.1f} {times[high]:6.1f}" for times in (used, passed))
        return f"{self.what:<30} {figures}   goal {self.goal:3.0f}  {verdict}"


class FrameDriver(HeadlessDriver):
    """A terminal that takes every frame."""

    @property
    def is_headless(self) -> bool:
        """Frames are to be made."""
        return False

    def write(self, data: str) -> None:
        """Take a frame as bytes."""
        data.encode()


def now() -> Took:
    return time.process_time(), time.perf_counter()


def since(before: Took) -> Took:
    after = now()
    return after[0] - before[0], after[1] - before[1]


def name_of(number: int) -> str:
    return f"{KINDS[number % 5]}.{number % 40}.{number:05}"


def process(number: int, second: int) -> ProcessInfo:
    written = second * (number % 97) * 100
    return ProcessInfo(
        pid=1000 + number, running=number % 50 > 0, status=number % 3, started=NOW - number, bufsize=1 << 20,
        buffered=written % (1 << 20), dropped=0, position=written, args=f"python -m server {number}",
        argv=["python", "-m", "server", f"$(socket.s{number % SOCKETS}.fileno)"],
    )  # fmt: skip


def held(second: int) -> Snapshot:
    """Return what is held at a second, in which every process and value has changed."""
    return Snapshot(
        KERNEL,
        {name_of(number): process(number, second) for number in range(PROCESSES)},
        {f"s{number}": {"family": "inet", "host": "127.0.0.1", "port": 8000 + number} for number in range(SOCKETS)},
        {name_of(number): f"value {number} at {second}" for number in range(VALUES)},
        NOW + second,
        second,
    )


class Probe(App[None]):
    """The three lists in a column that is as wide as on a large screen, or the whole screen."""

    CSS = "#lists { width: 76; }"

    def __init__(self) -> None:
        super().__init__(driver_class=FrameDriver)
        self.history = History()
        self.snapshots = [held(second) for second in range(2)]
        self.vitals = {name: Vital(1.5, 50_000_000) for name in self.snapshots[0].processes}
        self.painted = asyncio.Event()
        self.results: list[Result] = []

    def compose(self) -> ComposeResult:
        with Horizontal(), Vertical(id="lists"):
            yield ProcessList()
            yield SocketList()
            yield ValueList()

    def post_display_hook(self) -> None:
        """Note that a frame has been written."""
        self.painted.set()

    def on_mount(self) -> None:
        self.animation_level = "none"
        self.run_worker(self._measure())

    def show(self, snapshot: Snapshot) -> None:
        for shown in self.query(HeldList):
            shown.show(snapshot, self.history, self.vitals, snapshot.taken)

    async def press(self, key: str) -> None:
        character = key if len(key) == 1 else None
        await self._post_message(events.Key(key, character))

    async def timed(self, act: Callable[[], Awaitable[None]]) -> Took:
        """Return what it took from doing something to the end of the next frame."""
        await asyncio.sleep(SETTLED)
        self.painted.clear()
        before = now()
        await act()
        async with asyncio.timeout(5):
            await self.painted.wait()
        return since(before)

    async def keys(self, what: str, keys: Iterable[str], goal: float) -> None:
        """Measure keys."""
        self.results.append(Result(what, [await self.timed(partial(self.press, key)) for key in keys], goal))
        await asyncio.sleep(4 * SETTLED)  # no key is left for what comes next

    async def shows(self, what: str, goal: float) -> None:
        """Measure refreshes in which everything has changed."""

        async def show(number: int) -> None:
            self.show(self.snapshots[number % 2])

        self.results.append(Result(what, [await self.timed(partial(show, number)) for number in range(RUNS)], goal))

    async def _measure(self) -> None:
        for snapshot in self.snapshots:
            self.history.add(snapshot.processes, snapshot.taken)
            self.history.add_values(snapshot.values, snapshot.taken)
            self.show(snapshot)
        processes, values = self.query_one(ProcessList).table, self.query_one(ValueList).table
        self.set_focus(values)
        await self.keys("warming up", "jk", 1000)
        await self.keys("down, 10,000 values", "j" * RUNS, 16)
        await self.keys("page down, 10,000 values", ["pagedown"] * RUNS, 16)
        await self.keys("sort 10,000 values", "s" * RUNS, 50)
        values.sort_by("name")
        await self._filter(values.action_filter, "10,000 values")
        self.set_focus(processes)
        await self.keys("sort 2,000 processes", "s" * RUNS, 50)
        await self.keys("tree of 2,000 processes", "T" * RUNS, 200)
        processes.sort_by("name")
        await self._filter(processes.action_filter, "2,000 processes")
        await self._refreshes()
        self.exit()

    async def _filter(self, begin: Callable[[], None], what: str) -> None:
        begin()
        narrowing = ["w", "e", "b", "backspace", "backspace", "backspace", "!", "m", "a", "backspace"]
        await self.keys(f"filter {what}", (narrowing + ["backspace"] * 2) * (RUNS // 10), 16)
        await self.keys("  that nothing or all passes", ["~", "backspace"] * (RUNS // 2), 50)
        await self.press("escape")
        await asyncio.sleep(SETTLED)

    async def _refreshes(self) -> None:
        processes = self.query_one(ProcessList)
        for sort in ("name", "rate"):
            processes.table.sort_by(sort)
            await self.shows(f"all of it changed, by {sort}", 50)
        for sort in ("name", "rate"):
            processes.table.sort_by(sort)
            await asyncio.sleep(SETTLED)
            found = []
            for number in range(RUNS):
                later = replace(self.snapshots[1], taken=NOW + 1 + number / 100)
                before = now()
                self.show(later)
                found.append(since(before))
            self.results.append(Result(f"nothing changed, by {sort}", found, 16))


def main() -> None:
    """Measure everything."""
    app = Probe()
    asyncio.run(app.run_async(size=SIZE))
    print(f"{SIZE[0]}x{SIZE[1]}, {PROCESSES:,} processes, {VALUES:,} values; milliseconds, median and 95th percentile")
    print(f"{'':<30} {'processor':>14} {'wall':>14}")
    for result in app.results:
        print(result.report())


if __name__ == "__main__":
    main()
