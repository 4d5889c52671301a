"""What the columns of processes are drawn from: facts of one process, or totals over a namespace. Pure."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Snapshot, unacknowledged
from papa_console.dashboard.held.vitals import Vital
from papa_console.dashboard.widgets.tree import Tree
from papa_protocol.model import ProcessInfo

T = TypeVar("T")
_RECENTLY = 10.0  # seconds for which a loss is news


@dataclass
class ProcessFacts:
    """What is known now.

    Args:
        snapshot: what the kernel holds.
        history: what it held.
        vitals: processor and memory of processes on this machine, by name.
        now: the time, in seconds since 1970.
        tree: how names fold, where they do.
    """

    snapshot: Snapshot
    history: History
    vitals: Mapping[str, Vital]
    now: float
    tree: Tree | None = None
    _totals: dict[Hashable, object] = field(default_factory=dict, init=False)

    def _once(self, what: str, key: str, total: Callable[[], T]) -> T:
        """Return a total over a row; that of a namespace, which may have thousands of members, is kept."""
        if not self.is_namespace(key):
            return total()
        if (what, key) not in self._totals:
            self._totals[what, key] = total()
        return self._totals[what, key]  # type: ignore[return-value]

    def fold(self, tree: Tree | None) -> None:
        """Let names fold into another tree, or into none."""
        self.tree = tree
        self._totals.clear()

    def is_namespace(self, key: str) -> bool:
        """Whether a row stands for a namespace."""
        return self.tree is not None and self.tree.is_namespace(key)

    def members(self, key: str) -> Sequence[str]:
        """Return the processes that a row stands for."""
        return self.tree.members(key) if self.tree is not None else (key,)

    def info(self, name: str) -> ProcessInfo:
        """Return what the kernel says of a process, nothing where it has gone."""
        return self.snapshot.processes.get(name) or ProcessInfo()

    def infos(self, key: str) -> list[ProcessInfo]:
        """Return what the kernel says of the processes of a row."""
        return self._once("infos", key, lambda: [self.info(name) for name in self.members(key)])

    def age(self, key: str) -> float | None:
        """Return for how long a process has run, or did."""
        info = self.info(key)
        started = info.get("started")
        if started is None or self.is_namespace(key):
            return None
        if info.get("running"):
            return self.now - started
        ended = self.history.ended(key)
        return ended - started if ended is not None else None

    def cpu(self, key: str) -> float | None:
        """Return the percents of a processor that a row uses; None unless all that run have been measured."""
        return self._measured(key, lambda vital: vital.cpu)

    def memory(self, key: str) -> float | None:
        """Return the bytes of memory that a row uses; None unless all that run have been measured."""
        return self._measured(key, lambda vital: vital.memory)

    def _measured(self, key: str, read: Callable[[Vital], float | None]) -> float | None:
        running = [name for name, info in zip(self.members(key), self.infos(key), strict=True) if info.get("running")]
        vitals = [self.vitals.get(name) for name in running]
        return _sum(read(vital) if vital is not None else None for vital in vitals)

    def rate(self, key: str) -> float | None:
        """Return how many bytes a row writes in a second; None where the kernel does not say."""
        if not any("position" in info for info in self.infos(key)):
            return None
        return self._once("rate", key, lambda: sum(map(self.history.rate, self.members(key))))

    def spark(self, key: str, columns: int) -> list[float]:
        """Return how many bytes a second a row wrote lately."""
        if not self.is_namespace(key):
            return self.history.spark(key, columns)
        return self._once(f"spark {columns}", key, lambda: self._sum_of_sparks(self.members(key), columns))

    def _sum_of_sparks(self, names: Iterable[str], columns: int) -> list[float]:
        sparks = [self.history.spark(name, columns) for name in names]
        return list(map(sum, zip(*sparks, strict=True)))

    def buffer(self, key: str) -> tuple[int, int] | None:
        """Return how many bytes are buffered and how many may be; None where the kernel does not say."""
        known = [info for info in self.infos(key) if "bufsize" in info]
        if not known:
            return None
        return sum(info.get("buffered", 0) for info in known), sum(info["bufsize"] for info in known)

    def fill(self, key: str) -> float | None:
        """Return how full the buffer is, from 0 to 1; of a namespace, that of the fullest."""
        known = [info.get("buffered", 0) / info["bufsize"] for info in self.infos(key) if info.get("bufsize")]
        return max(known, default=None)

    def forecast(self, key: str) -> float | None:
        """Return in how many seconds output will be lost, the soonest of a namespace."""
        return self._once("forecast", key, lambda: _least(map(self.history.forecast, self.members(key))))

    def losing(self, key: str) -> bool:
        """Whether output was dropped a moment ago."""
        since = self.now - _RECENTLY
        members = zip(self.members(key), self.infos(key), strict=True)
        return any(self.history.dropped_since(name, since) for name, info in members if info.get("dropped"))

    def unacknowledged(self, key: str) -> float | None:
        """Return how many bytes nobody has acknowledged."""
        return _sum(unacknowledged(info) if "buffered" in info else None for info in self.infos(key))

    def dropped(self, key: str) -> float | None:
        """Return how many bytes the kernel had to drop."""
        return _sum(info.get("dropped") for info in self.infos(key))

    def watchers(self, key: str) -> int:
        """Return how many others read and acknowledge the output."""
        return sum(int(info.get("watchers", 0)) for info in self.infos(key))

    def running(self, key: str) -> int:
        """Return how many processes of a row run."""
        return sum(1 for info in self.infos(key) if info.get("running"))

    def failed(self, key: str) -> bool:
        """Whether a process of a row ended with a failure."""
        return any(has_failed(info) for info in self.infos(key))


def has_failed(info: ProcessInfo) -> bool:
    """Whether a process has ended, and not with status 0."""
    return not info.get("running") and bool(info.get("status", 0))


def _least(values: Iterable[float | None]) -> float | None:
    return min((value for value in values if value is not None), default=None)


def _sum(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if not known or None in known else sum(value for value in known if value is not None)
