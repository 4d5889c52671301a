"""The list of processes, flat or folded into namespaces."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from textual.binding import BindingType

from papa_console.dashboard.actions import Where, bindings
from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Snapshot
from papa_console.dashboard.widgets.held_list import HeldList, Vitals
from papa_console.dashboard.widgets.process_facts import ProcessFacts, has_failed
from papa_console.dashboard.widgets.process_model import ProcessModel
from papa_console.dashboard.widgets.table import VirtualTable
from papa_console.dashboard.widgets.tree import Tree
from papa_protocol.model import ProcessInfo

_MEASURED = frozenset({"cpu", "memory"})


class ProcessTable(VirtualTable[ProcessFacts]):
    """The table, which can fold dotted names into a tree."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Where.PROCESSES))
    kind = "processes"
    model: ProcessModel

    def __init__(self) -> None:
        super().__init__(ProcessModel(), "no processes")

    @property
    def namespaces(self) -> Tree | None:
        """The tree, while names are folded."""
        return self.model.tree

    def select(self, key: str) -> bool:
        """Move the cursor to a row, unfolding what it is in; whether there is such a row."""
        if self.model.reach(key):
            self.order_rows()
        return super().select(key)

    def action_tree(self) -> None:
        """Fold dotted names into a tree, or show all names."""
        self.model.turn_tree()
        self.order_rows()
        self.reveal()
        self.redraw()
        self.post_message(self.Arranged())

    def action_fold(self) -> None:
        """Fold the namespace, or the one that the row is in."""
        target = self.model.to_fold(self.rows.cursor) if self.rows.cursor is not None else None
        if target is not None:
            self.select(target)
            self._fold(target, folded=True)

    def action_unfold(self) -> None:
        """Unfold the namespace, or go into it."""
        key, tree = self.rows.cursor, self.model.tree
        if key is None or tree is None or not tree.is_namespace(key):
            return
        if key in tree.opened:
            self.action_down()
        else:
            self._fold(key, folded=False)

    def _fold(self, key: str, folded: bool) -> None:
        self.model.fold(key, folded)
        self.order_rows()
        self.redraw()


class ProcessList(HeldList):
    """The processes."""

    kind = "processes"
    heading = "1 Processes"
    table: ProcessTable
    _processes: Mapping[str, ProcessInfo] = MappingProxyType({})
    _failed = 0

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.table = ProcessTable()

    def show(self, snapshot: Snapshot, history: History, vitals: Vitals, now: float) -> None:
        """Show what the kernel holds."""
        if snapshot.processes is not self._processes:
            self._processes = snapshot.processes
            self._failed = sum(map(has_failed, snapshot.processes.values()))
        self.table.show(ProcessFacts(snapshot, history, vitals, now), snapshot.processes)
        self.retitle()

    def names_of(self, key: str) -> Sequence[str]:
        """Return the processes that a row stands for."""
        return self.table.model.members(key)

    @property
    def visible_rows(self) -> list[str]:
        """The names of what is on the screen, and of whatever is needed to put it in order."""
        return self.table.model.names.all if self.table.sorted_by in _MEASURED else super().visible_rows

    def passing(self) -> int:
        """Return how many names the filter lets through."""
        return len(self.table.namespaces.names) if self.table.namespaces is not None else len(self.table.rows)

    def remarks(self) -> Iterator[str]:
        """Yield how many failed."""
        if self._failed:
            yield f"{self._failed:,} ✗"
