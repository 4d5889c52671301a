"""Received bytes to replies: the client's side of commands.

A reply is text, a line feed, and the prompt ``> ``. In dialect 2 payload is escaped, so the first line
that begins with the prompt ends the reply. In dialect 1 it may hold such lines, and only a prompt with
nothing after it can be taken for the end.
"""

from papa_protocol.hints import NamedTuple
from papa_protocol.watch import PROMPT
from papa_protocol.words import Dialect, to_text

ERROR_MARK = "Error: "
_END = b"\n" + PROMPT


class Reply(NamedTuple):
    """The kernel's answer to one command, without its prompt."""

    text: str

    @property
    def error(self) -> str | None:
        """What was wrong, or None where nothing was."""
        return self.text.removeprefix(ERROR_MARK) if self.text.startswith(ERROR_MARK) else None


class ReplyReader:
    """Cuts what the kernel sends into replies.

    Args:
        dialect: how payload is written; may be changed between two replies.
    """

    def __init__(self, dialect: Dialect = Dialect.V1) -> None:
        self.dialect = dialect
        self._buffer = bytearray()
        self._scanned = 0
        self._line_scanned = 0

    def receive(self, data: bytes) -> None:
        """Take in what the kernel sent."""
        self._buffer += data

    @property
    def held(self) -> int:
        """How many bytes have been received beyond the last event."""
        return len(self._buffer)

    def next_event(self) -> Reply | None:
        """Return the next reply, or None where it has not arrived whole."""
        end = self._find_end()
        if end is None:
            return None
        return Reply(to_text(self._take(end)[: max(end - len(_END), 0)]))

    def next_line(self) -> str | None:
        """Return the next line, for a reply that is followed by batches; None where it is not there yet."""
        end = self._buffer.find(b"\n", self._line_scanned)
        if end < 0:
            self._line_scanned = len(self._buffer)
            return None
        return to_text(self._take(end + 1)[:-1])

    def rest(self) -> bytes:
        """Hand over what has been received beyond the last event."""
        return self._take(len(self._buffer))

    def _take(self, count: int) -> bytes:
        data = bytes(memoryview(self._buffer)[:count])
        del self._buffer[:count]
        self._scanned = self._line_scanned = 0
        return data

    def _find_end(self) -> int | None:
        if self.dialect is Dialect.V1:
            ended = self._buffer.endswith(_END) or self._buffer == PROMPT
            return len(self._buffer) if ended else None
        if self._buffer.startswith(PROMPT):
            return len(PROMPT)
        found = self._buffer.find(_END, max(self._scanned - len(_END), 0))
        self._scanned = len(self._buffer)
        return found + len(_END) if found >= 0 else None
