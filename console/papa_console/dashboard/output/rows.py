"""The rows that entries take when long lines are wrapped: absolute row numbers, and which entry is where.

The width of each entry is kept, so that another number of columns costs a division an entry and no look at its text. A
text with wide characters, which may leave a column empty at the end of a row, is looked at if it does not fit one row.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from papa_console.dashboard.output.ansi import parse, strip_lines
from papa_console.dashboard.output.columns import breaks, columns_of, has_wide

_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\n"
_TABLE = 100_000


def measure(lines: Sequence[bytes]) -> list[int]:
    """Return how many columns each line takes; for one with wide characters, this less one, and negative."""
    blob = strip_lines(b"\n".join(lines))
    stripped = blob.split(b"\n")
    if not blob.translate(None, _PRINTABLE):
        return list(map(len, stripped))
    return [
        _measure(line) if shown.translate(None, _PRINTABLE) else len(shown)
        for line, shown in zip(lines, stripped, strict=True)
    ]


def _measure(line: bytes) -> int:
    text = parse(line).text
    columns = columns_of(text)
    return -columns - 1 if has_wide(text) else columns


class Rows:
    """Where entries are when wrapped; entries are counted from the oldest, rows are absolute.

    Args:
        columns: how wide a row is.
        line: returns the bytes of an entry.
    """

    def __init__(self, columns: int, line: Callable[[int], bytes]) -> None:
        self.columns = columns
        self.first = 0
        self._line = line
        self._widths = array("i")
        self._ends = array("q")

    @property
    def next(self) -> int:
        """The row after the last."""
        return self._ends[-1] if self._ends else self.first

    def resize(self, columns: int) -> None:
        """Fit everything into other columns; rows are numbered anew from 0."""
        self.columns, self.first = columns, 0
        self._ends = array("q")
        self._lay(0)

    def extend(self, widths: Sequence[int]) -> None:
        """Add entries, as ``measure`` has measured them."""
        start = len(self._widths)
        self._widths.extend(widths)
        self._lay(start)

    def truncate(self, count: int) -> None:
        """Keep the first entries only."""
        del self._widths[count:], self._ends[count:]

    def change(self, entry: int, width: int) -> None:
        """Take in that an entry has another width."""
        if self._widths[entry] != width or width < 0:
            self._widths[entry] = width
            del self._ends[entry:]
            self._lay(entry)

    def cut(self, count: int) -> None:
        """Remove the oldest entries; the rows of others stay."""
        if count:
            self.first = self._ends[count - 1]
            del self._widths[:count], self._ends[:count]

    def locate(self, row: int) -> tuple[int, int]:
        """Return the entry in a row, and which of its rows this is."""
        entry = bisect_right(self._ends, row)
        return entry, row - self.row_of(entry)

    def row_of(self, entry: int) -> int:
        """Return the first row of an entry."""
        return self._ends[entry - 1] if entry else self.first

    def _lay(self, start: int) -> None:
        """Give rows to the entries from ``start`` on."""
        widths, columns = self._widths[start:], self.columns
        if not widths:
            return
        heights: Sequence[int] | map[int]
        if min(widths) < 0 or (most := max(widths)) >= _TABLE:
            heights = [self._height(start + index, width) for index, width in enumerate(widths)]
        else:
            table = [max(-(-width // columns), 1) for width in range(most + 1)]
            heights = map(table.__getitem__, widths)
        ends = accumulate(heights, initial=self.next)
        next(ends)
        self._ends.extend(ends)

    def _height(self, entry: int, width: int) -> int:
        if width < 0 and -width - 1 > self.columns:
            return len(breaks(parse(self._line(entry)).text, self.columns))
        return max(-(-width // self.columns), 1)
