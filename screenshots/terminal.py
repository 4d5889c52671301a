"""A terminal for screenshots: runs a real program in a pseudo-terminal and draws its screen as SVG."""

import html
import os
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import pexpect
import pyte
from pyte.screens import Char

from shapes import SHAPES, draw_shapes

_CELL = (8.43, 18.0)  # what DejaVu Sans Mono has at 14; not every program stretches text to its length
_PADDING = 14.0
_BAR = 30.0
_FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"
_BACKGROUND = "#15181e"
_FOREGROUND = "#d5d9e0"
_COLOURS = {
    "black": "#2a2f3a",
    "red": "#f07178",
    "green": "#a5d66b",
    "brown": "#ffcb6b",
    "blue": "#7aa2f7",
    "magenta": "#c792ea",
    "cyan": "#6fd3e0",
    "white": "#d5d9e0",
    "brightblack": "#7a8494",
    "brightred": "#ff8b92",
    "brightgreen": "#c3e88d",
    "brightbrown": "#ffe08a",
    "brightblue": "#9ab8ff",
    "brightmagenta": "#d9b3ff",
    "brightcyan": "#9be7f0",
    "brightwhite": "#ffffff",
}


class Terminal:
    """A program on a screen of its own.

    Args:
        command: the program and its arguments.
        columns: the width of the screen.
        rows: its height.
        env: the program's environment.
    """

    def __init__(self, command: list[str], columns: int, rows: int, env: dict[str, str]) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            command[0], command[1:], dimensions=(rows, columns), env=env, timeout=10
        )
        # Drawing takes its time; a program must not see a slow terminal meanwhile.
        self._received: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._receive, daemon=True).start()

    def _receive(self) -> None:
        while True:
            try:
                data = os.read(self._child.child_fd, 65536)
            except OSError:
                return
            self._received.put(data)

    def type(self, keys: str) -> None:
        """Send keys."""
        self._child.send(keys)

    def wait_for(self, shown: Callable[[list[str]], bool]) -> None:
        """Return once the lines of the screen are as wanted.

        Raises:
            RuntimeError: they are not within 10 s.
        """
        deadline = time.monotonic() + 10
        while not shown([line.rstrip() for line in self.screen.display]):
            if time.monotonic() > deadline:
                raise RuntimeError("The screen did not come up:\n" + "\n".join(self.screen.display))
            self.read()

    def read(self) -> None:
        """Take in what the program writes, and answer where the cursor is when it asks."""
        try:
            data = self._received.get(timeout=0.1)
        except queue.Empty:
            return
        self._stream.feed(data)
        if b"\x1b[6n" in data:
            self._child.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")

    def watch(self, seconds: float) -> None:
        """Take in what the program writes for a while, and all that it has written by then."""
        until = time.monotonic() + seconds
        while time.monotonic() < until or not self._received.empty():
            self.read()

    def settle(self) -> None:
        """Take in what comes until nothing has come for a moment."""
        before = None
        while before != self.screen.display:
            before = list(self.screen.display)
            for _ in range(3):
                self.read()

    def close(self) -> None:
        """End the program."""
        self._child.close(force=True)

    def save(self, path: Path, title: str) -> None:
        """Draw the screen into an SVG file."""
        path.write_text(draw(self.screen, title))


def draw(screen: pyte.Screen, title: str) -> str:
    """Return the screen as SVG, in a window with a title."""
    return draw_window(screen, title, [*draw_rows(screen), _draw_cursor(screen)])


def draw_window(screen: pyte.Screen, title: str, content: list[str]) -> str:
    """Return SVG in a window for a screen, with a title."""
    width = screen.columns * _CELL[0] + 2 * _PADDING
    height = screen.lines * _CELL[1] + 2 * _PADDING + _BAR
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{_FONT}" font-size="14">',
        f'<rect width="100%" height="100%" rx="10" fill="{_background(screen)}"/>',
        *(
            f'<circle cx="{20 + 20 * number}" cy="17" r="6" fill="{colour}"/>'
            for number, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
        ),
        f'<text x="{width / 2:.0f}" y="22" fill="#7a8494" text-anchor="middle">{html.escape(title)}</text>',
        *content,
        "</svg>\n",
    ]
    return "\n".join(part for part in parts if part)


def draw_rows(screen: pyte.Screen) -> list[str]:
    """Return the SVG of each row, nothing for an empty one."""
    background = _background(screen)
    return ["\n".join(_draw_row(screen, row, background)) for row in range(screen.lines)]


def _background(screen: pyte.Screen) -> str:
    """Return the colour that most of the screen has."""
    cells = (screen.buffer[row][column] for row in range(screen.lines) for column in range(screen.columns))
    return Counter(_colours(cell)[1] for cell in cells).most_common(1)[0][0]


def _runs(screen: pyte.Screen, row: int) -> Iterator[tuple[int, str, Char]]:
    """Yield the pieces of a row that look alike: column, text, a character of it."""
    cells = [(column, screen.buffer[row][column]) for column in range(screen.columns)]
    for _, group in groupby(cells, key=lambda cell: cell[1]._replace(data="")):
        run = list(group)
        yield run[0][0], "".join(char.data for _, char in run), run[0][1]


def _draw_row(screen: pyte.Screen, row: int, background: str) -> Iterator[str]:
    for column, text, look in _runs(screen, row):
        front, back = _colours(look)
        x, y = _PADDING + column * _CELL[0], _BAR + _PADDING + row * _CELL[1]
        if back != background:
            # a little wider and higher than the cells: no gap may show between neighbours
            wide, high = len(text) * _CELL[0] + 0.3, _CELL[1] + 0.3
            yield f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high}" fill="{back}"/>'
        yield from draw_shapes(text, x, y, _CELL, front)
        letters = "".join(" " if char in SHAPES else char for char in text)
        if letters.strip():
            yield _draw_text(letters, x, y, front, look)


def _draw_text(text: str, x: float, y: float, colour: str, look: Char) -> str:
    style = ' font-weight="bold"' * look.bold + ' font-style="italic"' * look.italics
    style += ' text-decoration="underline"' * look.underscore
    x += (len(text) - len(text.lstrip())) * _CELL[0]
    text = text.strip()
    return (
        f'<text x="{x:.1f}" y="{y + 13.5:.1f}" fill="{colour}"{style} xml:space="preserve" '
        f'textLength="{len(text) * _CELL[0]:.1f}" lengthAdjust="spacingAndGlyphs">{html.escape(text)}</text>'
    )


def _colours(look: Char) -> tuple[str, str]:
    front = _colour(look.fg, _FOREGROUND)
    back = _colour(look.bg, _BACKGROUND)
    return (back, front) if look.reverse else (front, back)


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return _COLOURS.get(name, f"#{name}" if len(name) == 6 else default)


def _draw_cursor(screen: pyte.Screen) -> str:
    if screen.cursor.hidden:
        return ""
    x, y = _PADDING + screen.cursor.x * _CELL[0], _BAR + _PADDING + screen.cursor.y * _CELL[1]
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{_CELL[0]}" height="{_CELL[1]}" fill="#d5d9e0" opacity="0.55"/>'
