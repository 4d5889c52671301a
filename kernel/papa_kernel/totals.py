"""Sums over all listed processes, at the cost of those whose output has changed."""

from papa_kernel.output import Ring
from papa_protocol.hints import NamedTuple


class Sums(NamedTuple):
    """Bytes held, bytes dropped, and the positions at which outputs end, of all rings."""

    buffered: int = 0
    dropped: int = 0
    position: int = 0


class Totals:
    """Adds up rings; only those that were named as changed are looked at."""

    def __init__(self) -> None:
        self._sums = Sums()
        self._counted: dict[Ring, Sums] = {}
        self._changed: set[Ring] = set()
        # Takes note that a ring is not what it was, or is new.
        self.changed = self._changed.add

    def forget(self, ring: Ring) -> None:
        """Leave a ring out from now on."""
        self._changed.discard(ring)
        self._replace(self._counted.pop(ring, Sums()), Sums())

    def read(self) -> Sums:
        """Return the sums as they are now."""
        while self._changed:
            ring = self._changed.pop()
            sums = Sums(ring.buffered, ring.dropped, ring.end)
            self._replace(self._counted.get(ring, Sums()), sums)
            self._counted[ring] = sums
        return self._sums

    def _replace(self, old: Sums, new: Sums) -> None:
        self._sums = Sums(*(total - before + after for total, before, after in zip(self._sums, old, new, strict=True)))
