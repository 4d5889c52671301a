"""The rows that entries take when long lines are wrapped: absolute row numbers, and which entry is where.

The width of each entry is kept, so that another number of columns costs no look at any text; most of them in a byte,
so that it costs next to nothing. Only a text with wide characters, which may leave a column empty at the end of a row,
is looked at, and only if it does not fit into one row.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate, islice

from papa_console.dashboard.output.ansi import parse, strip_lines
from papa_console.dashboard.output.columns import breaks, columns_of, has_wide

_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\n"
_BLOCK = 256
_NARROW = 255


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


class _Block:
    """The widths of up to ``_BLOCK`` neighbouring entries, and how many rows they take together."""

    __slots__ = ("ends", "rows", "widths")

    def __init__(self) -> None:
        self.widths: bytearray | array[int] = bytearray()  # of bytes as long as they fit
        self.rows = 0
        self.ends: list[int] = []  # after which row of the block each entry ends; made when asked for

    def extend(self, widths: Sequence[int]) -> None:
        if isinstance(self.widths, bytearray) and widths and not 0 <= min(widths) <= max(widths) <= _NARROW:
            self.widths = array("i", list(self.widths))
        self.widths.extend(widths)


class Rows:
    """Where entries are when wrapped; entries are counted from the oldest, rows are absolute.

    Entries lie in blocks, all of the same size but for the first and the last. A block knows its rows together, and
    those of each entry only when somebody looks there.

    Args:
        columns: how wide a row is.
        line: returns the bytes of an entry; None where they have gone since.
    """

    def __init__(self, columns: int, line: Callable[[int], bytes | None]) -> None:
        self.first = 0
        self._line = line
        self._blocks: list[_Block] = []
        self._ends: list[int] = []  # the absolute row after each block
        self._gone = 0  # how many entries of the first block have gone
        self.resize(columns)

    @property
    def next(self) -> int:
        """The row after the last."""
        return self._ends[-1] if self._ends else self.first

    def resize(self, columns: int) -> None:
        """Fit everything into other columns; rows are numbered anew from 0."""
        self.columns = columns
        self._heights = bytes(max(-(-width // columns), 1) for width in range(_NARROW + 1))
        self.first = 0
        for index in range(len(self._blocks)):
            self._lay(index)
        self._stack(0)

    def extend(self, widths: Sequence[int]) -> None:
        """Add entries, as ``measure`` has measured them."""
        start = len(self._blocks) - 1
        at = 0
        while at < len(widths):
            room = self._room()
            self._blocks[-1].extend(widths[at : at + room])
            self._lay(len(self._blocks) - 1)
            at += room
        self._stack(max(start, 0))

    def truncate(self, count: int) -> None:
        """Keep the first entries only."""
        index, rest = divmod(count + self._gone, _BLOCK)
        if index < len(self._blocks):
            del self._blocks[index + 1 :]
            del self._blocks[index].widths[rest - (self._gone if index == 0 else 0) :]
            self._lay(index)
            self._stack(index)

    def change(self, entry: int, width: int) -> None:
        """Take in that an entry has another width, or text."""
        index, at = self._find(entry)
        block = self._blocks[index]
        rest = list(block.widths[at + 1 :])
        del block.widths[at:]
        block.extend([width, *rest])
        self._lay(index)
        self._stack(index)

    def cut(self, count: int) -> None:
        """Remove the oldest entries; the rows of others stay."""
        index, rest = divmod(count + self._gone, _BLOCK)
        end = self.next
        if index:
            self._gone = 0
            del self._blocks[:index], self._ends[:index]
        if self._blocks:
            del self._blocks[0].widths[: rest - self._gone]
            self._gone = rest
            self._lay(0)
            end = self._ends[0] - self._blocks[0].rows
        self.first = end

    def locate(self, row: int) -> tuple[int, int]:
        """Return the entry in a row, and which of its rows this is."""
        index = bisect_right(self._ends, row)
        if index == len(self._blocks):
            raise IndexError(row)
        row -= self._start(index)
        ends = self._ends_in(index)
        at = bisect_right(ends, row)
        return index * _BLOCK - (self._gone if index else 0) + at, row - (ends[at - 1] if at else 0)

    def row_of(self, entry: int) -> int:
        """Return the first row of an entry, or for the number of entries the row after the last."""
        index, at = self._find(entry)
        if index == len(self._blocks):
            return self.next
        return self._start(index) + (self._ends_in(index)[at - 1] if at else 0)

    def _room(self) -> int:
        """Return how many entries the last block can take, a new one if need be."""
        if self._blocks:
            room = _BLOCK - len(self._blocks[-1].widths) - (self._gone if len(self._blocks) == 1 else 0)
            if room:
                return room
        else:
            self._gone = 0
        self._blocks.append(_Block())
        return _BLOCK

    def _find(self, entry: int) -> tuple[int, int]:
        """Return the block of an entry, and its place there."""
        index, at = divmod(entry + self._gone, _BLOCK)
        return index, at if index else at - self._gone

    def _start(self, index: int) -> int:
        return self._ends[index - 1] if index else self.first

    def _ends_in(self, index: int) -> list[int]:
        block = self._blocks[index]
        if len(block.ends) != len(block.widths):
            block.ends = list(accumulate(self._heights_in(index)))
        return block.ends

    def _lay(self, index: int) -> None:
        """Count the rows of a block."""
        block = self._blocks[index]
        block.rows = sum(self._heights_in(index))
        block.ends = []

    def _stack(self, start: int) -> None:
        """Put the blocks from ``start`` on after one another."""
        del self._ends[start:]
        self._ends.extend(islice(accumulate((b.rows for b in self._blocks[start:]), initial=self.next), 1, None))

    def _heights_in(self, index: int) -> Sequence[int]:
        widths = self._blocks[index].widths
        if isinstance(widths, bytearray):
            return widths.translate(self._heights)
        first = index * _BLOCK - (self._gone if index else 0)
        return [self._height(first + at, width) for at, width in enumerate(widths)]

    def _height(self, entry: int, width: int) -> int:
        if width >= 0 or -width - 1 <= self.columns:
            return max(-(-width // self.columns), 1)
        line = self._line(entry)
        if line is None:  # about as many: they are taken out with the next update
            return -(-(-width - 1) // self.columns)
        return len(breaks(parse(line).text, self.columns))
