"""Which entries of a view somebody looks for, found little by little: the matches of a search, or errors."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from time import perf_counter

_PIECE = 1024


class Index:
    """Entries of a kind, by number.

    Args:
        judge: returns the entries of the kind from one number to before another.
        first: the number to begin with.
    """

    def __init__(self, judge: Callable[[int, int], list[int]], first: int) -> None:
        self._judge = judge
        self.found = array("q")
        self.done = first
        self.wrapped = False

    def advance(self, stop: int, deadline: float) -> bool:
        """Look at entries before ``stop`` until the deadline; return whether any was looked at."""
        before = self.done
        while self.done < stop:
            piece = min(self.done + _PIECE, stop)
            self.found.extend(self._judge(self.done, piece))
            self.done = piece
            if perf_counter() > deadline:
                break
        return self.done != before

    def cut(self, first: int) -> None:
        """Forget entries before ``first``."""
        del self.found[: bisect_left(self.found, first)]
        self.done = max(self.done, first)

    def truncate(self, stop: int) -> None:
        """Forget entries from ``stop`` on."""
        del self.found[bisect_left(self.found, stop) :]
        self.done = min(self.done, stop)

    def change(self, number: int) -> None:
        """Look at an entry again."""
        if number < self.done:
            at = bisect_left(self.found, number)
            known = at < len(self.found) and self.found[at] == number
            self.found[at : at + known] = array("q", self._judge(number, number + 1))

    def place(self, number: int) -> int | None:
        """Return which of those found so far an entry is, from 0 on."""
        at = bisect_left(self.found, number)
        return at if at < len(self.found) and self.found[at] == number else None

    def find(self, start: int, direction: int, first: int, stop: int) -> int | None:
        """Return the nearest entry of the kind at ``start`` or beyond; after the end the search begins anew.

        ``wrapped`` tells afterwards whether it did.
        """
        if direction > 0:
            start = max(start, first)
            near, far = self._forward(start, stop), self._forward(first, min(start, stop))
        else:
            start = min(start, stop - 1)
            near, far = self._backward(start, first), self._backward(stop - 1, start + 1)
        self.wrapped = False
        for number in near:
            return number
        self.wrapped = True
        return next(iter(far), None)

    def _forward(self, start: int, stop: int) -> Iterable[int]:
        yield from self.found[bisect_left(self.found, start) : bisect_left(self.found, stop)]
        for piece in range(max(start, self.done), stop, _PIECE):
            yield from self._judge(piece, min(piece + _PIECE, stop))

    def _backward(self, start: int, first: int) -> Iterable[int]:
        stop = start + 1
        for piece in range(stop, max(self.done, first), -_PIECE):
            yield from reversed(self._judge(max(piece - _PIECE, self.done, first), piece))
        yield from reversed(self.found[bisect_left(self.found, first) : bisect_left(self.found, stop)])
