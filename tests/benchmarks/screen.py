"""How quick the output pane stays under load: keys, painting and the processor, at 120x40.

``python tests/benchmarks/screen.py`` prints what was measured beside its goal; ``--seconds N`` for each, and the words
of a line's name to run only some. The application is a real one, whose driver turns frames into bytes as a terminal
would get them and counts these. One tick every 50 ms takes in what was offered, as the main screen does. A key is
posted from another thread, as drivers do, and counts until its action has run, and until the next frame is written.
"""

import argparse
import asyncio
import gc
import resource
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from textual import events
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.widgets import Footer

from papa_console.dashboard.output.lines import Storage
from papa_console.dashboard.widgets.output_pane import OutputPane
from papa_protocol.watch import Kind, Record

SIZE = (120, 40)
TICK = 0.05
BUDGET = 0.01
INTAKE = 0.015  # what the link may take of a tick; the kernel holds the rest, or has to drop it
KEY_EVERY = 0.05
RECORD = 32 * 1024
GOALS = {"action": 20.0, "paint": 60.0, "cpu": 50.0}


class CountingDriver(HeadlessDriver):
    """A terminal that takes every frame and counts its bytes."""

    written = 0

    @property
    def is_headless(self) -> bool:
        """Frames are to be made."""
        return False

    def write(self, data: str) -> None:
        """Count a frame."""
        CountingDriver.written += len(data.encode())


@dataclass
class Load:
    """What is offered.

    Args:
        name: what the report calls it.
        rate: lines a second, of all processes.
        line: makes a line from its number.
        stores: how many processes.
    """

    name: str
    rate: int
    line: Callable[[int], bytes]
    stores: int = 1


@dataclass
class Found:
    """What was measured."""

    actions: list[float] = field(default_factory=list)
    paints: list[float] = field(default_factory=list)
    taken: int = 0
    shown: int = 0
    ticks: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    bytes: int = 0


def plain(number: int) -> bytes:
    return b"2024-11-23 16:13:00,%06d INFO worker.%d handled request %d in 12 ms, status 200 OK" % (
        number % 1_000_000, number % 7, number)  # fmt: skip


def coloured(number: int) -> bytes:
    text = b"\x1b[2m16:13:00.%06d\x1b[0m \x1b[32mINFO\x1b[0m worker.%d \x1b[1mhandled\x1b[0m request \x1b[36m%d\x1b[0m"
    return text % (number % 1_000_000, number % 7, number)


def yes(_: int) -> bytes:
    return b"y"


LOADS = (
    Load("nothing", 0, plain),
    Load("plain 1,000/s", 1_000, plain),
    Load("plain 100,000/s", 100_000, plain),
    Load("ansi 100,000/s", 100_000, coloured),
    Load("yes 3,000,000/s", 3_000_000, yes),
    Load("merged 100 x 1,000/s", 100_000, coloured, 100),
)


