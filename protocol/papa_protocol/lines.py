"""Received bytes to command lines, with a cap on the length of a line.

A line ends at a line feed; a carriage return before it is dropped. A line longer than the cap is
thrown away as it arrives, up to its end, and reported once, so that memory stays bounded and the
connection stays usable. So is one for which there is no memory.
"""

from collections import deque

from papa_protocol.hints import NamedTuple

# The size of a line for which there is no memory: it is longer than any limit.
_IMMENSE = 1 << 62


class TooLong(NamedTuple):
    """A line that was thrown away: longer than ``limit`` bytes, or, where that is 0, than there is memory for."""

    limit: int


class LineReader:
    """Cuts a stream of bytes into lines.

    Complete lines wait, without their line ends, in ``waiting``, from which the reader takes them.

    Args:
        limit: the longest line, in bytes without its line end.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.waiting: deque[bytes | TooLong] = deque()
        self._start = bytearray()
        self._size = 0

    @property
    def begun(self) -> tuple[int, bytes]:
        """How long the line is that has yet to end, and what is kept of it: nothing where it is too long."""
        return self._size, bytes(self._start)

    def resume(self, size: int, kept: bytes) -> None:
        """Go on with the line that another reader had ``begun``."""
        self._size = size
        self._start = bytearray(kept)

    def receive(self, data: bytes) -> None:
        """Take in what the peer sent."""
        lines = data.split(b"\n")
        rest = lines.pop()
        if lines and not self._size and len(data) <= self._limit:
            self.waiting.extend([line.removesuffix(b"\r") for line in lines])
        else:
            for line in lines:
                self._add(line)
                self._finish()
        if rest:
            self._add(rest)

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit + 1:  # one more for a carriage return
            self._start.clear()
            return
        try:
            self._start += part
        except MemoryError:
            self._throw_away()

    def _throw_away(self) -> None:
        self._start.clear()
        self._size = _IMMENSE

    def give_up(self) -> bool:
        """Throw away the line that has yet to end, for lack of memory; return whether that gave any back."""
        if not self._start:
            return False
        self._throw_away()
        return True

    def _finish(self) -> None:
        self.waiting.append(self._whole_line())
        self._start.clear()
        self._size = 0

    def _whole_line(self) -> bytes | TooLong:
        if self._size >= _IMMENSE:
            return TooLong(0)
        try:
            line = bytes(self._start).removesuffix(b"\r")
        except MemoryError:
            return TooLong(0)
        too_long = self._size > self._limit + 1 or len(line) > self._limit
        return TooLong(self._limit) if too_long else line

    def rest(self) -> None:
        """Treat what has arrived since the last line end as a line: the peer sends no more."""
        if self._size:
            self._finish()
