"""A reader's place in the output of one process."""

from collections.abc import Callable

from papa_kernel.pace import Pace
from papa_kernel.records import Piece
from papa_protocol.hints import Protocol


class Source(Protocol):
    """What a cursor needs of a ring buffer."""

    base: int
    end: int
    missing: int

    def take(self, cursor: "Cursor", limit: int) -> list[Piece]:
        """Return the next pieces for a cursor and move it past them."""

    def acknowledged_by_readers(self) -> None:
        """Release what every watcher has acknowledged."""

    def forget(self, cursor: "Cursor") -> None:
        """Drop a cursor."""


class Cursor:
    """A reader's place in the output.

    Args:
        ring: what it reads.
        wake: called when there may be something to take.
        pace: of a watcher, for whom what it has not acknowledged is kept; None for a tail.
    """

    __slots__ = ("acknowledged", "lost", "next", "pace", "ring", "wake")

    def __init__(self, ring: Source, wake: Callable[[], None], pace: Pace | None) -> None:
        self.ring = ring
        self.wake = wake
        self.pace = pace
        self.next = self.acknowledged = ring.base
        self.lost = ring.missing

    @property
    def saved(self) -> tuple[int, int, int]:
        """What ``restore`` needs."""
        return self.next, self.acknowledged, self.lost

    def restore(self, next_one: int, acknowledged: int, lost: int) -> None:
        """Become what was saved."""
        self.next, self.acknowledged, self.lost = next_one, acknowledged, lost

    @property
    def has_more(self) -> bool:
        """Whether ``take`` would return something."""
        return self.next < self.ring.end or bool(self.lost)

    def take(self, limit: int) -> list[Piece]:
        """Return the next pieces, at least one if there is one, about ``limit`` bytes at most; move on."""
        return self.ring.take(self, limit)

    def acknowledge(self) -> None:
        """Say that everything taken is safe to forget."""
        self.acknowledged = max(self.acknowledged, self.next - self.lost)  # what was dropped since has not been taken
        self.ring.acknowledged_by_readers()

    def detach(self) -> None:
        """Read no more; what was not acknowledged stays for the next reader."""
        self.ring.forget(self)
