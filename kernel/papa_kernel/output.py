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

Nothing needs to be dropped before a watcher that keeps up has read it: once enough waits for its
acknowledgement there is no ``room``, and whoever feeds the ring is to wait. There always is room where
nobody watches, or only who does not keep up.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from operator import attrgetter
from struct import Struct

from papa_kernel.cursor import Cursor
from papa_kernel.pace import Pace
from papa_kernel.records import End, Piece, Record
from papa_protocol.hints import Any
from papa_protocol.watch import Kind

# Writes this close together, in seconds, are one record; short enough for any reader of times.
_MERGE_SECONDS = 0.002
_MERGE_BYTES = 4096
_LARGEST_RECORD = 64 * 1024
_SMALLEST_RECORD = 64
_FEW_RECORDS = 256
# What waits for a watcher is at most half of the buffer, and no more than keeps it busy: what is soon read and
# forgotten stays in the processor's cache.
_ENOUGH = 2 * 1024 * 1024
_end = attrgetter("end")
# What is saved of a record besides its bytes: its time, its first position, the one after its last, whether it is err.
_SAVED_RECORD = Struct("<dqq?")


class Ring:
    """The output of one process, bounded, and who reads it.

    Args:
        bufsize: the bound, in bytes of data.
    """

    __slots__ = (
        "_enough", "_first", "_held", "_last_time", "_many", "_record_limit", "_records", "_step",
        "base", "bufsize", "closed", "cursors", "dropped", "end", "missing",
    )  # fmt: skip

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
        self._enough = min(bufsize // 2, _ENOUGH)
        self._step = min(_LARGEST_RECORD, max(bufsize // 4, 1))
        self._records: list[Record] = []
        self._first = 0  # the records before this index have been forgotten
        self._held = 0
        self._last_time = 0.0

    @property
    def buffered(self) -> int:
        """How many bytes of output are held for a reader that begins now."""
        if self._first == len(self._records):
            return 0
        start = max(self.base, self._records[self._first].start)
        end_is_between = self.closed is not None and start < self.closed.position
        return self.end - start - end_is_between

    @property
    def held(self) -> int:
        """How many bytes of output are held for any reader."""
        return self._held

    @property
    def watchers(self) -> int:
        """How many readers consume what they read."""
        return sum(cursor.pace is not None for cursor in self.cursors)

    @property
    def all_acknowledged(self) -> bool:
        """Whether the end of the process has been acknowledged."""
        return self.closed is not None and self.base >= self.closed.position

    def attach(self, wake: Callable[[], None], pace: Pace | None = None) -> Cursor:
        """Return a new cursor, a watcher's with its pace or a tail's, at the oldest that nobody has acknowledged."""
        cursor = Cursor(self, wake, pace)
        self.cursors.append(cursor)
        return cursor

    def forget(self, cursor: Cursor) -> None:
        """Drop a cursor."""
        self.cursors.remove(cursor)
        self._trim()

    def room(self, now: float) -> int:
        """Return how much may be added at a time (any clock): 0 while a watcher that keeps up has enough to read."""
        if not self.cursors:
            return _LARGEST_RECORD
        slowest = self.end + 1
        for each in self.cursors:
            if each.acknowledged < slowest and each.pace is not None and each.pace.keeps_up(now):
                slowest = each.acknowledged
        if slowest > self.end:
            return _LARGEST_RECORD
        slowest = max(slowest, self.base)
        if self.end - slowest > self._enough or self._has_many_records(slowest):
            return 0
        return self._step

    def _has_many_records(self, position: int) -> bool:
        count = len(self._records)
        if count - self._first <= self._many:
            return False
        return count - bisect_right(self._records, position, lo=self._first, key=_end) > self._many

    def wait_until(self, now: float) -> float:
        """Return the time up to which a lack of room can last if no watcher acknowledges anything."""
        keeping_up = (each.pace for each in self.cursors if each.pace is not None and each.pace.keeps_up(now))
        return min((pace.expect(now) for pace in keeping_up), default=now)  # time has passed since there was no room

    def add(self, kind: Kind, data: bytes | memoryview, now: float) -> None:
        """Take in output of a stream, read at ``now`` (seconds since 1970), and wake the readers."""
        now = self._last_time = max(now, self._last_time)
        limit = self._record_limit
        if len(data) <= limit:
            self._add_record(kind, data, now)
        else:
            for start in range(0, len(data), limit):
                self._add_record(kind, data[start : start + limit], now)
        if self._held > self.bufsize or len(self._records) - self._first > 2 * self._many:
            self._overflow(self.bufsize)
        self.wake()

    def _add_record(self, kind: Kind, data: bytes | memoryview, now: float) -> None:
        held, end = self._held + len(data), self.end + len(data)
        last = self._records[-1] if len(self._records) > self._first else None
        if last is not None and self._may_merge(last, kind, len(data), now):
            last.append(data)
        else:
            self._records.append(Record(kind, now, self.end, data))
        self._held, self.end = held, end  # not before there was memory for it

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

    @property
    def saved(self) -> dict[str, Any]:
        """What ``restore`` needs, but for the readers and the bytes in ``pieces``."""
        return {**self.progress, "records": len(self._records) - self._first}

    @property
    def progress(self) -> dict[str, Any]:
        """What may have changed since it was made, but for its records and readers."""
        return {
            "base": self.base,
            "end": self.end,
            "dropped": self.dropped,
            "missing": self.missing,
            "closed": self.closed,
            "last_time": self._last_time,
        }

    def proceed(self, progress: dict[str, Any]) -> None:
        """Become what ``progress`` was, all output until then having been added."""
        self._become(progress)
        self._trim()

    def _become(self, progress: dict[str, Any]) -> None:
        self.base, self.end = progress["base"], progress["end"]
        self.dropped, self.missing = progress["dropped"], progress["missing"]
        self.closed = End(*progress["closed"]) if progress["closed"] else None
        self._last_time = progress["last_time"]

    @property
    def pieces(self) -> Iterator[bytes | bytearray | memoryview]:
        """What the records are, and then the bytes that are held, oldest first."""
        records = self._records[self._first :]
        yield b"".join([_SAVED_RECORD.pack(each.time, each.start, each.end, each.kind is Kind.ERR) for each in records])
        for each in records:
            yield each.data

    def restore(self, saved: dict[str, Any], take: Callable[[int], bytes | memoryview]) -> None:
        """Become what was saved.

        Args:
            saved: what ``saved`` was.
            take: returns the next bytes of what ``pieces`` were, or lends them.
        """
        self._become(saved)
        records = take(saved["records"] * _SAVED_RECORD.size)
        for time, start, end, is_err in _SAVED_RECORD.iter_unpack(records):
            self._records.append(Record(Kind.ERR if is_err else Kind.OUT, time, start, take(end - start)))
            self._held += end - start

    @property
    def lent(self) -> list[Record]:
        """The records whose bytes are still those of the file that another kernel wrote."""
        return [each for each in self._records[self._first :] if each.is_lent]

    def wake(self) -> None:
        """Tell the readers that something has changed."""
        for cursor in self.cursors:
            cursor.wake()

    def cut(self, size: int) -> None:
        """Forget the oldest output until no more than ``size`` bytes, one at least, are held."""
        self._overflow(min(size, self.bufsize))

    def _overflow(self, size: int) -> None:
        first = self._first
        while self._held > size or len(self._records) - first > 2 * self._many:
            record = self._records[first]
            if len(self._records) - first == 1:  # a lone record larger than all that may be held
                record = self._split(record, self._held - size)
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
        begin = cursor.next
        index = bisect_right(self._records, cursor.next, lo=self._first, key=_end)
        if cursor.lost:
            pieces.append(self._take_loss(cursor, index))
        size = 0
        while size < limit and cursor.next < self.end:
            record = self._record_at(index)
            if self.closed is not None and self._end_is_next(cursor.next, record):
                pieces.append(self._take_end(cursor))
            elif record is not None:
                data = record.data_from(cursor.next)
                cursor.next = record.end
                pieces.append(Piece(record.kind, record.time, data, len(data), record.end))
                size += len(data) + 64
                index += 1
            else:  # what came after the end was discarded
                cursor.next = self.end
        if begin < self.base:
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
        self.release(min((each.acknowledged for each in self.cursors if each.pace is not None), default=0))

    def release(self, upto: int) -> None:
        """Release everything before the position ``upto``, whoever else reads."""
        if upto > self.base:
            self.base = min(upto, self.end)
            self.missing = 0
            self._trim()
        else:  # of what was dropped, this much had been read before, and so is not missing
            self.missing = min(self.missing, self.base - upto)

    def discard(self) -> None:
        """Forget all output, for every reader, but not the end of the process."""
        self._evict_all()

    def lose(self, count: int) -> None:
        """Take note of output that cannot be held at all; what is held goes with it, since the oldest goes first."""
        lost = Record(Kind.OUT, self._last_time, self.end, b"")
        self.end = lost.end = self.end + count
        self._held += count
        self._records.append(lost)
        unread = self._evict_all()
        self.dropped += unread
        self.missing += unread

    def _evict_all(self) -> int:
        unread = sum(map(self._evict, self._records[self._first :]))
        self._records.clear()
        self._first = 0
        return unread

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
