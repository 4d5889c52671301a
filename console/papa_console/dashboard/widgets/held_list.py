"""What the three lists have in common: what is shown, selected, marked and lit up, and what the border says."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from textual.content import Content

from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Snapshot
from papa_console.dashboard.held.vitals import Vital
from papa_console.dashboard.widgets.columns import tidy
from papa_console.dashboard.widgets.filter_pane import FilterPane
from papa_console.text import shorten

Vitals = Mapping[str, Vital]
_FILTER_SHOWN = 24


class HeldList(FilterPane, can_focus=True):
    """A list in its pane. What has the focus is the table inside, ``table``: the pane hands it on."""

    kind: ClassVar[str] = ""
    heading: ClassVar[str] = ""
    _titles = ("", "")

    # what is shown

    def show(self, snapshot: Snapshot, history: History, vitals: Vitals, now: float) -> None:
        """Show what the kernel holds.

        Args:
            snapshot: that.
            history: what it held before.
            vitals: processor and memory of processes on this machine, by name.
            now: the time, in seconds since 1970.
        """
        raise NotImplementedError

    @property
    def selected(self) -> str | None:
        """What the cursor is on; a pattern for a namespace."""
        return self.table.rows.cursor

    @property
    def marks(self) -> list[str]:
        """What is marked, in the order of marking; patterns for namespaces."""
        return list(self.table.rows.marks)

    @property
    def chosen(self) -> list[str]:
        """The names of what is marked, or else selected; those in it for a namespace."""
        keys = self.marks or ([self.selected] if self.selected is not None else [])
        return list(dict.fromkeys(name for key in keys for name in self.names_of(key)))

    def names_of(self, key: str) -> Sequence[str]:
        """Return the names that a row stands for."""
        return (key,)

    @property
    def visible_rows(self) -> list[str]:
        """The names of what is on the screen, and of whatever is needed to put it in order."""
        return [name for key in self.table.visible_keys() for name in self.names_of(key)]

    @property
    def related(self) -> frozenset[str]:
        """The rows that are lit up, since something selected elsewhere is wired to them."""
        return self.table.lit

    @related.setter
    def related(self, names: set[str] | frozenset[str]) -> None:
        if names != self.table.lit:
            self.table.lit = frozenset(names)
            self.table.redraw()

    def select(self, name: str) -> bool:
        """Move the cursor to a row; whether there is such a row."""
        return self.table.select(name)

    # the title

    def on_mount(self) -> None:
        """Show the title."""
        self.retitle()

    def retitle(self) -> None:
        """Say in the border what the list is about, what is filtered, and what it is sorted by."""
        title, subtitle = titles = self._title(), self._subtitle()
        if title != self._titles[0]:
            self.border_title = Content(title)
        if subtitle != self._titles[1]:
            self.border_subtitle = Content(subtitle)
        self._titles = titles

    def _title(self) -> str:
        model = self.table.model
        if not model.filter:
            return self.heading
        text = shorten(tidy(model.filter.text), _FILTER_SHOWN)
        return f"{self.heading} /{text} {self.passing():,}/{len(model.names.all):,}"

    def passing(self) -> int:
        """Return how many names the filter lets through."""
        return len(self.table.rows)

    def _subtitle(self) -> str:
        model = self.table.model
        marked = [f"{len(model.rows.marks):,} marked"] if model.rows.marks else []
        return " · ".join([f"{len(model.names.all):,}", *self.remarks(), *marked, f"{model.by.id} {model.arrow}"])

    def remarks(self) -> Iterator[str]:
        """Yield what else there is to say about all rows."""
        return iter(())
