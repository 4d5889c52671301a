"""Turning connections away: one line for who connected, a count for ``info``, and now and then a line for the log."""

import contextlib
import socket
import time

from papa_kernel.log import log
from papa_protocol.replies import ERROR_MARK
from papa_protocol.words import to_bytes

# However many connections are turned away, the log gets no more than one line in so many seconds.
_LOG_SECONDS = 60.0


class Refusals:
    """Connections that got no session, or lost theirs with their first line."""

    def __init__(self) -> None:
        self.count = 0
        self._unlogged = 0
        self._silent_until = 0.0

    def turn_away(self, sock: socket.socket, reason: str) -> None:
        """Say why, and close."""
        self.note(reason)
        with sock, contextlib.suppress(OSError):
            sock.setblocking(False)
            sock.send(to_bytes(f"{ERROR_MARK}{reason}\n"))
            sock.shutdown(socket.SHUT_WR)
            # What was sent ahead and is never read would make TCP take the line back.
            sock.recv(64 * 1024)

    def note(self, reason: str) -> None:
        """Count a connection, and log it unless another was logged lately."""
        self.count += 1
        self._unlogged += 1
        now = time.monotonic()
        if now < self._silent_until:
            return
        others = f" (and {self._unlogged - 1} others before)" if self._unlogged > 1 else ""
        log.warning("A connection was refused: %s%s", reason, others)
        self._unlogged = 0
        self._silent_until = now + _LOG_SECONDS
