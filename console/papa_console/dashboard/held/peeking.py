"""Output of a papa 1.0 kernel, which cannot tail: look at a batch, close without acknowledging it, look again.

Each look brings everything that is buffered; what was seen before is told by its time and left out. Whoever owns the
output may acknowledge some between two looks, or the kernel may drop some without a word: that is noticed where the
record that was seen last is gone, and marked.
"""

from collections.abc import Iterable, Sequence

from papa_protocol.watch import Kind, Record

PAUSE = 0.5
LOOKS_AGAIN = "this kernel is papa 1.0: looking again every half second"
MISSED = "output may be missing here: papa 1.0 does not say"
_LIGHT = 256 * 1024  # bytes that one look may bring; for more it is taken less often


def pause_after(brought: int) -> float:
    """Return for how many seconds to rest after a look that brought so many bytes."""
    return PAUSE * max(brought / _LIGHT, 1.0)


class Seen:
    """What has been seen of each process, by name."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._ended: set[str] = set()

    def take(self, records: Sequence[Record]) -> tuple[list[Record], set[str]]:
        """Return the records that are new, and before whose output some may be missing."""
        fresh = [record for record in records if record.time > self._last.get(record.name, 0.0)]
        there = {(record.name, record.time) for record in records}
        speak = {record.name for record in fresh}
        missed = {name for name in speak if name in self._last and (name, self._last[name]) not in there}
        for record in fresh:
            self._last[record.name] = record.time
            if record.kind is Kind.CLOSED:
                self._ended.add(record.name)
        return fresh, missed

    def covers(self, names: Iterable[str]) -> bool:
        """Whether the ends of all these processes have been seen."""
        return self._ended.issuperset(names)

    def forget(self, name: str) -> None:
        """Begin anew with another process of this name."""
        self._last.pop(name, None)
        self._ended.discard(name)
