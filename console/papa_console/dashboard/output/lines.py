"""The lines of processes: what arrived, cut into lines, kept as raw bytes within a bound.

Lines of a process have numbers, which are absolute and never used again. The two streams of a process are put together
separately: an unfinished line is a line like others, and grows in place when more of its stream comes; one that becomes
longer than ``LONGEST`` is broken. The times by which lines are ordered are those of the records and never decrease; a
remark of our own goes by the line before it, though it shows the time at which it was made.
"""

import signal
from bisect import bisect_left, bisect_right
from enum import IntEnum
from operator import itemgetter
from typing import NamedTuple

from papa_console.dashboard.output.kept import Kept, Unfinished, forget_before
from papa_console.text import size as in_words
from papa_protocol.watch import Kind, Record

LONGEST = 64 * 1024
_SHARE = 256 * 1024


class Source(IntEnum):
    """What a line is: output of a stream, or something that we have to say."""

    OUT = 0
    ERR = 1
    END = 2
    """The process ended; the amount is its exit status."""
    GAP = 3
    """Output is missing; the amount is the bytes, 0 where unknown."""
    NOTE = 4
    """A remark of our own."""


class Line(NamedTuple):
    """A line: its bytes without the line feed, when it began, what it is, and the position where it ends."""

    data: bytes
    time: float
    source: Source
    position: int


# Looking a member up in its class costs as much as all the rest that a short record needs for its kind.
_OUT, _ERR = Source.OUT, Source.ERR
_FROM_OUT, _LOST, _CLOSED = Kind.OUT, Kind.LOST, Kind.CLOSED


def end_text(status: int) -> str:
    """Return how a process ended, in words."""
    if status >= 0:
        return f"exited {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def gap_text(count: int) -> str:
    """Return that output is missing, in words."""
    if not count:
        return "output missing here"
    return f"output missing here: {in_words(count)}{' bytes' if count < 1024 else ''}"


