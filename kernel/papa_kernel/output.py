"""The ring buffer that keeps a process' output until it is acknowledged. Pure: time comes in.

Output is a sequence of positions: each byte, of either stream, takes the next one, and the end of the
process takes one of its own. Records cut the sequence into pieces of one stream, each with the time at
which its first byte was read, never earlier than the record before. Neighbouring writes of one stream
are merged while they are recent, or, once there are many records, whatever their age.

``base`` is where a new reader begins: what is before it has been acknowledged. Readers have cursors, which
are positions. Acknowledged records stay, within the same bound, while a cursor that was there has yet to
pass them. When more than ``bufsize`` bytes are held the oldest records go whole; those nobody had
acknowledged count as dropped. A record is at most a sixteenth of the buffer, so what remains is nearly
all of it.
"""

from bisect import bisect_right
from collections.abc import Callable
from itertools import islice
from operator import attrgetter

from papa_kernel.records import End, Piece, Record
from papa_protocol.watch import Kind

# Writes this close together, in seconds, are one record; short enough for any reader of times.
_MERGE_SECONDS = 0.002
_MERGE_BYTES = 4096
_LARGEST_RECORD = 64 * 1024
_SMALLEST_RECORD = 64
_FEW_RECORDS = 256
_end = attrgetter("end")


class Cursor:
    """A reader's place in the output.

    Args:
        ring: what it reads.
        wake: called when there may be something to take.
        holds: whether what it has not acknowledged is kept for it: a watcher, not a tail.
    """

    __slots__ = ("acknowledged", "holds", "lost", "next", "ring", "wake")

    def __init__(self, ring: "Ring", wake: Callable[[], None], *, holds: bool) -> None:
        self.ring = ring
        self.wake = wake
        self.holds = holds
        self.next = self.acknowledged = ring.base
        self.lost = ring.missing

    @property
    def has_more(self) -> bool:
        """Whether ``take`` would return something."""
        return self.next < self.ring.end or bool(self.lost)

    def take(self, limit: int) -> list[Piece]:
        """Return the next pieces, at least one if there is one, about ``limit`` bytes at most; move on."""
        return self.ring.take(self, limit)

    def acknowledge(self) -> None:
        """Say that everything taken is safe to forget."""
        self.acknowledged = self.next
        self.ring.acknowledged_by_readers()

    def detach(self) -> None:
        """Read no more; what was not acknowledged stays for the next reader."""
        self.ring.forget(self)


