"""A watcher that counts: it walks over records in dialect 1 without copying them, and acknowledges each batch."""

import socket

RECEIVE = 1 << 18
LONGEST_HEADER = 200


class SinkError(Exception):
    """The stream is not what a watch sends."""


class Sink:
    """Reads one watch.

    Args:
        sock: a watch has just been asked for on it.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.received: dict[bytes, int] = {}
        self.ended: set[bytes] = set()
        self.over = False
        self._sock = sock
        self._buffer = bytearray(RECEIVE)
        self._view = memoryview(self._buffer)
        self._skip = 0
        self._head = b""

    @property
    def total(self) -> int:
        """How many bytes of output have come."""
        return sum(self.received.values())

    def receive(self) -> None:
        """Read once; acknowledge a batch that has ended."""
        size = self._sock.recv_into(self._view)
        if not size:
            raise SinkError("the kernel closed the connection")
        at = min(self._skip, size)
        self._skip -= at
        while at < size:
            at = self._take_head(at, size)

    def _take_head(self, at: int, size: int) -> int:
        """Take the head of a record, or what there is of it; return where to go on."""
        if self._head or self._buffer[at] == 0x5D:  # "]"
            return self._take_slowly(at, size)
        end = self._buffer.find(b"\n", at, size)
        if end < 0:
            return self._take_slowly(at, size)
        return self._skip_data(bytes(self._view[at:end]), end + 1, size)

    def _take_slowly(self, at: int, size: int) -> int:
        """Take a head that may be the end of a batch, or in two reads."""
        self._head += bytes(self._view[at : at + 1])
        if self._head == b"] ":
            self._head = b""
            self._sock.sendall(b"\n")
        elif self._head.endswith(b"\n"):
            head, self._head = self._head[:-1], b""
            return self._skip_data(head, at + 1, size)
        return at + 1

    def _skip_data(self, head: bytes, at: int, size: int) -> int:
        fields = head.split(b":")
        if fields[0] in {b"out", b"err"}:
            length = int(fields[-1])
            self.received[fields[1]] = self.received.get(fields[1], 0) + length
            step = min(length + 1, size - at)
            self._skip = length + 1 - step
            return at + step
        self._note(fields)
        return at

    def _note(self, fields: list[bytes]) -> None:
        if fields[0] == b"closed":
            self.ended.add(fields[1])
        elif fields[0] == b"Error":
            raise SinkError(b":".join(fields).decode())
        elif fields[0] == b"Nothing left to watch":
            self.over = True

    def run(self, ends: int = 1) -> None:
        """Read until so many processes have ended."""
        while len(self.ended) < ends:
            self.receive()
