"""The entries of a view in order of time: keys of lines, with absolute numbers that stay when the oldest go."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence


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

    def merge(self, times: Sequence[float], keys: Sequence[int], remove: Iterable[tuple[float, int, int]] = ()) -> int:
        """Add entries, which are in order, and take others out.

        Args:
            times: of the new entries.
            keys: of the new entries.
            remove: keys to take out: a time before which there is none of them, the lowest, and the one after the
                highest.

        Returns:
            the number of the first entry that differs from before.
        """
        start = self._place(times, keys)
        for time, _, _ in remove:
            start = min(start, bisect_left(self.times, time))
        before = self.keys[start:]
        merged: list[tuple[float, int]] = []
        late = 0  # how many of the new entries are not simply after all others
        if before:
            late = bisect_right(times, self.times[-1])
            merged = [
                (time, key)
                for time, key in zip(self.times[start:], before, strict=True)
                if not any(low <= key < high for _, low, high in remove)
            ]
            merged += zip(times[:late], keys[:late], strict=True)
            merged.sort()
            del self.keys[start:], self.times[start:]
        self.keys.extend([key for _, key in merged])
        self.times.extend([time for time, _ in merged])
        self.keys.extend(keys[late:])
        self.times.extend(times[late:])
        return self.first + start + _same(before, self.keys[start : start + len(before)])

    def _place(self, times: Sequence[float], keys: Sequence[int]) -> int:
        """Return where, as an index, new entries begin."""
        if not times or not self.times or (times[0], keys[0]) > (self.times[-1], self.keys[-1]):
            return len(self.keys)
        return bisect_left(self.times, times[0])

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
