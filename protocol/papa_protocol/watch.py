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
from enum import Enum

from papa_protocol.errors import CommandError, RemoteProtocolError
from papa_protocol.hints import NamedTuple
from papa_protocol.words import Dialect, show_name, to_bytes, to_text, unescape

BATCH_END = b"] "
PROMPT = b"> "
ACKNOWLEDGE = b"\n"
STOP = b"q\n"


class Kind(Enum):
    """What a record tells.

    Attributes:
        OUT: standard output.
        ERR: standard error.
        CLOSED: the end of the process.
        LOST: output that this reader cannot have, because it had to be dropped.
    """

    OUT = "out"
    ERR = "err"
    CLOSED = "closed"
    LOST = "lost"


class Record(NamedTuple):
    """One record of a batch.

    Attributes:
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


class BatchEnd:
    """All records of the batch have been seen; in a watch the kernel waits for a line."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BatchEnd)

    def __hash__(self) -> int:
        return hash(BatchEnd)


class Finished(NamedTuple):
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
        self._shown: dict[str, str] = {}

    @property
    def tells_losses(self) -> bool:
        """Whether the stream has ``lost`` records."""
        return self._positions

    def header(self, kind: Kind, name: str, time: float, number: int, position: int) -> bytes:
        """Return a record's header line; ``number`` is its length, exit status or count of bytes."""
        shown = self._shown.get(name) or self._show(name)
        place = f":{position}" if self._positions else ""
        return to_bytes(f"{kind._value_}:{shown}:{time!r}:{number}{place}\n")

    def _show(self, name: str) -> str:
        """Return a name as it is written, and keep that: most records are of few processes."""
        shown = show_name(name, self._dialect)
        if len(self._shown) < _NAMES:
            self._shown[name] = shown
        return shown


_NAMES = 10_000
_Head = tuple[Kind, str, float, int, int | None]
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
        self._head: _Head = (Kind.OUT, "", 0.0, 0, None)
        self._text = ""
        self._names: dict[bytes, str] = {}

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
        kind = _KINDS.get(line[: line.find(b":")])
        parts = line.rsplit(b":", self._fields)
        if kind is None or len(parts) <= self._fields or b":" not in parts[0]:
            self._text, self._next = to_text(line), self._read_prompt
            return self._next()
        self._head = self._parse(kind, parts, line)
        if kind is Kind.OUT or kind is Kind.ERR:
            return self._read_data()
        kind, name, time, number, position = self._head
        return Record(kind, name, time, b"", number, position)

    def _parse(self, kind: Kind, parts: list[bytes], line: bytes) -> _Head:
        try:
            number = int(parts[2])
            if number < 0 and kind is not Kind.CLOSED:
                raise ValueError("a negative count")
            name = self._names.get(parts[0]) or self._read_name(parts[0])
            return kind, name, float(parts[1]), number, int(parts[3]) if self._fields == 3 else None
        except (ValueError, CommandError) as error:
            raise RemoteProtocolError(f"Bad record {to_text(line)!r}: {error}") from None

    def _read_name(self, head: bytes) -> str:
        """Return the name in the beginning of a header, and keep it: most records are of few processes."""
        written = head.partition(b":")[2]
        name = unescape(written) if self._dialect is Dialect.V2 else to_text(written)
        if len(self._names) < _NAMES:
            self._names[head] = name
        return name

    def _read_data(self) -> Event | None:
        kind, name, time, length, position = self._head
        start = self._start
        end = start + length
        if len(self._buffer) <= end:
            self._next = self._read_data
            return None
        self._start = self._scanned = end + 1
        self._next = self._read_header
        # A slice of the buffer would be one copy more.
        return Record(kind, name, time, bytes(memoryview(self._buffer)[start:end]), 0, position)

    def _read_prompt(self) -> Event | None:
        if len(self._buffer) - self._start < len(PROMPT):
            return None
        if not self._buffer.startswith(PROMPT, self._start):
            raise RemoteProtocolError(f"Expected a record or a prompt after {self._text!r}")
        self._take(len(PROMPT))
        self._next = self._read_header
        return Finished(self._text)

    def _take_line(self) -> bytes | None:
        end = self._buffer.find(b"\n", self._scanned)
        if end < 0:
            self._scanned = len(self._buffer)
            return None
        line = bytes(self._buffer[self._start : end])
        self._start = self._scanned = end + 1
        return line

    def _take(self, count: int) -> None:
        self._start += count
        self._scanned = self._start
