"""The rows of the table, in their order, each with its goals: the one place that says what is aimed at."""

from dataclasses import dataclass
from enum import Enum


class Against(Enum):
    """What a goal's bound is a multiple of."""

    ITSELF = "itself"
    PAPA_1 = "papa1"
    LIMIT = "limit"
    ROW = "row"


@dataclass(frozen=True)
class Goal:
    """A bound: at most where less is better, at least where more is better.

    Args:
        against: what it multiplies.
        bound: how many times, or the value itself.
        row: our own row that it multiplies, for ``Against.ROW``.
    """

    against: Against
    bound: float
    row: str = ""


@dataclass(frozen=True)
class Row:
    """One figure.

    Args:
        key: what selects it, by prefix.
        bench: what measures it.
        title: what it is, in words.
        unit: of the values.
        goal: what is aimed at.
        more: more is better.
    """

    key: str
    bench: str
    title: str
    unit: str
    goal: Goal | None = None
    more: bool = False


def papa_1(bound: float) -> Goal:
    return Goal(Against.PAPA_1, bound)


def limit(bound: float) -> Goal:
    return Goal(Against.LIMIT, bound)


def value(bound: float) -> Goal:
    return Goal(Against.ITSELF, bound)


def row(key: str, bound: float) -> Goal:
    return Goal(Against.ROW, bound, key)


LESS, MORE = False, True

ROWS = (
    Row("round-trip.tcp.set", "round-trip.tcp", "set and wait, TCP", "µs", papa_1(1)),
    Row("round-trip.tcp.set.p99", "round-trip.tcp", "set and wait, TCP, p99", "µs", papa_1(1)),
    Row("round-trip.tcp.get", "round-trip.tcp", "get and wait, TCP", "µs", papa_1(1)),
    Row("round-trip.tcp.get.p99", "round-trip.tcp", "get and wait, TCP, p99", "µs", papa_1(1)),
    Row("round-trip.unix.set", "round-trip.unix", "set and wait, Unix socket", "µs", papa_1(1)),
    Row("round-trip.unix.set.p99", "round-trip.unix", "set and wait, Unix socket, p99", "µs", papa_1(1)),
    Row("round-trip.unix.get", "round-trip.unix", "get and wait, Unix socket", "µs", papa_1(1)),
    Row("round-trip.unix.get.p99", "round-trip.unix", "get and wait, Unix socket, p99", "µs", papa_1(1)),
    Row("pipelined.tcp", "pipelined.tcp", "gets without waiting, TCP", "/s", papa_1(1.5), MORE),
    Row("pipelined.unix", "pipelined.unix", "gets without waiting, Unix socket", "/s", papa_1(1.5), MORE),
    Row("clients", "clients", "50 clients, each asking and waiting", "/s", papa_1(2), MORE),
    Row("clients.p99", "clients", "50 clients, p99 of their waits", "ms"),
    Row("list.name.alone", "list", "list 2 values by name, no others", "µs"),
    Row("list.name", "list", "list 2 of 10,000 values by name", "µs", row("list.name.alone", 1.5)),
    Row("list.pattern.alone", "list", "list 2 values by pattern, no others", "µs"),
    Row("list.pattern", "list", "list 2 of 10,000 values by pattern", "µs", row("list.pattern.alone", 3)),
    Row("spawn.none.captured", "spawn.none", "start processes", "/s", limit(0.7), MORE),
    Row("spawn.none.uncaptured", "spawn.none", "start processes, bufsize=0", "/s", limit(0.7), MORE),
    Row("spawn.held.captured", "spawn.held", "start processes, 2,000 held", "/s", limit(0.7), MORE),
    Row("spawn.held.uncaptured", "spawn.held", "start processes, 2,000 held, bufsize=0", "/s", limit(0.7), MORE),
    Row("capture.tcp", "capture.tcp", "a flood to a watcher, TCP", "MB/s", limit(0.5), MORE),
    Row("capture.tcp.dropped", "capture.tcp", "a flood to a watcher, TCP: dropped", "%", value(0)),
    Row("capture.unix", "capture.unix", "a flood to a watcher, Unix socket", "MB/s", limit(0.6), MORE),
    Row("capture.unix.dropped", "capture.unix", "a flood to a watcher, Unix socket: dropped", "%", value(0)),
    Row("capture.nobody", "capture.nobody", "a flood that nobody watches", "MB/s", limit(0.7), MORE),
    Row("lines", "lines", "short lines (seq) to a watcher", "MB/s", papa_1(1), MORE),
    Row("lines.dropped", "lines", "short lines (seq) to a watcher: dropped", "%"),
    Row("talkers", "talkers", "100 talkers to one watcher", "MB/s", papa_1(1), MORE),
    Row("talkers.fair", "talkers", "100 talkers: the median's share, times the slowest's", "x", value(2)),
    Row("delay", "delay.alone", "from a write to its watcher", "ms", value(0.3)),
    Row("delay.p99", "delay.alone", "from a write to its watcher, p99", "ms", value(2)),
    Row("delay.held", "delay.held", "from a write to its watcher, 1,000 idle, 20 busy", "ms", value(0.3)),
    Row("delay.held.p99", "delay.held", "from a write to its watcher, 1,000 idle, 20 busy, p99", "ms", value(2)),
    Row("load", "load", "get while 100 MB/s is captured", "ms"),
    Row("load.p99", "load", "get while 100 MB/s is captured, p99", "ms", value(5)),
    Row("load.rate", "load", "… what the watcher got meanwhile", "MB/s", None, MORE),
    Row("memory.process", "idle", "memory for each idle process, 1,000 held", "KiB", value(8)),
    Row("memory.idle", "idle", "memory of an idle kernel", "MiB", value(12)),
    Row("threads", "idle", "threads with 1,000 processes", "", value(1)),
    Row("wakeups", "idle", "wake-ups while idle, 1,000 and a watcher", "/s", value(0)),
    Row("start", "start", "start to first prompt", "ms", papa_1(1)),
    Row("scale.held", "scale", "processes at once (limit: the machine's)", "", limit(1), MORE),
    Row("scale.get", "scale", "get and wait, 10,000 held", "µs", row("round-trip.unix.get", 2)),
    Row("scale.delay", "scale", "from a write to its watcher, 10,000 held", "ms", value(0.6)),
    Row("scale.delay.p99", "scale", "from a write to its watcher, 10,000 held, p99", "ms", value(4)),
    Row("scale.memory", "scale", "memory for each, 10,000 held", "KiB", value(16)),
    Row("scale.spawn", "scale", "start processes, 10,000 held", "/s", limit(0.35), MORE),
    Row("scale.list.alone", "scale", "list 2 of 10 processes by name", "µs"),
    Row("scale.list", "scale", "list 2 of 10,000 processes by name", "µs", row("scale.list.alone", 3)),
    Row("library.read.flood", "client", "client: Watcher.read, a flood", "MB/cpu s", None, MORE),
    Row("library.read.lines", "client", "client: Watcher.read, short lines", "MB/cpu s", None, MORE),
    Row("library.processes", "client", "client: list_processes of 1,000", "rows/cpu s", None, MORE),
    Row("library.values", "client", "client: list_values of 10,000", "rows/cpu s", None, MORE),
)
