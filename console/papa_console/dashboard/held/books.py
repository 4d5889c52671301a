"""Which process the lines of each store come from, and what is said between them when that or the kernel changes."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from papa_console.dashboard.held.peeking import MISSED, Seen
from papa_console.dashboard.output.lines import Storage
from papa_protocol.model import ProcessInfo
from papa_protocol.watch import Kind, Record

SAME_KERNEL = "reconnected: the same kernel"
OTHER_KERNEL = "the kernel is another one"
_GROWTH = 2**20
Identity = tuple[int, float]


def identity_of(info: ProcessInfo) -> Identity:
    """Return what tells a process from others of its name."""
    return info.get("pid", 0), info.get("started", 0.0)


class Books:
    """Writes output into stores.

    Args:
        storage: the stores.
        on_end: called with the name of a process that has ended, and when it did.
        clock: tells the time, in seconds since 1970.
    """

    def __init__(self, storage: Storage, on_end: Callable[[str, float], None], clock: Callable[[], float]) -> None:
        self.storage = storage
        self._on_end = on_end
        self._clock = clock
        self._grown = 0  # by how many bytes since the last look at the bound
        self._seen = Seen()
        self._kept: dict[str, Identity] = {}  # whose lines a store has
        self._complete: set[str] = set()  # whose output has been taken in to the end
        self._cut: set[str] = set()  # whose output was cut off in the middle

    def is_complete(self, name: str, identity: Identity) -> bool:
        """Whether all output that a process can have written has been taken in."""
        return name in self._complete and self._kept.get(name) == identity

    def begin(self, members: Mapping[str, Identity]) -> None:
        """Go on with these processes; where they are not those of before, or there was a break, say so."""
        now = self._clock()
        for name, identity in members.items():
            store = self.storage.store(name)
            before = self._kept.get(name)
            if before is not None and before != identity:
                store.restart(f"another process of this name begins here: pid {identity[0]}", now)
                self._seen.forget(name)
                self._complete.discard(name)
            elif name in self._cut:
                store.note(SAME_KERNEL, now)
            self._kept[name] = identity
        self._cut -= members.keys()

    def add(self, record: Record) -> None:
        """Take in a record, and let older lines go where there are too many."""
        store = self.storage.store(record.name)
        before = store.size
        store.add(record)
        self._grown += store.size - before
        if self._grown > _GROWTH:
            self.trim()
        if record.kind is Kind.CLOSED:
            self._on_end(record.name, record.time)

    def trim(self) -> None:
        """Let the oldest lines go where the storage has more than it may."""
        if self._grown:
            self._grown = 0
            self.storage.trim()

    def add_look(self, records: Sequence[Record]) -> list[Record]:
        """Return what of a look has not been seen yet, and mark where something may be missing."""
        fresh, missed = self._seen.take(records)
        for name in missed:
            self.storage.store(name).note(MISSED, self._clock(), gap=0)
        return fresh

    def has_ended(self, names: Iterable[str]) -> bool:
        """Whether looks have brought the ends of all these."""
        return self._seen.covers(names)

    def finish(self, members: Mapping[str, Identity]) -> None:
        """Note that nothing more can come of these processes."""
        self._complete |= {name for name, identity in members.items() if self._kept.get(name) == identity}

    def cut_off(self, names: Iterable[str]) -> None:
        """Note that the output of these was cut off, not by us."""
        self._cut.update(names)

    def change_kernel(self) -> None:
        """Say in every store whose output was cut off that there is another kernel now."""
        for name in self._cut:
            self.storage.store(name).note(OTHER_KERNEL, self._clock())
        self._cut.clear()
