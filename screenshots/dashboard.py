"""The pictures of papa-console: the real program, on the shop that ``papa-console --demo`` shows."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from papa_console.demo.workload import Workload
from terminal import Terminal

CONSOLE = str(Path(sys.executable).parent / "papa-console")
_MIDDLE, _SMALL = (120, 40), (80, 24)
_ESCAPE = "\x1b"
_HISTORY_SECONDS = 45.0  # so that there is something to see of rates, forecasts and changes
_SHORT_SECONDS = 12.0
_ANSWER_SECONDS = 0.4


class Picture(NamedTuple):
    """One picture: how the console is started, and what is done before it is taken."""

    name: str
    play: Callable[[Terminal], None]
    size: tuple[int, int] = _MIDDLE
    theme: str = "papa-dark"


def _press(terminal: Terminal, *keys: str) -> None:
    """Type keys or words, each after the one before has been answered."""
    for key in keys:
        terminal.type(key)
        terminal.watch(_ANSWER_SECONDS)


def _open(terminal: Terminal, *names: str) -> None:
    """Show the output of processes, at its end."""
    _press(terminal, ":", f"tail processes {' '.join(names)}", "\r", "4", "G")


def dashboard(terminal: Terminal) -> None:
    """Everything at a glance, and the output of a worker."""
    _open(terminal, "worker.mail")
    _press(terminal, "1")


def merged(terminal: Terminal) -> None:
    """The output of several processes in one order."""
    _open(terminal, "web.1", "web.2", "worker.mail", "worker.thumbs")
    _press(terminal, "t")


def search(terminal: Terminal) -> None:
    """Matches, marked and counted."""
    _open(terminal, "worker.mail")
    _press(terminal, "/", "receipt", "\r", "N", "N")


def form(terminal: Terminal) -> None:
    """A process being made: every option, checked while typing."""
    _press(terminal, "1", "+")
    terminal.wait_for(lambda lines: any("Make a process" in line for line in lines))
    _press(terminal, "worker.search", "\t", "/usr/bin/python3", "\t", "/srv/shop/search.py")


def help_(terminal: Terminal) -> None:
    """The keys."""
    _press(terminal, "?")


PICTURES = (
    Picture("console-dashboard", dashboard),
    Picture("console-merged", merged),
    Picture("console-search", search),
    Picture("console-form", form),
    Picture("console-help", help_),
    Picture("console-light", merged, theme="papa-light"),
    Picture("console-80x24", dashboard, size=_SMALL),
)


def take(wanted: Callable[[str], bool], folder: Path) -> Iterator[Path]:
    """Take the pictures that are wanted and yield where they are.

    Those of one size and theme are taken in one run of the console.
    """
    pictures = [picture for picture in PICTURES if wanted(picture.name)]
    if not pictures:
        return
    with tempfile.TemporaryDirectory(prefix="papa-", dir="/tmp") as state, Workload() as shop:
        shop.wait_until_busy()
        runs = groupby(pictures, key=lambda picture: (picture.size, picture.theme))
        for number, (_, several) in enumerate(runs):
            with _console(shop.endpoint, Path(state) / str(number), first := next(several)) as terminal:
                terminal.watch(_SHORT_SECONDS if number else _HISTORY_SECONDS)
                for picture in (first, *several):
                    yield _take(terminal, picture, folder)


@contextmanager
def _console(endpoint: str, state: Path, picture: Picture) -> Iterator[Terminal]:
    """Run the console as a picture wants it."""
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    env |= {"XDG_STATE_HOME": str(state), "XDG_CONFIG_HOME": str(state)}
    env.pop("NO_COLOR", None)
    terminal = Terminal([CONSOLE, "-u", endpoint, "--theme", picture.theme], *picture.size, env)
    try:
        terminal.wait_for(lambda lines: any("audit" in line for line in lines))
        yield terminal
    finally:
        terminal.close()


def _take(terminal: Terminal, picture: Picture, folder: Path) -> Path:
    picture.play(terminal)
    terminal.watch(1.5)
    path = folder / f"{picture.name}.svg"
    terminal.save(path, f"papa-console — {'x'.join(map(str, picture.size))}")
    _press(terminal, *[_ESCAPE] * 4, "1")  # back to where it began
    return path
