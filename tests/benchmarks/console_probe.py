"""papa-console with a probe inside: it tells, over a descriptor, when the action of each key was done.

``python -m benchmarks.console_probe FD ARGUMENTS…`` is the program itself; only the actions that keys call are wrapped.
What it tells is a line for each: its name, the time (CLOCK_MONOTONIC, the same for all processes), how many lines have
been taken in, and how many of these the pane does not show yet.
"""

import os
import sys
import time
from collections.abc import Callable

from papa_console.dashboard import __main__ as program
from papa_console.dashboard import opening
from papa_console.dashboard.app import Console
from papa_console.dashboard.options import Options
from papa_console.dashboard.widgets.held_list import HeldList
from papa_console.dashboard.widgets.output_moves import Moves
from papa_console.dashboard.widgets.table import VirtualTable

PROBED: tuple[tuple[type, str], ...] = (
    (VirtualTable, "action_up"),
    (VirtualTable, "action_down"),
    (VirtualTable, "action_page_down"),
    (VirtualTable, "action_first"),
    (VirtualTable, "action_sort"),
    (HeldList, "_filter"),
    (Moves, "action_up"),
    (Moves, "action_last"),
)


def told(console: Console, name: str) -> bytes:
    """Return what is told of an action that has just been done."""
    done = time.monotonic()
    taken = sum(store.next for store in console.session.link.storage.stores.values())
    behind = console._main.output.view.behind if console._main is not None else 0
    return f"{name} {done} {taken} {behind}\n".encode()


def probe(owner: type, name: str, tell: Callable[[str], object]) -> None:
    """Have the end of each call of a method told."""
    method = getattr(owner, name)

    def probed(*arguments: object) -> object:
        result = method(*arguments)
        tell(name)
        return result

    setattr(owner, name, probed)


def main() -> None:
    """Run the program."""
    descriptor = int(sys.argv.pop(1))
    consoles: list[Console] = []

    def make(options: Options) -> Console:
        consoles.append(Console(options))
        return consoles[0]

    for owner, name in PROBED:
        probe(owner, name, lambda name: os.write(descriptor, told(consoles[0], name)))
    vars(opening)["Console"] = make
    program.main()


if __name__ == "__main__":
    main()
