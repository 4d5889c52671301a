"""How often the screen is drawn: as often as the terminal takes it. Pure.

Textual queues 30 frames for the terminal and then blocks, so on a slow link a frame must not be made while earlier
ones wait: keys would be answered behind them. And what takes a large part of the time is drawn half as often: nobody
can read a flood, but everybody feels the keys that wait behind it.
"""

FASTEST, SLOWEST = 0.05, 1.0
_MOST_WAITING = 2
_CALM_TURNS = 10
_LARGE_PART = 0.4


class Pace:
    """The period of drawing, in seconds; it doubles while frames wait, and halves again after calm."""

    def __init__(self) -> None:
        self.period = FASTEST
        self._calm = 0
        self._rested = True

    def rests(self, used: float) -> bool:
        """Say whether to leave out a drawing after ``used`` seconds of processor time since the last one."""
        self._rested = not self._rested or used <= self.period * _LARGE_PART
        return not self._rested

    @property
    def slow(self) -> bool:
        """Whether the terminal takes fewer frames than it should."""
        return self.period > FASTEST

    @property
    def frames(self) -> int:
        """How many frames a second are drawn at most."""
        return round(1 / self.period)

    def may_draw(self, waiting: int) -> bool:
        """Say whether to draw now, with so many frames ``waiting`` for the terminal, and adapt the period."""
        if waiting > _MOST_WAITING:
            self.period = min(self.period * 2, SLOWEST)
            self._calm = 0
            return False
        self._calm = self._calm + 1 if waiting == 0 else 0
        if self._calm >= _CALM_TURNS and self.slow:
            self.period = max(self.period / 2, FASTEST)
            self._calm = 0
        return True
