"""Batches of output: how ``watch`` and ``tail`` write them, and how they are read.

A batch is records up to the prompt ``] ``; each record is a header line, and for output its data and
a line feed::

    out:NAME:TIME:LENGTH[:POSITION]     LENGTH bytes of standard output, then a line feed
    err:NAME:TIME:LENGTH[:POSITION]     the same of standard error
    closed:NAME:TIME:STATUS[:POSITION]  the process ended
    lost:NAME:TIME:BYTES[:POSITION]     what the reader cannot have, because the ring buffer had to drop it

POSITION, where the record ends, comes with every tail and in dialect 2; so does ``lost``. The line
that is no record ends the stream, and a prompt follows it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from papa_protocol.errors import CommandError, RemoteProtocolError
from papa_protocol.words import Dialect, show_name, to_bytes, to_text, unescape

BATCH_END = b"] "
PROMPT = b"> "
ACKNOWLEDGE = b"\n"
STOP = b"q\n"


class Kind(Enum):
    """What a record tells."""

    OUT = "out"
    ERR = "err"
    CLOSED = "closed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a batch.

    Args:
        kind: what it tells.
        name: the process' name.
        time: seconds since 1970 at which the kernel read the data or learnt of the end.
        data: the bytes of output; empty for other kinds.
        number: the exit status, negative for a signal, or the count of lost bytes.
        position: where it ends, None where the stream does not say.
    """

    kind: Kind
    name: str
    time: float
    data: bytes = b""
    number: int = 0
    position: int | None = None


@dataclass(frozen=True, slots=True)
class BatchEnd:
    """All records of the batch have been seen; in a watch the kernel waits for a line."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The stream is over and the connection takes commands again; ``text`` says why it ended."""

    text: str


Event = Record | BatchEnd | Finished


class BatchWriter:
    """Writes records as one stream wants them.

    Args:
        dialect: how names are written.
        positions: whether records carry their positions, and losses are told.
    """

    def __init__(self, dialect: Dialect, *, positions: bool) -> None:
        self._dialect = dialect
        self._positions = positions

    @property
    def tells_losses(self) -> bool:
        """Whether the stream has ``lost`` records."""
        return self._positions

    def header(self, kind: Kind, name: str, time: float, number: int, position: int) -> bytes:
        """Return a record's header line; ``number`` is its length, exit status or count of bytes."""
        shown = show_name(name, self._dialect)
        place = f":{position}" if self._positions else ""
        return to_bytes(f"{kind.value}:{shown}:{time!r}:{number}{place}\n")


_KINDS = {kind.value.encode(): kind for kind in Kind}


class BatchReader:
    """Reads the stream that follows the first line of the reply to ``watch`` or ``tail``.

    Args:
        dialect: how names are written.
        positions: whether records carry their positions.
    """

    def __init__(self, dialect: Dialect, *, positions: bool) -> None:
        self._dialect = dialect
        self._fields = 3 if positions else 2
        self._buffer = bytearray()
        self._start = 0
        self._scanned = 0
        self._next: Callable[[], Event | None] = self._read_header
        self._head = Record(Kind.OUT, "", 0.0)
        self._length = 0
        self._text = ""

    def receive(self, data: bytes) -> None:
        """Take in what the kernel sent."""
        if self._start:
            del self._buffer[: self._start]
            self._scanned -= self._start
            self._start = 0
        self._buffer += data

    @property
    def holds_bytes(self) -> bool:
        """Whether bytes have been received that no event has told of yet."""
        return self._start < len(self._buffer)

    def next_event(self) -> Event | None:
        """Return the next event in order, or None where it has not arrived whole.

        Raises:
            RemoteProtocolError: what arrived is no batch.
        """
        return self._next()

    def _read_header(self) -> Event | None:
        if self._buffer.startswith(BATCH_END, self._start):
            self._take(len(BATCH_END))
            return BatchEnd()
        line = self._take_line()
        if line is None:
            return None
        kind = _KINDS.get(line.partition(b":")[0])
        if kind is None or line.count(b":") <= self._fields:
            self._text, self._next = to_text(line), self._read_prompt
            return self._next()
        self._head = self._parse(kind, line)
        if kind in (Kind.OUT, Kind.ERR):
            self._length, self._next = self._head.number, self._read_data
            return self._next()
        return self._head

    def _parse(self, kind: Kind, line: bytes) -> Record:
        head, *numbers = line.rsplit(b":", self._fields)
        try:
            name = head.partition(b":")[2]
            shown = unescape(name) if self._dialect is Dialect.V2 else to_text(name)
            position = int(numbers[2]) if self._fields == 3 else None
            number = int(numbers[1])
            if number < 0 and kind is not Kind.CLOSED:
                raise ValueError("a negative count")
            return Record(kind, shown, float(numbers[0]), b"", number, position)
        except (ValueError, CommandError) as error:
            raise RemoteProtocolError(f"Bad record {to_text(line)!r}: {error}") from None

    def _read_data(self) -> Event | None:
        end = self._start + self._length
        if len(self._buffer) <= end:
            return None
        head = self._head
        with memoryview(self._buffer) as view:
            data = bytes(view[self._start : end])
        self._take(self._length + 1)
        self._next = self._read_header
        return Record(head.kind, head.name, head.time, data, 0, head.position)

    def _read_prompt(self) -> Event | None:
        if len(self._buffer) - self._start < len(PROMPT):
            return None
        if not self._buffer.startswith(PROMPT, self._start):
            raise RemoteProtocolError(f"Expected a record or a prompt after {self._text!r}")
        self._take(len(PROMPT))
        self._next = self._read_header
        return Finished(self._text)

    def _take_line(self) -> bytes | None:
        end = self._buffer.find(b"\n", max(self._start, self._scanned))
        if end < 0:
            self._scanned = len(self._buffer)
            return None
        line = bytes(self._buffer[self._start : end])
        self._take(end + 1 - self._start)
        return line

    def _take(self, count: int) -> None:
        self._start += count
        self._scanned = self._start
