"""Bytes on their way to a peer: kept in pieces, sent by reference, counted."""

from collections import deque
from collections.abc import Iterable
from itertools import islice

# More pieces than this gain nothing in one call, and sendmsg(2) takes 1024 at most.
_PIECES_AT_ONCE = 256


class Unsent:
    """An output buffer; it copies nothing and owns no socket."""

    def __init__(self) -> None:
        self._pieces: deque[bytes | memoryview] = deque()
        self.size = 0

    def add(self, pieces: Iterable[bytes | memoryview]) -> None:
        """Append pieces to what is to be sent."""
        for piece in pieces:
            if piece:
                self._pieces.append(piece)
                self.size += len(piece)

    @property
    def pieces(self) -> Iterable[bytes | memoryview]:
        """All that is to be sent, in order."""
        return self._pieces

    def next_pieces(self) -> list[bytes | memoryview]:
        """Return the pieces to hand over next."""
        return list(islice(self._pieces, _PIECES_AT_ONCE))

    def sent(self, count: int) -> None:
        """Forget the first ``count`` bytes, which have been handed over."""
        self.size -= count
        if not self.size:
            self._pieces.clear()
            return
        while count:
            piece = self._pieces.popleft()
            if len(piece) > count:
                self._pieces.appendleft(memoryview(piece)[count:])
                return
            count -= len(piece)
