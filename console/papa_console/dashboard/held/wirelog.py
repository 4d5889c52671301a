"""What went over the wire, line by line, for people to look at: bounded, cleaned, long lines cut."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from papa_console.text import clean_line
from papa_protocol.words import to_text

SENT, RECEIVED, TOLD = ">", "<", "·"
_ENTRIES = 5000
_LONGEST = 1000
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class WireLine:
    """A line that was sent or received, or a remark about what is not shown in full.

    Args:
        time: when, in seconds since 1970.
        direction: ``>`` sent, ``<`` received, ``·`` a remark.
        text: it, safe to show.
        connection: what the connection is for.
    """

    time: float
    direction: str
    text: str
    connection: str


class WireLog:
    """The newest lines; ``next`` is the number of the next, and ``first`` that of the oldest kept.

    Args:
        limit: how many lines are kept.
    """

    def __init__(self, limit: int = _ENTRIES) -> None:
        self.next = 0
        self._lines: deque[WireLine] = deque(maxlen=limit)

    @property
    def first(self) -> int:
        """The number of the oldest line."""
        return self.next - len(self._lines)

    def since(self, number: int = 0) -> Iterator[WireLine]:
        """Yield the lines from ``number`` on that are kept."""
        return islice(self._lines, max(number - self.first, 0), None)

    def sent(self, data: bytes, connection: str, now: float) -> None:
        """Take in a line that was sent."""
        self._add(SENT, to_text(data[: 4 * _LONGEST].removesuffix(b"\n")), connection, now)

    def received(self, text: str, connection: str, now: float, most: int = MOST_LINES) -> None:
        """Take in a reply; beyond ``most`` lines it is summed up."""
        lines = text.split("\n", most)
        for line in lines[:most]:
            self._add(RECEIVED, line, connection, now)
        if len(lines) > most:
            left = lines[most].count("\n") + 1
            self.tell(f"{left:,} more line{'s' * (left > 1)}", connection, now)

    def tell(self, text: str, connection: str, now: float) -> None:
        """Add a remark."""
        self._add(TOLD, text, connection, now)

    def _add(self, direction: str, text: str, connection: str, now: float) -> None:
        shown = clean_line(text[:_LONGEST]) + ("…" if len(text) > _LONGEST else "")
        self._lines.append(WireLine(now, direction, shown, connection))
        self.next += 1
