"""Keeps what all rings hold together within a bound: the fullest forget their oldest, and the others keep all."""

from collections.abc import Callable, Iterable

from papa_kernel.output import Ring

# The rings are looked at whenever so much of the bound has come in, which costs next to nothing and is soon enough.
_PARTS = 16


class Shares:
    """Bounds what all rings hold.

    Args:
        limit: the bound, in bytes.
        rings: returns all rings.
        changed: called with each ring that had to forget.
    """

    def __init__(self, limit: int, rings: Callable[[], Iterable[Ring]], changed: Callable[[Ring], None]) -> None:
        self._step = max(limit // _PARTS, 1)
        self._most = limit - self._step
        self._left = self._step  # so much may come in before the rings are looked at again
        self._rings = rings
        self._changed = changed

    def took_in(self, size: int) -> None:
        """Take note that a ring has taken in so many bytes."""
        self._left -= size
        if self._left <= 0:
            self._left = self._step
            self._cut(self._most)

    def relieve(self) -> bool:
        """Give back a part of the memory that the rings take; return whether there was any to give."""
        held = self._held()
        self._cut(held - held // _PARTS)
        return self._held() < held

    def _held(self) -> int:
        return sum(ring.held for ring in self._rings())

    def _cut(self, most: int) -> None:
        rings = list(self._rings())
        if sum(ring.held for ring in rings) <= most:
            return
        share = fair_share([ring.held for ring in rings], most)
        for ring in rings:
            if ring.held > share:
                ring.cut(share)
                self._changed(ring)


def fair_share(sizes: list[int], most: int) -> int:
    """Return what the largest may be cut down to, so that all together are no more than ``most``; 1 at least."""
    left = most
    for index, size in enumerate(sorted(sizes)):
        share = left // (len(sizes) - index)
        if size > share:
            return max(share, 1)
        left -= size
    return max(sizes, default=1)