class Ring:
    """The output of one process, bounded, and who reads it.

    Args:
        bufsize: the bound, in bytes of data.
    """

    def __init__(self, bufsize: int) -> None:
        self.bufsize = bufsize
        self.base = 0
        self.end = 0
        self.dropped = 0
        self.missing = 0  # what was dropped right before ``base``, for readers to come
        self.closed: End | None = None
        self.cursors: list[Cursor] = []
        self._record_limit = min(_LARGEST_RECORD, max(_SMALLEST_RECORD, bufsize // 16))
        self._many = max(_FEW_RECORDS, bufsize // 128)
        self._records: list[Record] = []
        self._first = 0  # the records before this index have been forgotten
        self._held = 0
        self._last_time = 0.0

    @property
    def buffered(self) -> int:
        """How many bytes of output are held for a reader that begins now."""
        acknowledged = 0
        for record in islice(self._records, self._first, None):
            if record.start >= self.base:
                break
            acknowledged += min(record.end, self.base) - record.start
        return self._held - acknowledged

    @property
    def watchers(self) -> int:
        """How many readers consume what they read."""
        return sum(cursor.holds for cursor in self.cursors)

    @property
    def all_acknowledged(self) -> bool:
        """Whether the end of the process has been acknowledged."""
        return self.closed is not None and self.base >= self.closed.position

    def attach(self, wake: Callable[[], None], *, holds: bool) -> Cursor:
        """Return a new cursor at the oldest output that nobody has acknowledged."""
        cursor = Cursor(self, wake, holds=holds)
        self.cursors.append(cursor)
        return cursor

    def forget(self, cursor: Cursor) -> None:
        """Drop a cursor."""
        self.cursors.remove(cursor)
        self._trim()

    def add(self, kind: Kind, data: bytes, now: float) -> None:
        """Take in output of a stream, read at ``now`` (seconds since 1970), and wake the readers."""
        now = self._last_time = max(now, self._last_time)
        limit = self._record_limit
        if len(data) <= limit:
            self._add_record(kind, data, now)
        else:
            for start in range(0, len(data), limit):
                self._add_record(kind, data[start : start + limit], now)
        if self._held > self.bufsize or len(self._records) - self._first > 2 * self._many:
            self._overflow()
        self.wake()

    def _add_record(self, kind: Kind, data: bytes, now: float) -> None:
        last = self._records[-1] if len(self._records) > self._first else None
        if last is not None and self._may_merge(last, kind, len(data), now):
            last.append(data)
        else:
            self._records.append(Record(kind, now, self.end, data))
        self._held += len(data)
        self.end += len(data)

    def _may_merge(self, last: Record, kind: Kind, size: int, now: float) -> bool:
        if last.kind is not kind or last.end != self.end:
            return False
        if last.end - last.start + size > min(_MERGE_BYTES, self._record_limit):
            return False
        return now - last.time <= _MERGE_SECONDS or len(self._records) - self._first >= self._many

    def close(self, status: int, now: float) -> None:
        """Take in the end of the process; output of its descendants may still follow."""
        now = self._last_time = max(now, self._last_time)
        self.end += 1
        self.closed = End(now, status, self.end)
        self.wake()

    def wake(self) -> None:
        """Tell the readers that something has changed."""
        for cursor in self.cursors:
            cursor.wake()

    def _overflow(self) -> None:
        first = self._first
        while self._held > self.bufsize or len(self._records) - first > 2 * self._many:
            record = self._records[first]
            if len(self._records) - first == 1:  # a lone record larger than the whole buffer
                record = self._split(record, self._held - self.bufsize)
            else:
                first += 1
            unread = self._evict(record)
            self.dropped += unread
            self.missing += unread
        self._forget_before(first)

    def _split(self, record: Record, size: int) -> Record:
        head = Record(record.kind, record.time, record.start, bytes(record.data[:size]))
        record.data = record.data[size:]
        record.start = head.end
        return head

    def _evict(self, record: Record) -> int:
        """Let go of a record; return how many of its bytes nobody had acknowledged."""
        self._held -= record.end - record.start
        for cursor in self.cursors:
            missed = record.end - max(record.start, cursor.next)
            if missed > 0:
                cursor.lost += missed
                cursor.next = self._move(cursor.next, record.end)
        unread = record.end - max(record.start, self.base)
        self.base = self._move(self.base, record.end)
        return max(unread, 0)

    def _move(self, position: int, upto: int) -> int:
        """Return where a reader at ``position`` goes on without what is before ``upto``.

        The end of the process is never lost, though output of its descendants after it may be.
        """
        if self.closed is not None and position < self.closed.position <= upto:
            return self.closed.position - 1
        return max(position, upto)

    def take(self, cursor: Cursor, limit: int) -> list[Piece]:
        """Return the next pieces for ``cursor`` and move it past them."""
        pieces: list[Piece] = []
        index = bisect_right(self._records, cursor.next, lo=self._first, key=_end)
        if cursor.lost:
            pieces.append(self._take_loss(cursor, index))
        size = 0
        while size < limit and cursor.next < self.end:
            record = self._record_at(index)
            if self._end_is_next(cursor.next, record):
                pieces.append(self._take_end(cursor))
            elif record is not None:
                data = record.data_from(cursor.next)
                cursor.next = record.end
                pieces.append(Piece(record.kind, record.time, data, len(data), record.end))
                size += len(data) + 64
                index += 1
            else:  # what came after the end was discarded
                cursor.next = self.end
        self._trim()
        return pieces

    def _record_at(self, index: int) -> Record | None:
        return self._records[index] if index < len(self._records) else None

    def _take_loss(self, cursor: Cursor, index: int) -> Piece:
        """Return what is missing right before the next piece, with that one's time."""
        record = self._record_at(index)
        when = record.time if record is not None else self._last_time
        if self.closed is not None and self._end_is_next(cursor.next, record):
            when = self.closed.time
        number, cursor.lost = cursor.lost, 0
        return Piece(Kind.LOST, when, b"", number, cursor.next)

    def _end_is_next(self, position: int, record: Record | None) -> bool:
        if self.closed is None or position >= self.closed.position:
            return False
        return record is None or record.start >= self.closed.position

    def _take_end(self, cursor: Cursor) -> Piece:
        assert self.closed is not None
        cursor.next = self.closed.position
        return Piece(Kind.CLOSED, self.closed.time, b"", self.closed.status, self.closed.position)

    def acknowledged_by_readers(self) -> None:
        """Release what every attached watcher has acknowledged."""
        self.release(min((cursor.acknowledged for cursor in self.cursors if cursor.holds), default=self.base))

    def release(self, upto: int) -> None:
        """Release everything before the position ``upto``, whoever else reads."""
        if upto > self.base:
            self.base = min(upto, self.end)
            self.missing = 0
            self._trim()

    def discard(self) -> None:
        """Forget all output, for every reader, but not the end of the process."""
        for record in self._records[self._first :]:
            self._evict(record)
        self._records.clear()
        self._first = 0

    def _trim(self) -> None:
        """Forget the records that no reader, present or new, can ask for."""
        floor = min((cursor.next for cursor in self.cursors), default=self.base)
        floor = min(floor, self.base)
        first = self._first
        while first < len(self._records) and self._records[first].end <= floor:
            self._held -= len(self._records[first].data)
            first += 1
        self._forget_before(first)

    def _forget_before(self, first: int) -> None:
        """Move on to the record ``first``; the list is cut when half of it is forgotten."""
        for index in range(self._first, first):
            self._records[index].data = b""
        self._first = first
        if first >= 64 and first * 2 >= len(self._records):
            del self._records[:first]
            self._first = 0
