"""A client for tests that sees the bytes themselves."""

import socket
from typing import Self

# Far longer than anything takes on a machine that is busy with other things.
TIMEOUT = 60.0


class Wire:
    """A raw connection to a kernel.

    Args:
        endpoint: a port of 127.0.0.1 or a path.
        greeted: whether to read the greeting first.
    """

    def __init__(self, endpoint: int | str, *, greeted: bool = True) -> None:
        if isinstance(endpoint, int):
            self.socket = socket.create_connection(("127.0.0.1", endpoint), TIMEOUT)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(TIMEOUT)
            self.socket.connect(endpoint)
        self.buffer = b""
        if greeted:
            self._greet()

    def _greet(self) -> None:
        try:
            self.greeting = self.read_until(b"> ")
        except BaseException:
            self.close()  # a later test would be told of it
            raise

    def send(self, data: bytes | str) -> None:
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def receive(self) -> bytes:
        """Return what has arrived, waiting for something; empty at the end."""
        if self.buffer:
            data, self.buffer = self.buffer, b""
            return data
        return self.socket.recv(65536)

    def read_until(self, end: bytes) -> bytes:
        """Return everything up to and including ``end``."""
        while (at := self.buffer.find(end)) < 0:
            data = self.socket.recv(1 << 20)
            assert data, f"connection closed after {self.buffer!r}, before {end!r}"
            self.buffer += data
        at += len(end)
        data, self.buffer = self.buffer[:at], self.buffer[at:]
        return data

    def read_exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            data = self.socket.recv(1 << 20)
            assert data, "connection closed early"
            self.buffer += data
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read_to_end(self) -> bytes:
        """Return everything until the kernel closes the connection."""
        data, self.buffer = self.buffer, b""
        while more := self.socket.recv(1 << 20):
            data += more
        return data

    def command(self, line: str | bytes) -> str:
        """Send one line and return its reply, without the prompt; dialect 1 rules."""
        self.send((line.encode() if isinstance(line, str) else line) + b"\n")
        reply = self.read_until(b"\n> ")
        return reply[:-3].decode("utf-8", "surrogateescape")

    def record(self) -> tuple[str, bytes] | str:
        """Return the next record of a batch as (header, data), or the prompt, or a final line."""
        if not self.buffer.startswith(b"] "):
            self._fill(2)
        if self.buffer.startswith(b"] "):
            self.read_exactly(2)
            return "] "
        header = self.read_until(b"\n")[:-1].decode()
        kind, _, rest = header.partition(":")
        if kind in ("out", "err") and rest:
            fields = rest.split(":")
            # NAME:TIME:LENGTH or NAME:TIME:LENGTH:POSITION; names in tests hold no colon.
            data = self.read_exactly(int(fields[2]) + 1)[:-1]
            return header, data
        return (header, b"") if kind in ("closed", "lost") and rest else header

    def _fill(self, count: int) -> None:
        while len(self.buffer) < count:
            data = self.socket.recv(1 << 20)
            assert data, f"connection closed after {self.buffer!r}"
            self.buffer += data

    def batch(self) -> list[tuple[str, bytes]]:
        """Return the records up to the next ``] ``."""
        records: list[tuple[str, bytes]] = []
        while (record := self.record()) != "] ":
            assert isinstance(record, tuple), f"expected a record, got {record!r} after {records!r}"
            records.append(record)
        return records

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
