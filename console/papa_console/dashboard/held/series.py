"""What one process wrote over the last minutes: samples at changes, from which any moment between is read. Pure."""

import math
from array import array
from bisect import bisect_left, bisect_right
from itertools import pairwise

_FORECAST_SECONDS = 10.0
_FORECAST_LEAST = 1.5
_LOSING_SECONDS = 3.0
_LONGEST_FORECAST = 3600.0


class Series:
    """Samples of position, bytes buffered and bytes dropped; nothing changes after the last one until the next.

    A process made again under the same name goes on in the same series: positions and losses add up.
    """

    __slots__ = ("_buffered", "_dropped", "_dropped_before", "_positions", "_positions_before", "_times", "bufsize")

    def __init__(self) -> None:
        self.bufsize = 0
        self._positions_before = self._dropped_before = 0
        self._times = array("d")
        self._positions = array("q")
        self._buffered = array("q")
        self._dropped = array("q")

    @property
    def first(self) -> float:
        """When the oldest sample was taken."""
        return self._times[0] if self._times else math.inf

    @property
    def latest(self) -> float:
        """When it last changed."""
        return self._times[-1] if self._times else -math.inf

    def add(self, now: float, position: int, buffered: int, dropped: int) -> None:
        """Add a sample; one at the same time as the last stands in its place."""
        if self._times and now <= self._times[-1]:
            for column in (self._times, self._positions, self._buffered, self._dropped):
                column.pop()
        self._times.append(now)
        self._positions.append(self._positions_before + position)
        self._buffered.append(buffered)
        self._dropped.append(self._dropped_before + dropped)

    def hold(self, until: float) -> None:
        """Note that nothing has changed since the last sample."""
        if self._times and until > self._times[-1]:
            self._times.append(until)
            for column in (self._positions, self._buffered, self._dropped):
                column.append(column[-1])

    def begin_again(self) -> None:
        """Let another process go on, whose counts start anew."""
        if self._times:
            self._positions_before = self._positions[-1]
            self._dropped_before = self._dropped[-1]

    def forget_before(self, time: float) -> None:
        """Forget samples that no moment since ``time`` is read from; only when there are many."""
        if not self._times or self._times[0] >= time:
            return
        count = bisect_right(self._times, time) - 1
        if count > 64:
            for column in (self._times, self._positions, self._buffered, self._dropped):
                del column[:count]

    def _at(self, column: "array[int]", time: float) -> float:
        """Return a value at a time, in proportion between two samples."""
        index = bisect_right(self._times, time)
        if index == 0 or index == len(self._times):
            return column[index - 1 if index else 0] if column else 0
        before = self._times[index - 1]
        share = (time - before) / (self._times[index] - before)
        return column[index - 1] + (column[index] - column[index - 1]) * share

    def written(self, start: float, stop: float, buckets: int) -> list[float]:
        """Return how many bytes were written in each of ``buckets`` equal parts of a stretch of time."""
        if stop <= start or buckets < 1 or start >= self.latest or stop <= self.first:
            return [0.0] * max(buckets, 0)
        step = (stop - start) / buckets
        marks = [self._at(self._positions, start + step * number) for number in range(buckets + 1)]
        return [after - before for before, after in pairwise(marks)]

    def rate(self, now: float, seconds: float) -> float:
        """Return how many bytes a second were written in the last ``seconds``."""
        start = max(now - seconds, self.first)
        if start >= self.latest or start >= now:
            return 0.0
        return (self._positions[-1] - self._at(self._positions, start)) / (now - start)

    def dropped_since(self, time: float) -> int:
        """Return how many bytes were dropped after a time; those before the first sample are not known of."""
        if not self._times:
            return 0
        return self._dropped[-1] - self._dropped[max(bisect_right(self._times, time) - 1, 0)]

    def forecast(self, now: float) -> float | None:
        """Return in how many seconds output will be lost if all goes on as it does; 0 if it is lost already."""
        if self.dropped_since(now - _LOSING_SECONDS):
            return 0.0
        start = self._filling_since(now - _FORECAST_SECONDS)
        if not self.bufsize or now - start < _FORECAST_LEAST:
            return None
        rate = (self._buffered[-1] - self._at(self._buffered, start)) / (now - start)
        if rate <= 0:
            return None
        left = (self.bufsize - self._buffered[-1]) / rate
        return left if left <= _LONGEST_FORECAST else None

    def _filling_since(self, start: float) -> float:
        """Return since when, ``start`` at the earliest, nobody has acknowledged anything."""
        if not self._times:
            return math.inf
        start = max(start, self._times[0])
        for index in range(len(self._times) - 1, max(bisect_left(self._times, start), 1) - 1, -1):
            if self._buffered[index] < self._buffered[index - 1]:
                return self._times[index]
        return start
