"""What a ring buffer is made of, and what its readers take."""

from papa_protocol.hints import NamedTuple
from papa_protocol.watch import Kind


class Record:
    """A run of one stream's output, which grows while writes follow each other closely."""

    __slots__ = ("data", "end", "kind", "start", "time")

    def __init__(self, kind: Kind, time: float, start: int, data: bytes | memoryview) -> None:
        self.kind = kind
        self.time = time
        self.start = start
        self.end = start + len(data)
        self.data: bytes | bytearray | memoryview = data

    def append(self, data: bytes | memoryview) -> None:
        """Let it grow."""
        if not isinstance(self.data, bytearray):
            self.data = bytearray(self.data)
        end = self.end + len(data)
        self.data += data
        self.end = end

    @property
    def is_lent(self) -> bool:
        """Whether its bytes are those of a file that another kernel wrote."""
        return isinstance(self.data, memoryview)

    def own(self) -> None:
        """Copy its bytes from there; whoever has forgotten it meanwhile has let go of them."""
        if self.is_lent:
            self.data = bytes(self.data)

    def data_from(self, position: int) -> bytes:
        """Return its bytes beyond a position."""
        skip = max(position - self.start, 0)
        return bytes(self.data[skip:] if skip else self.data)


class Piece(NamedTuple):
    """What a reader takes: output, the end of the process, or a loss (``number`` of bytes)."""

    kind: Kind
    time: float
    data: bytes
    number: int
    position: int


class End(NamedTuple):
    """The end of the process: its time, exit status and position."""

    time: float
    status: int
    position: int
