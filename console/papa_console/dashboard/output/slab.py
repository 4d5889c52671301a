"""A stretch of a process' lines: columns, so that a line costs little more than its bytes."""

from array import array
from itertools import accumulate, islice

LINES = 4096
BYTES = 256 * 1024
OVERHEAD = 64  # what a line costs beside its bytes: the header of ``bytes``, a pointer, time, position, source


class Slab:
    """Neighbouring lines; it is full at ``LINES`` lines or ``BYTES`` bytes.

    A position is kept less the number of its line, which spares the bulk path an addition for each line.

    Args:
        start: the number of its first line.
    """

    __slots__ = ("data", "shifted", "size", "sources", "start", "times")

    def __init__(self, start: int) -> None:
        self.start = start
        self.size = 0
        self.data: list[bytes] = []
        self.times = array("d")
        self.sources = bytearray()
        self.shifted = array("q")

    @property
    def stop(self) -> int:
        """The number after its last line."""
        return self.start + len(self.data)

    @property
    def is_full(self) -> bool:
        """Whether the next line belongs into another slab."""
        return self.size >= BYTES or len(self.data) >= LINES

    def extend(self, lines: list[bytes], time: float, source: int, begin: int) -> int:
        """Add lines that line feeds ended, the first beginning at the position ``begin``; return their bytes."""
        count = len(lines)
        origin = begin + 1 - self.stop
        self.shifted.extend(islice(accumulate(map(len, lines), initial=origin), 1, None))
        self.data += lines
        self.times.extend(array("d", (time,)) * count)
        self.sources += bytes((source,)) * count
        length = self.shifted[-1] - origin
        self.size += length + count * OVERHEAD
        return length

    def position(self, number: int) -> int:
        """Return where a line ends."""
        return self.shifted[number - self.start] + number

    def cut(self, count: int) -> int:
        """Drop the first lines; return the bytes of data that went."""
        gone = sum(map(len, self.data[:count]))
        del self.data[:count], self.times[:count], self.sources[:count], self.shifted[:count]
        self.start += count
        self.size -= gone + count * OVERHEAD
        return gone
