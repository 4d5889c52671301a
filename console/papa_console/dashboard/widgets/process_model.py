"""The rows of the list of processes: names, or namespaces that fold. Pure.

Namespaces are folded until they are unfolded; while a filter is on it is the other way round, so that what it found is
seen.
"""

from collections.abc import Collection, Sequence

from papa_console.dashboard.widgets.process_columns import COLUMNS
from papa_console.dashboard.widgets.process_facts import ProcessFacts
from papa_console.dashboard.widgets.table_model import Model
from papa_console.dashboard.widgets.tree import Tree
from papa_protocol.names import is_pattern, matches


class ProcessModel(Model[ProcessFacts]):
    """The rows."""

    def __init__(self) -> None:
        super().__init__(COLUMNS, "name")
        self.tree: Tree | None = None
        self._unfolded: set[str] = set()
        self._folded: set[str] = set()

    def take(self, facts: ProcessFacts, names: Collection[str]) -> bool:
        """Take what columns draw from and the names that there are now; whether rows have to be ordered again."""
        facts.fold(self.tree)
        return super().take(facts, names)

    def in_order(self, names: list[str]) -> list[str]:
        """Return the rows to show for some names, in order."""
        if self.tree is None:
            return self.by_column(names)
        if self.tree.names is not names:
            self.tree = Tree(names)
        if self.facts is not None:
            self.facts.fold(self.tree)
        return self.tree.rows(self.by_column, self._is_unfolded)

    def turn_tree(self) -> None:
        """Fold names into a tree, or no longer; marks of namespaces become those of their members."""
        if self.tree is None:
            self.tree = Tree(())
            return
        self.rows.set_marks(name for key in self.rows.marks for name in self.members(key))
        self.tree = None
        if self.facts is not None:
            self.facts.fold(None)

    def fold(self, key: str, folded: bool) -> None:
        """Fold a namespace, or unfold it."""
        (self._folded.add if folded else self._folded.discard)(key)
        (self._unfolded.discard if folded else self._unfolded.add)(key)

    def _is_unfolded(self, key: str) -> bool:
        return key not in self._folded if self.filter else key in self._unfolded

    def reach(self, key: str) -> bool:
        """Unfold what a row is in; whether there was anything to unfold."""
        closed = self._closed(key)
        for above in closed:
            self.fold(above, folded=False)
        return bool(closed)

    def _closed(self, key: str) -> list[str]:
        """Return the folded namespaces that a row is in, the innermost first."""
        if self.tree is None:
            return []
        return [above for above in self.tree.above(key) if above not in self.tree.opened]

    def to_fold(self, key: str) -> str | None:
        """Return the namespace to fold at a row: itself, if it is an unfolded one, else the one that it is in."""
        if self.tree is None:
            return None
        return key if key in self.tree.opened else self.tree.parent(key)

    def set_filter(self, text: str) -> None:
        """Let only names through that contain ``text``, or, after ``!``, do not; folded ones too."""
        if not self.filter:
            self._folded.clear()
        super().set_filter(text)

    def heir(self, key: str) -> str | None:
        """Return the namespace into which ``key`` was folded, or what is first in one that is a row no more."""
        if self.tree is None:
            return next((name for name in self.names.all if is_pattern(key) and matches(name, key)), None)
        return next(reversed(self._closed(key)), None)

    def knows(self, key: str) -> bool:
        """Whether there is such a row, though a filter or a namespace may hide it."""
        return key in self.names or (self.tree is not None and bool(self.members(key)))

    def members(self, key: str) -> Sequence[str]:
        """Return the processes that a row stands for; of a shown namespace, those that a filter lets through."""
        if self.tree is None or key in self.names:
            return (key,)
        if self.tree.is_namespace(key):
            return self.tree.members(key)
        return [name for name in self.names.all if is_pattern(key) and matches(name, key)]
