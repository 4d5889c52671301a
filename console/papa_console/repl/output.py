"""Where the REPL writes: results to one stream, all else to another, in colour where that is wanted."""

import os
from collections.abc import Mapping
from enum import Enum
from typing import TextIO

from papa_console.text import clean


class Color(Enum):
    """When to use colours; ``AUTO`` is on a terminal, unless NO_COLOR is set."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


RED, BOLD = "31", "1"
# Values of TERM of which nothing can be expected.
BAD_TERMINALS = ("", "dumb", "unknown")


def wants_color(stream: TextIO, color: Color, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether ``stream`` is to be coloured."""
    if color is not Color.AUTO:
        return color is Color.ALWAYS
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM", "") not in BAD_TERMINALS


def paint(text: str, color: str) -> str:
    """Return ``text`` in a colour, which is the parameters of its escape sequence."""
    return f"\x1b[{color}m{text}\x1b[0m" if text else text


class Output:
    """The two streams.

    Args:
        out: for results.
        err: for all else.
        color: when to use colours.
    """

    def __init__(self, out: TextIO, err: TextIO, color: Color = Color.AUTO) -> None:
        self.out = out
        self.err = err
        self.color_wish = color
        self.color = wants_color(out, color)
        self.err_color = wants_color(err, color)

    @property
    def is_terminal(self) -> bool:
        """Whether results go to a terminal."""
        return self.out.isatty()

    @property
    def columns(self) -> int:
        """The width of the terminal; 80 where there is none."""
        return self._size()[0]

    @property
    def rows(self) -> int:
        """The height of the terminal; 24 where there is none."""
        return self._size()[1]

    def _size(self) -> tuple[int, int]:
        try:
            found = os.get_terminal_size(self.out.fileno())
        except (OSError, ValueError):
            return 80, 24
        return found.columns or 80, found.lines or 24

    def result(self, text: str) -> None:
        """Write a result and a line end, through a pager where it is taller than the terminal."""
        if self.is_terminal and text.count("\n") + 2 > self.rows:
            from papa_console.repl.pager import page  # noqa: PLC0415 - few results need it

            self.flush()
            if page(text + "\n"):
                return
        self.out.write(text + "\n")
        self.flush()

    def error(self, text: str) -> None:
        """Say what went wrong, in red."""
        self.note(paint(clean(text), RED) if self.err_color else clean(text))

    def note(self, text: str) -> None:
        """Say something that is no result; control characters in it are meant."""
        self.flush()
        self.err.write(text + "\n")
        self.err.flush()

    def discard(self) -> None:
        """Let further results go nowhere: whoever read them has gone."""
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, self.out.fileno())
        os.close(devnull)

    def flush(self) -> None:
        """Hand everything to the system."""
        self.out.flush()
