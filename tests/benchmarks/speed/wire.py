"""A raw connection in dialect 1: lines out, replies in, with a deadline on every read."""

import socket

ANSWER_WITHIN = 30.0
END = b"\n> "


class WireError(Exception):
    """The kernel closed the connection, or said no."""


class Wire:
    """A connection that has read the greeting.

    Args:
        sock: connected, nothing read yet.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        sock.settimeout(ANSWER_WITHIN)
        if sock.family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read_until(b"> ", 1)

    def _receive(self) -> bytes:
        if data := self.sock.recv(262144):
            return data
        raise WireError("the kernel closed the connection")

    def _read_until(self, mark: bytes, count: int) -> bytes:
        data = b""
        while not (data.endswith(mark) and (count == 1 or data.count(mark) >= count)):
            data += self._receive()
        if b"Error: " in data:
            raise WireError(data.partition(b"Error: ")[2].split(b"\n")[0].decode(errors="replace"))
        return data

    def ask(self, line: bytes) -> bytes:
        """Send a command; return the reply without its end."""
        self.sock.sendall(line + b"\n")
        return self._read_until(END, 1)[: -len(END)]

    def ask_all(self, lines: list[bytes], window: int = 100) -> None:
        """Send commands in groups, waiting for the replies of each group."""
        for start in range(0, len(lines), window):
            group = lines[start : start + window]
            self.sock.sendall(b"\n".join(group) + b"\n")
            self._read_until(END, len(group))

    def finish(self) -> None:
        """Wait for the reply that is due, and close."""
        self._read_until(b"> ", 1)
        self.close()

    def close(self) -> None:
        self.sock.close()
