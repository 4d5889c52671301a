"""The entries of a view in order of time: keys of lines, with absolute numbers that stay when the oldest go."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import compress


class Order:
    """Entries by time, those of the same time by their keys.

    Attributes:
        first: the number of the oldest entry.
        keys: what the entries are.
        times: by which they are ordered.
    """

    def __init__(self) -> None:
        self.first = 0
        self.keys = array("q")
        self.times = array("d")

    @property
    def next(self) -> int:
        """The number after that of the newest entry."""
        return self.first + len(self.keys)

    def clear(self) -> None:
        """Remove all entries; their numbers are not used again."""
        self.cut(len(self.keys))

    def cut(self, count: int) -> None:
        """Remove the oldest entries."""
        del self.keys[:count], self.times[:count]
        self.first += count

    def merge(self, times: Sequence[float], keys: Sequence[int], remove: Sequence[tuple[float, int, int]] = ()) -> int:
        """Add entries, which are in order, and take others out.

        Args:
            times: of the new entries.
            keys: of the new entries.
            remove: keys to take out: a time before which there is none of them, the lowest, and the one after the
                highest.

        Returns:
            the number of the first entry that differs from before.
        """
        start = self.place(times[0], keys[0], 0) if keys else len(self.keys)
        for time, _, _ in remove:
            start = min(start, bisect_left(self.times, time))
        if start == len(self.keys):
            self._add(times, keys)
            return self.first + start
        before = self.keys[start:]
        old = Order()
        old.keys, old.times = before, self.times[start:]
        if remove:
            old._remove(remove)
        del self.keys[start:], self.times[start:]
        self._weave(old, times, keys)
        return self.first + start + _same(before, self.keys[start : start + len(before)])

    def _remove(self, ranges: Sequence[tuple[float, int, int]]) -> None:
        kept = [not any(low <= key < high for _, low, high in ranges) for key in self.keys]
        self.keys = array("q", compress(self.keys, kept))
        self.times = array("d", compress(self.times, kept))

    def _weave(self, old: "Order", times: Sequence[float], keys: Sequence[int]) -> None:
        """Add the entries of two orders, in turn a stretch of the one and a stretch of the other."""
        new = Order()
        new._add(times, keys)
        low, at = 0, 0  # what of the old and new entries has been added
        while at < len(keys):
            high = old.place(new.times[at], new.keys[at], low)
            self._add(old.times[low:high], old.keys[low:high])
            low = high
            end = new.place(old.times[low], old.keys[low], at) if low < len(old.keys) else len(keys)
            self._add(new.times[at:end], new.keys[at:end])
            at = end
        self._add(old.times[low:], old.keys[low:])

    def _add(self, times: Sequence[float], keys: Sequence[int]) -> None:
        self.times.extend(times)
        self.keys.extend(keys)

    def place(self, time: float, key: int, start: int) -> int:
        """Return the index, from ``start`` on, of the first entry that is not before a time and key."""
        low = bisect_left(self.times, time, start)
        return bisect_left(self.keys, key, low, bisect_right(self.times, time, low))

    def at_time(self, time: float) -> int:
        """Return the number of the first entry at a time or after it."""
        return self.first + bisect_left(self.times, time)

    def find(self, time: float, key: int) -> int | None:
        """Return the number of an entry, which may be there as context or by itself."""
        start = bisect_left(self.times, time)
        for index in range(start, len(self.keys)):
            if self.keys[index] | 1 == key | 1:
                return self.first + index
            if self.times[index] > time:
                break
        return None


def _same(before: Sequence[int], after: Sequence[int]) -> int:
    """Return how many keys are the same at the beginning."""
    for index, (old, new) in enumerate(zip(before, after, strict=False)):
        if old != new:
            return index
    return min(len(before), len(after))
