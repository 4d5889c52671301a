"""The other end of a connection: the lines that come from it, and the bytes on their way to it."""

import socket
from collections.abc import Callable

from papa_kernel.unsent import Unsent
from papa_protocol.foreign import foreign_line, foreign_start
from papa_protocol.hints import Any
from papa_protocol.lines import LineReader, TooLong
from papa_protocol.telnet import TelnetFilter

# A read allocates so much first; more gains nothing.
_READ_SIZE = 16 * 1024


class Peer:
    """A socket that never blocks, read as lines and written from a buffer.

    Args:
        sock: connected.
        line_limit: the longest line, in bytes.
        lost: called when reading or writing fails for good.
        starved: called when there is no memory to read into; what has arrived waits in the system.
    """

    def __init__(
        self, sock: socket.socket, line_limit: int, lost: Callable[[], None], starved: Callable[[], None]
    ) -> None:
        self._socket = sock
        self._lost = lost
        self._starved = starved
        self._telnet = TelnetFilter()
        self._reader = LineReader(line_limit)
        self.lines = self._reader.waiting
        self.unsent = Unsent()
        self.done = False  # it sends no more
        self.foreign: str | None = None  # whose protocol it speaks, if not ours
        self._begun = self._known = False  # its first bytes, its first line have been looked at
        sock.setblocking(False)

    @property
    def saved(self) -> dict[str, Any]:
        """What ``restore`` needs, but for the bytes that are unsent."""
        size, begun = self._reader.begun
        return {
            "family": self._socket.family,
            "fd": self.fileno,
            "done": self.done,
            "recognized": [self._begun, self._known],
            "telnet": _text(self._telnet.pending),
            "line": [size, _text(begun)],
            "lines": [_text(line) if isinstance(line, bytes) else line.limit for line in self.lines],
        }

    def restore(self, saved: dict[str, Any], unsent: bytes) -> None:
        """Become what was saved.

        Args:
            saved: what ``saved`` was.
            unsent: the bytes that were unsent.
        """
        self.done = saved["done"]
        self._begun, self._known = saved["recognized"]
        self._telnet.pending = _bytes(saved["telnet"])
        size, begun = saved["line"]
        self._reader.resume(size, _bytes(begun))
        self.lines.extend(_bytes(line) if isinstance(line, str) else TooLong(line) for line in saved["lines"])
        self.unsent.add([unsent])

    @property
    def fileno(self) -> int:
        """The connection's descriptor, negative once it is closed."""
        return self._socket.fileno()

    def receive(self) -> bool:
        """Take in what has arrived; return whether there was anything."""
        try:
            data = self._socket.recv(_READ_SIZE)
        except BlockingIOError:
            return False
        except OSError:
            self._lost()
            return False
        except MemoryError:
            if not self._reader.give_up():
                self._starved()
            return False
        if data:
            self._reader.receive(self._telnet.receive(data))
            if answers := self._telnet.data_to_send():
                self.unsent.add([answers])
        else:
            self.done = True
            self._reader.rest()
        if not self._known:
            self._recognize(data)
        return bool(data)

    def _recognize(self, data: bytes) -> None:
        """See from the first bytes and the first line that is not empty whether they are meant for a kernel."""
        if data and not self._begun:
            self._begun = True
            self.foreign = foreign_start(data)
        first = next(filter(None, self.lines), None)
        if first:
            self._known = True
            self.foreign = self.foreign or (foreign_line(first) if isinstance(first, bytes) else None)

    def say(self, data: bytes) -> None:
        """Send at once what it takes, and keep the rest."""
        rest: bytes | memoryview = data
        if not self.unsent.size:
            try:
                sent = self._socket.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                self._lost()
                return
            if sent == len(data):
                return
            rest = memoryview(data)[sent:]  # there may be no memory for another copy
        self.unsent.add([rest])

    def send(self) -> None:
        """Send as much of what is unsent as it takes."""
        while self.unsent.size and self.fileno >= 0:
            try:
                self.unsent.sent(self._socket.sendmsg(self.unsent.next_pieces()))
            except BlockingIOError:
                return
            except OSError:
                self._lost()
                return

    def close(self) -> None:
        """Close the connection; its lines are of no interest any more."""
        self.lines.clear()
        self._socket.close()


def _text(data: bytes) -> str:
    """Return bytes as a text of as many characters."""
    return data.decode("latin-1")


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")
