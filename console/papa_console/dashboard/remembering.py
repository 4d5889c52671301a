"""How the user left the screen, and how the settings want it: put in place at the start, and taken down at the end."""

from typing import Protocol

from papa_console.dashboard.arrangement import LISTS
from papa_console.dashboard.files.config import Config
from papa_console.dashboard.files.state import State
from papa_console.dashboard.widgets.gutter import Times
from papa_console.dashboard.widgets.held_list import HeldList
from papa_console.dashboard.widgets.output_pane import OutputPane
from papa_console.dashboard.widgets.process_list import ProcessList

LISTS_WIDTH = "lists"
_WRAP, _TREE = "wrap", "tree"
_TIMES = {"off": Times.OFF, "clock": Times.CLOCK, "age": Times.RELATIVE, "delta": Times.DELTA}


class Parts(Protocol):
    """The parts of the main screen that have something to be remembered."""

    @property
    def output(self) -> OutputPane:
        """The output that follows the selection."""

    def list_of(self, kind: str) -> HeldList:
        """Return the list of one kind."""

    def set_lists_width(self, columns: int) -> None:
        """Give the lists so many columns."""


def restore(parts: Parts, config: Config, state: State) -> None:
    """Put everything where it was; what the settings say goes before what is remembered."""
    for kind, (column, backwards) in state.sorts.items():
        if kind in LISTS:
            parts.list_of(kind).table.sort_by(column, backwards=backwards)
    if width := config.sidebar or state.sizes.get(LISTS_WIDTH, 0):
        parts.set_lists_width(width)
    for kind, rows in (("sockets", config.sockets), ("values", config.values)):
        if rows:
            parts.list_of(kind).styles.height = parts.list_of(kind).styles.max_height = rows
    parts.output.lines.look.times = _TIMES[config.times]
    if config.wrap or state.switches.get(_WRAP):
        parts.output.action_wrap()
    processes = parts.list_of("processes")
    if state.switches.get(_TREE) and isinstance(processes, ProcessList):
        processes.table.action_tree()


def note(parts: Parts, state: State) -> None:
    """Take down how everything is now."""
    for kind in LISTS:
        table = parts.list_of(kind).table
        state.sorts[kind] = (table.sorted_by, table.backwards)
    state.switches[_WRAP] = parts.output.lines.look.wrap
    processes = parts.list_of("processes")
    if isinstance(processes, ProcessList):
        state.switches[_TREE] = processes.table.namespaces is not None
