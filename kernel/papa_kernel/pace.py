"""Whether a watcher keeps up, so that processes may wait for it. Pure: time comes in."""

from collections.abc import Sequence

from papa_protocol.hints import Any

_NEVER = float("inf")
# A watcher keeps up as long as it acknowledges each batch within so many seconds.
PATIENCE = 0.25


class Pace:
    """When a watcher is expected to acknowledge, and whether it did so in time.

    One that was late is waited for again once it has acknowledged a batch in time.
    """

    __slots__ = ("_due", "_late")

    def __init__(self) -> None:
        self._due = _NEVER
        self._late = False

    def saved(self, now: float) -> tuple[float | None, bool]:
        """Return what ``restore`` needs: how long it has until it will be late, and whether it was late before."""
        return None if self._due == _NEVER else self._due - now, self._late

    def restore(self, saved: Sequence[Any], now: float) -> None:
        """Become what was saved; who was not late yet gets all the time again, for nobody was there to hear it."""
        left, late = saved
        self._due = _NEVER if left is None else now + (PATIENCE if left > 0 else left)
        self._late = late

    def sent(self, now: float) -> None:
        """Take note that a batch is on its way to it."""
        self._due = now + PATIENCE

    def acknowledged(self, now: float) -> None:
        """Take note that it has acknowledged its batch."""
        self._late = now >= self._due
        self._due = _NEVER

    def keeps_up(self, now: float) -> bool:
        """Whether it is worth waiting for."""
        return not self._late and now < self._due

    def expect(self, now: float) -> float:
        """Return when it will be late, whether or not it has been sent a batch."""
        if self._due == _NEVER:
            self._due = now + PATIENCE
        return self._due