class LineStore(Kept):
    """The lines of one process, numbered from ``first`` to before ``next``.

    Attributes:
        name: the process' name.
        revision: changes with every change.
        position: where what was taken in ends.
        exit_status: of the process, once it has ended; negative for a signal.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.revision = 0
        self.position = 0
        self.exit_status: int | None = None
        self._restarted = 0  # the number of the first line whose position counts
        self._begins = True  # nothing has come yet: what was before the first record is not missing
        self._excess = 0  # bytes told to be lost beyond the hole that was seen; they count for the next hole
        self._amounts: dict[int, int] = {}
        self._shown_times: dict[int, float] = {}

    # reading

    def line(self, number: int) -> Line:
        """Return a line.

        Raises:
            IndexError: it is not kept.
        """
        slab = self._slab_of(number)
        self._show_all()
        index = number - slab.start
        time = self._shown_times.get(number, slab.times[index])
        return Line(slab.data[index], time, Source(slab.sources[index]), slab.position(number))

    def lines(self, start: int, stop: int) -> list[Line]:
        """Return the lines from ``start`` to before ``stop`` that are kept."""
        return [self.line(number) for number in range(max(start, self.first), min(stop, self.next))]

    def amount(self, number: int) -> int | None:
        """Return the exit status of an END line, or the bytes of a GAP line."""
        return self._amounts.get(number)

    def seen_upto(self, number: int) -> int:
        """Return the position before which everything belongs to lines up to ``number``: what is safe to acknowledge.

        It is 0 for lines of a process before the last ``restart``, and for lines no longer kept.
        """
        if not max(self.first, self._restarted) <= number < self.next:
            return 0
        if number + 1 == self.next:
            return self.position
        following = self.line(number + 1)
        if following.source <= Source.ERR:
            return self._begin(number + 1)
        return following.position - (following.source is Source.END)

    def number_at(self, position: int) -> int:
        """Return the number of the first line that ends after a position."""
        numbers = range(max(self.first, self._restarted), self.next)
        return numbers.start + bisect_right(numbers, position, key=lambda number: self.line(number).position)

    # taking in

    def add(self, record: Record) -> None:
        """Take in a record; what of it was taken in before is left out."""
        kind, data, end = record.kind, record.data, record.position
        if kind is _LOST:
            self._lose(record)
            return
        length = 1 if kind is _CLOSED else len(data)
        if end is None:
            end = self.position + length
        elif end - length != self.position:
            seen = self._meet(end - length, record.time)
            if seen >= length:
                return
            data = data[seen:]
        self._arrive(end, record.time)
        if kind is _CLOSED:
            self._end(record.number)
        elif data:
            self._put(_OUT if kind is _FROM_OUT else _ERR, data, end - len(data))

    def note(self, text: str, now: float, *, gap: int | None = None) -> None:
        """Add a remark, or with ``gap`` a mark that so many bytes are missing, 0 for an unknown amount."""
        number = self._mark(Source.NOTE, text) if gap is None else self._gap(gap, text)
        self._shown_times[number] = now
        self.revision += 1

    def restart(self, text: str, now: float) -> None:
        """Go on with another process under the same name, whose positions start anew."""
        self._finish_all()
        self.position = self._excess = 0
        self.exit_status = None
        self._begins = True
        self._restarted = self.next
        self.note(text, now)

    def _arrive(self, end: int, time: float) -> None:
        self._begins = False
        self.position = end
        self.latest = max(self.latest, time)
        self.revision += 1

    def _meet(self, begin: int, time: float) -> int:
        """Meet a record that does not begin at our position; return how many of its bytes were seen before."""
        if begin > self.position and not self._begins:
            missing = begin - self.position - self._excess
            self._excess = max(-missing, 0)
            self._arrive(begin, time)
            if missing > 0:
                self._gap(missing)
        return max(self.position - begin, 0)

    def _lose(self, record: Record) -> None:
        end = self.position + record.number if record.position is None else record.position
        hole = end - self.position
        if hole < 0 or (hole == 0 and not self._begins):
            return
        missing = record.number if self._begins else hole
        self._excess = max(record.number - hole, 0)
        self._arrive(end, record.time)
        self._gap(missing)

    def _end(self, status: int) -> None:
        self._finish_all()
        self.exit_status = status
        self._amounts[self._mark(Source.END, end_text(status))] = status

    def _gap(self, count: int, text: str = "") -> int:
        self._finish_all()
        number = self._mark(Source.GAP, text or gap_text(count))
        self._amounts[number] = count
        return number

    def _mark(self, source: Source, text: str) -> int:
        self._append(text.encode(errors="replace"), source, self.position)
        return self.next - 1

    def _put(self, source: Source, data: bytes, begin: int) -> None:
        """Cut the output of a stream, which begins at the position ``begin``, into lines."""
        if len(data) > LONGEST:  # then it may have a line that is too long
            for start in range(0, len(data), LONGEST):
                self._put(source, data[start : start + LONGEST], begin + start)
            return
        line = self._open[source]
        if line is not None:
            taken = self._continue(line, source, data, begin)
            data, begin = data[taken:], begin + taken
        lines = data.split(b"\n")
        rest = lines.pop()
        if len(lines) == 1:
            self._append(lines[0], source, begin + len(lines[0]) + 1)
        elif lines:
            self._extend(lines, source, begin)
        if rest:
            self._begin_line(rest, source, begin + len(data) - len(rest))

    def _continue(self, line: Unfinished, source: Source, data: bytes, begin: int) -> int:
        """Add to the unfinished line of a stream; return how much of ``data`` it took, with the line feed."""
        feed = data.find(b"\n")
        length = feed if feed >= 0 else len(data)
        taken = min(length, LONGEST - len(line.data))
        whole = taken == length and feed >= 0
        if taken or whole:
            self._grow(line, data[:taken], begin + taken + whole)
        if whole or taken < length:
            self._finish(source)
        return taken + whole

    def _finish_all(self) -> None:
        self._finish(Source.OUT)
        self._finish(Source.ERR)

    def _forget(self) -> None:
        super()._forget()
        forget_before(self._amounts, self.first)
        forget_before(self._shown_times, self.first)
        self.revision += 1


class Storage:
    """The stores of all processes, bounded together.

    The oldest lines go first, whoever they belong to; but each store keeps its newest within a small share, so that a
    process that floods the rest away leaves something of them.

    Args:
        limit: the bound, in accounted bytes.
    """

    def __init__(self, limit: int = 64 * 2**20) -> None:
        self.limit = limit
        self.stores: dict[str, LineStore] = {}

    @property
    def size(self) -> int:
        """The bytes accounted in all stores."""
        return sum(store.size for store in self.stores.values())

    @property
    def share(self) -> int:
        """The bytes that each store may keep whatever the others do."""
        return min(_SHARE, self.limit // 4 // max(len(self.stores), 1))

    def store(self, name: str) -> LineStore:
        """Return the store of a process, made when first asked for."""
        store = self.stores.get(name)
        if store is None:
            store = self.stores[name] = LineStore(name)
        return store

    def trim(self) -> None:
        """Drop the oldest lines, a little more than needed, if the stores are beyond the limit."""
        size, share = self.size, self.share
        if size <= self.limit:
            return
        goal = self.limit - self.limit // 64
        while size > goal:
            stores = [store for store in self.stores.values() if store.size > share]
            time = _horizon(stores, size - goal)
            for store in stores:
                store.drop_upto(time, store.size - share)
            size = self.size


def _horizon(stores: list[LineStore], need: int) -> float:
    """Return the time up to which lines have to go to free ``need`` bytes, or what the oldest slab allows."""
    times = min((store.oldest_times for store in stores), key=itemgetter(-1))
    index = bisect_left(range(len(times) - 1), need, key=lambda index: sum(s.bytes_upto(times[index]) for s in stores))
    return times[index]
