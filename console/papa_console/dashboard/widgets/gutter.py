"""What stands before a line of output: when it came, which process wrote it, and which of its streams.

The columns, from the left: a mark at the chosen line, the time, the name where several processes are shown, and a bar
before lines of standard error, so that these are told apart without colours too.
"""

import time
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from papa_console.dashboard.output.lines import Source
from papa_console.text import clean_line, duration, width

CHOSEN = "❯"
ERROR_BAR = "┃"
_LONGEST_NAME = 16


class Times(Enum):
    """How the time of a line is shown; the value is what the title calls it."""

    OFF = ""
    CLOCK = "clock"
    RELATIVE = "age"
    DELTA = "delta"

    @property
    def columns(self) -> int:
        """How many columns it takes, without the space after it."""
        return _COLUMNS[self]

    @property
    def next(self) -> "Times":
        """The one after this, and after the last the first."""
        every = list(Times)
        return every[(every.index(self) + 1) % len(every)]


_COLUMNS = {Times.OFF: 0, Times.CLOCK: 12, Times.RELATIVE: 6, Times.DELTA: 8}


@lru_cache(4)
def _second(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


def clock(when: float) -> str:
    """Return the local time of day to the millisecond, such as ``16:13:00.260``."""
    thousandths = int(when * 1000 + 0.001)  # .26 is .259999 in binary
    return f"{_second(thousandths // 1000)}.{thousandths % 1000:03d}"


def age(seconds: float) -> str:
    """Return how long ago something was, in at most 6 columns."""
    return f"{max(int(seconds), 0)}s" if seconds < 60 else duration(seconds)


def delta(seconds: float) -> str:
    """Return the time between two lines in at most 8 columns, such as ``+0.013s``; nothing where there was none."""
    if seconds < 0.0005:
        return ""
    return f"+{seconds:.3f}s" if seconds < 100 else "+" + duration(seconds)


def name_columns(names: Sequence[str], room: int) -> int:
    """Return how wide the column of names is: none for one name, and never more than a quarter of the room."""
    if len(names) < 2:
        return 0
    return max(min(max(width(clean_line(name)) for name in names), _LONGEST_NAME, room // 4), 1)


@lru_cache(1024)
def name_cell(name: str, columns: int) -> str:
    """Return a name in exactly so many columns; what is cut is its beginning, which a namespace shares."""
    clean = clean_line(name)
    if width(clean) > columns:
        while width(clean) > columns - 1:
            clean = clean[1:]
        clean = "…" + clean
    return clean + " " * (columns - width(clean))


def bar(source: Source) -> str:
    """Return the mark of a stream."""
    return ERROR_BAR if source is Source.ERR else " "