class Feed:
    """Gives the stores what the load offers, as records like those of the kernel."""

    def __init__(self, load: Load, storage: Storage) -> None:
        self.load = load
        self.storage = storage
        self.names = [f"process.{number:03}" for number in range(load.stores)]
        self.positions = dict.fromkeys(self.names, 0)
        self.taken = 0
        self._blocks = list(self._made())

    def _made(self) -> Iterator[tuple[bytes, int]]:
        """Yield blocks of lines and how many each has: whole records of one process, a tenth of a second of many."""
        length = len(self.load.line(0)) + 1
        count = max(min(RECORD // length, max(self.load.rate // self.load.stores // 20, 1)), 1)
        for start in range(0, 50 * count, count):
            yield b"".join(self.load.line(number) + b"\n" for number in range(start, start + count)), count

    def offer(self, due: int) -> None:
        """Give the stores as many lines as are due, or fewer where these take too long."""
        turn, until = 0, time.perf_counter() + INTAKE
        while self.taken < due and time.perf_counter() < until:
            data, count = self._blocks[(self.taken // 7) % len(self._blocks)]
            name = self.names[turn % len(self.names)]
            self.positions[name] += len(data)
            kind = Kind.ERR if turn % 10 == 9 else Kind.OUT
            self.storage.store(name).add(Record(kind, name, time.time(), data, position=self.positions[name]))
            self.taken += count
            turn += 1
        self.storage.trim()


class Probe(App[None]):
    """The pane and a footer, driven by one tick."""

    def __init__(self, load: Load, seconds: float) -> None:
        super().__init__(driver_class=CountingDriver)
        self.storage = Storage()
        self.feed = Feed(load, self.storage)
        self.seconds = seconds
        self.found = Found()
        self.pane = OutputPane()
        self._posted = 0.0
        self._acted = 0.0

    def compose(self) -> ComposeResult:
        yield self.pane
        yield Footer()

    def on_mount(self) -> None:
        self.animation_level = "none"
        self.pane.lines.focus()
        self.pane.show([self.storage.store(name) for name in self.feed.names])
        self.run_worker(self._drive())

    async def _drive(self) -> None:
        """Tick until the time is over, then leave."""
        for action in ("action_up", "action_last"):
            self._watch(action)
        self.tick(0)
        await asyncio.sleep(0.3)
        gc.collect()
        gc.freeze()  # else each full collection looks at all of Textual, for 50 ms or more
        typist = threading.Thread(target=self._type, args=(asyncio.get_running_loop(),), daemon=True)
        started, used, written = time.perf_counter(), time.process_time(), CountingDriver.written
        typist.start()
        due = started
        while (elapsed := time.perf_counter() - started) < self.seconds:
            self.tick(elapsed)
            due = max(due + TICK, time.perf_counter())
            await asyncio.sleep(due - time.perf_counter())
        self.found.seconds, self.found.cpu = elapsed, time.process_time() - used
        self.found.bytes, self.found.taken = CountingDriver.written - written, self.feed.taken
        self.found.shown = self.pane.view.next
        typist.join()
        self.exit()

    def tick(self, elapsed: float) -> None:
        """Take in what is due and let the pane work."""
        self.feed.offer(int(elapsed * self.feed.load.rate))
        self.pane.tick(time.time(), BUDGET)
        self.found.ticks += 1

    def _watch(self, action: str) -> None:
        """Note when an action of the pane is done."""
        done = getattr(self.pane, action)

        def noted() -> None:
            done()
            self._acted = time.perf_counter()
            self.found.actions.append(self._acted - self._posted)

        setattr(self.pane, action, noted)

    def _type(self, loop: asyncio.AbstractEventLoop) -> None:
        """Press a key now and then, from another thread as drivers do."""
        until = time.perf_counter() + self.seconds - 4 * KEY_EVERY
        keys = 0
        while time.perf_counter() < until:
            time.sleep(KEY_EVERY * (0.7 + 0.6 * (keys % 7) / 7))
            key = "G" if keys % 2 else "k"
            self._posted = time.perf_counter()
            asyncio.run_coroutine_threadsafe(self._post_message(events.Key(key, key)), loop)
            keys += 1

    def post_display_hook(self) -> None:
        """Note when the frame after an action has been written."""
        if self._acted:
            self.found.paints.append(time.perf_counter() - self._posted)
            self._acted = 0.0


def part(values: Sequence[float], share: float) -> float:
    """Return a quantile in milliseconds."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] * 1000 if values else 0.0


def measure(load: Load, seconds: float) -> Found:
    app = Probe(load, seconds)
    asyncio.run(app.run_async(size=SIZE))
    return app.found


def report(load: Load, found: Found) -> None:
    """Print one line, and which goals were missed."""
    cpu = 100 * found.cpu / found.seconds
    action, paint = part(found.actions, 0.95), part(found.paints, 0.95)
    missed = [name for name, value in (("action", action), ("paint", paint), ("cpu", cpu)) if value > GOALS[name]]
    print(
        f"{load.name:<22} action {part(found.actions, 0.5):5.1f} /{action:6.1f}  paint {part(found.paints, 0.5):5.1f}"
        f" /{paint:6.1f} ms  cpu {cpu:5.1f} %  shown {found.shown / found.seconds:>9,.0f} of "
        f"{found.taken / found.seconds:>9,.0f} of {load.rate:>9,}/s  ticks {found.ticks / found.seconds:4.1f}/s  "
        f"{found.bytes / found.seconds / 1000:6.1f} kB/s  {'missed: ' + ', '.join(missed) if missed else 'met'}"
    )


def main() -> None:
    """Measure the loads in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("loads", nargs="*")
    options = parser.parse_args()
    print(f"{SIZE[0]}x{SIZE[1]}, key -> action and key -> paint: median / 95th percentile; goals {GOALS}")
    for load in LOADS:
        if not options.loads or any(word in load.name for word in options.loads):
            report(load, measure(load, options.seconds))
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


if __name__ == "__main__":
    main()
