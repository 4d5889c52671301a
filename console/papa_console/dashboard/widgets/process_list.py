"""The list of processes, flat or folded into namespaces."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from textual.binding import BindingType

from papa_console.dashboard.actions import Where, bindings
from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Snapshot
from papa_console.dashboard.widgets.held_list import HeldList, Vitals
from papa_console.dashboard.widgets.process_columns import COLUMNS
from papa_console.dashboard.widgets.process_facts import ProcessFacts, has_failed
from papa_console.dashboard.widgets.table import VirtualTable
from papa_console.dashboard.widgets.tree import Tree
from papa_protocol.model import ProcessInfo
from papa_protocol.names import is_pattern, matches

_MEASURED = frozenset({"cpu", "memory"})


class ProcessTable(VirtualTable[ProcessFacts]):
    """The table, which can fold dotted names into a tree.

    Namespaces are folded until they are unfolded; while a filter is on, it is the other way round, so that what it
    found is seen.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Where.PROCESSES))
    kind = "processes"

    def __init__(self) -> None:
        super().__init__(COLUMNS, "name")
        self.placeholder = "no processes"
        self.namespaces: Tree | None = None
        self._unfolded: set[str] = set()
        self._folded: set[str] = set()

    def in_order(self, names: list[str]) -> list[str]:
        """Return the rows to show for some names, in order."""
        if self.namespaces is None:
            return self.by_column(names)
        if self.namespaces.names is not names:
            self.namespaces = Tree(names)
        if self.facts is not None:
            self.facts.fold(self.namespaces)
        return self.namespaces.rows(self.by_column, self._is_unfolded)

    def show(self, facts: ProcessFacts, names: Collection[str]) -> None:
        """Show other facts."""
        facts.fold(self.namespaces)
        super().show(facts, names)

    def _is_unfolded(self, key: str) -> bool:
        return key not in self._folded if self.filter else key in self._unfolded

    def _fold(self, key: str, folded: bool) -> None:
        (self._folded.add if folded else self._folded.discard)(key)
        (self._unfolded.discard if folded else self._unfolded.add)(key)
        self.order_rows()
        self.redraw()

    def select(self, key: str) -> bool:
        """Move the cursor to a row, unfolding what it is in; whether there is such a row."""
        if self.namespaces is not None:
            for above in self.namespaces.above(key):
                if above not in self.namespaces.opened:
                    self._fold(above, folded=False)
        return super().select(key)

    def set_filter(self, text: str) -> None:
        """Show only rows whose name contains ``text``; those that were folded away too."""
        if not self.filter:
            self._folded.clear()
        super().set_filter(text)

    def heir(self, key: str) -> str | None:
        """Return the namespace into which ``key`` was folded, or what is first in one that is a row no more."""
        if self.namespaces is None:
            return next((name for name in self.names.all if is_pattern(key) and matches(name, key)), None)
        closed = [above for above in self.namespaces.above(key) if above not in self.namespaces.opened]
        return closed[-1] if closed else None

    def knows(self, key: str) -> bool:
        """Whether there is such a row, though a filter or a namespace may hide it."""
        return key in self.names or (self.namespaces is not None and bool(self.members(key)))

    def members(self, key: str) -> Sequence[str]:
        """Return the processes that a row stands for; of a shown namespace, those that a filter lets through."""
        if self.namespaces is None or key in self.names:
            return (key,)
        if self.namespaces.is_namespace(key):
            return self.namespaces.members(key)
        return [name for name in self.names.all if is_pattern(key) and matches(name, key)]

    def action_tree(self) -> None:
        """Fold dotted names into a tree, or show all names."""
        if self.namespaces is None:
            self.namespaces = Tree(())
        else:
            self.rows.set_marks(name for key in self.rows.marks for name in self.members(key))
            self.namespaces = None
            if self.facts is not None:
                self.facts.fold(None)
        self.order_rows()
        self.reveal()
        self.redraw()
        self.post_message(self.Arranged())

    def action_fold(self) -> None:
        """Fold the namespace, or the one that the row is in."""
        key = self.rows.cursor
        if self.namespaces is None or key is None:
            return
        target = key if key in self.namespaces.opened else self.namespaces.parent(key)
        if target is not None:
            self.select(target)
            self._fold(target, folded=True)

    def action_unfold(self) -> None:
        """Unfold the namespace, or go into it."""
        key = self.rows.cursor
        if self.namespaces is None or key is None or not self.namespaces.is_namespace(key):
            return
        if key in self.namespaces.opened:
            self.action_down()
        else:
            self._fold(key, folded=False)


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
        return self.table.members(key)

    @property
    def visible_rows(self) -> list[str]:
        """The names of what is on the screen, and of whatever is needed to put it in order."""
        return self.table.names.all if self.table.sorted_by in _MEASURED else super().visible_rows

    def passing(self) -> int:
        """Return how many names the filter lets through."""
        return len(self.table.namespaces.names) if self.table.namespaces is not None else len(self.table.rows)

    def remarks(self) -> Iterator[str]:
        """Yield how many failed."""
        if self._failed:
            yield f"{self._failed:,} ✗"
