"""The lines of one process that are kept: numbered without end, in slabs, the last of each stream still growing."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator

from papa_console.dashboard.output.slab import LINES, OVERHEAD, Slab


class Unfinished:
    """A line whose end has not come; ``shown`` is how much of it the slab has.

    Args:
        number: its number.
        begin: the position before its first byte.
        data: what of it has come.
    """

    __slots__ = ("begin", "data", "number", "shown")

    def __init__(self, number: int, begin: int, data: bytes) -> None:
        self.number = number
        self.begin = begin
        self.data = bytearray(data)
        self.shown = len(data)


class Kept:
    """Lines in the order in which they began; the oldest can be dropped.

    Attributes:
        first: the number of the oldest line kept.
        next: the number after that of the newest.
        size: bytes accounted: data and what keeping it costs.
        forgotten: how many lines had to go to stay within a bound, oldest first.
        forgotten_bytes: the bytes of these.
    """

    def __init__(self) -> None:
        self.first = self.next = 0
        self.size = 0
        self.forgotten = self.forgotten_bytes = 0
        self.latest = 0.0  # the time of the newest line
        self._slabs: list[Slab] = []
        self._starts: list[int] = []
        self._open: list[Unfinished | None] = [None, None]
        self._begun: dict[int, int] = {}  # where lines began whose bytes do not lie together

    # reading

    @property
    def unfinished(self) -> list[int]:
        """The numbers of the lines that may still grow."""
        return [line.number for line in self._open if line is not None]

    def time(self, number: int) -> float:
        """Return the time by which a line is ordered; it never decreases."""
        slab = self._slab_of(number)
        return slab.times[number - slab.start]

    def data(self, start: int, stop: int) -> list[bytes]:
        """Return the bytes of the lines from ``start`` to before ``stop``, all of which are kept."""
        self._show_all()
        found: list[bytes] = []
        for slab, low, high in self._stretches(start, stop):
            found += slab.data[low:high]
        return found

    def times(self, start: int, stop: int) -> "array[float]":
        """Return the times by which these lines are ordered."""
        found = array("d")
        for slab, low, high in self._stretches(start, stop):
            found += slab.times[low:high]
        return found

    def sources(self, start: int, stop: int) -> bytes:
        """Return the sources of these lines, a byte each."""
        return b"".join(slab.sources[low:high] for slab, low, high in self._stretches(start, stop))

    def _stretches(self, start: int, stop: int) -> Iterator[tuple[Slab, int, int]]:
        index = bisect_right(self._starts, start) - 1
        while start < stop:
            slab = self._slabs[index]
            high = min(stop, slab.stop)
            yield slab, start - slab.start, high - slab.start
            start, index = high, index + 1

    def _slab_of(self, number: int) -> Slab:
        if not self.first <= number < self.next:
            raise IndexError(number)
        return self._slabs[bisect_right(self._starts, number) - 1]

    def _begin(self, number: int) -> int:
        """Return the position before the first byte of a line of output."""
        for line in self._open:
            if line is not None and line.number == number:
                return line.begin
        slab = self._slab_of(number)
        together = slab.position(number) - len(slab.data[number - slab.start]) - 1
        return self._begun.get(number, together)

    # taking in

    def _append(self, data: bytes, source: int, end: int) -> None:
        slab = self._slabs[-1] if self._slabs else None
        if slab is None or slab.is_full:
            slab = self._room()
        slab.data.append(data)
        slab.times.append(self.latest)
        slab.sources.append(source)
        slab.shifted.append(end - self.next)
        size = len(data) + OVERHEAD
        slab.size += size
        self.next += 1
        self.size += size

    def _extend(self, lines: list[bytes], source: int, begin: int) -> None:
        """Add lines that line feeds ended; the first begins at the position ``begin``."""
        for start in range(0, len(lines), LINES):
            part = lines if len(lines) <= LINES else lines[start : start + LINES]
            slab = self._room()
            length = slab.extend(part, self.latest, source, begin)
            self.next += len(part)
            self.size += length + len(part) * OVERHEAD
            begin += length + len(part)

    def _room(self) -> Slab:
        if not self._slabs or self._slabs[-1].is_full:
            self._slabs.append(Slab(self.next))
            self._starts.append(self.next)
        return self._slabs[-1]

    def _begin_line(self, data: bytes, source: int, begin: int) -> None:
        self._open[source] = Unfinished(self.next, begin, data)
        self._append(data, source, begin + len(data))

    def _grow(self, line: Unfinished, data: bytes, end: int) -> None:
        """Add to an unfinished line, which now ends at the position ``end``."""
        line.data += data
        slab = self._slab_of(line.number)
        slab.shifted[line.number - slab.start] = end - line.number
        slab.size += len(data)
        self.size += len(data)

    def _finish(self, source: int) -> None:
        """Let the unfinished line of a stream grow no more."""
        line = self._open[source]
        if line is None:
            return
        self._show(line)
        self._open[source] = None
        if self._slab_of(line.number).position(line.number) - len(line.data) - 1 != line.begin:
            self._begun[line.number] = line.begin

    def _show(self, line: Unfinished) -> None:
        if line.shown != len(line.data):
            slab = self._slab_of(line.number)
            slab.data[line.number - slab.start] = bytes(line.data)
            line.shown = len(line.data)

    def _show_all(self) -> None:
        for line in self._open:
            if line is not None:
                self._show(line)

    # dropping

    @property
    def oldest_times(self) -> "array[float]":
        """The times of the lines in the oldest slab."""
        return self._slabs[0].times

    def bytes_upto(self, time: float) -> int:
        """Return about how many bytes the lines of the oldest slab up to a time take."""
        slab = self._slabs[0]
        return slab.size * bisect_right(slab.times, time) // len(slab.data)

    def drop_upto(self, time: float, most: int) -> None:
        """Drop lines of the oldest slab up to a time, about ``most`` bytes at most, but at least one of them."""
        self._show_all()
        slab = self._slabs[0]
        count = bisect_right(slab.times, time)
        if count and slab.size > most:
            count = min(count, max(int(len(slab.data) * most / slab.size), 1))
        before = slab.size
        self.forgotten_bytes += slab.cut(count)
        self.size -= before - slab.size
        self.forgotten += count
        self.first += count
        if slab.data:
            self._starts[0] = slab.start
        else:
            del self._slabs[0], self._starts[0]
        self._forget()

    def _forget(self) -> None:
        """Forget what was known about lines that have gone."""
        for source, line in enumerate(self._open):
            if line is not None and line.number < self.first:
                self._open[source] = None
        forget_before(self._begun, self.first)


def forget_before(known: dict[int, int] | dict[int, float], first: int) -> None:
    """Remove the numbers of lines before ``first``; they are nearly in order, and those that are not go later."""
    while known and (oldest := next(iter(known))) < first:
        del known[oldest]
