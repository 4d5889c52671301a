"""What the three lists have in common: a table in a pane with a border, a title, and a line to type a filter into."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Snapshot
from papa_console.dashboard.held.vitals import Vital
from papa_console.dashboard.widgets.columns import tidy
from papa_console.dashboard.widgets.input_bar import InputBar
from papa_console.dashboard.widgets.table import VirtualTable
from papa_console.text import shorten

Vitals = Mapping[str, Vital]
_FILTER_SHOWN = 24


class HeldList(Vertical, can_focus=True):
    """A list in its pane. What has the focus is the table inside, ``table``: the pane hands it on."""

    DEFAULT_CSS = """
    HeldList {
        height: 1fr; background: $background; border: round $border-blurred;
        border-title-color: $foreground 70%; border-subtitle-color: $foreground 55%;
        &:focus-within { border: heavy $primary; border-title-color: $primary; border-title-style: bold; }
        &:ansi { border: round ansi_bright_black; }
        &:ansi:focus-within { border: heavy $primary; }
        & > VirtualTable { background: $background; }
        & > InputBar { dock: bottom; }
    }
    """
    kind: ClassVar[str] = ""
    heading: ClassVar[str] = ""
    table: VirtualTable[Any]
    _titles = ("", "")

    def compose(self) -> Iterator[Widget]:
        """Make the table and the line to type into."""
        yield self.table
        yield InputBar()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how high the list would like to be."""
        return self.table.get_content_height(container, viewport, width) + self.query_one(InputBar).is_open

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
            self.table.lit = names

    def select(self, name: str) -> bool:
        """Move the cursor to a row; whether there is such a row."""
        return self.table.select(name)

    # the title

    def retitle(self) -> None:
        """Say in the border what the list is about, what is filtered, and what it is sorted by."""
        title, subtitle = titles = self._title(), self._subtitle()
        if title != self._titles[0]:
            self.border_title = Content(title)
        if subtitle != self._titles[1]:
            self.border_subtitle = Content(subtitle)
        self._titles = titles

    def _title(self) -> str:
        table = self.table
        if not table.filter:
            return self.heading
        text = shorten(tidy(table.filter.text), _FILTER_SHOWN)
        return f"{self.heading} /{text} {self.passing():,}/{len(table.names.all):,}"

    def passing(self) -> int:
        """Return how many names the filter lets through."""
        return len(self.table.rows)

    def _subtitle(self) -> str:
        table = self.table
        parts = [f"{len(table.names.all):,}", *self.remarks()]
        if table.rows.marks:
            parts.append(f"{len(table.rows.marks):,} marked")
        if len(table.columns) > 1:
            parts.append(f"{table.sorted_title} {table.arrow}")
        return " · ".join(parts)

    def remarks(self) -> Iterator[str]:
        """Yield what else there is to say about all rows."""
        return iter(())

    # events

    def on_mount(self) -> None:
        """Show the title, and let a filter be typed here."""
        self.retitle()
        self.table.ask_filter = self.ask_filter

    def on_focus(self) -> None:
        """Hand the focus on."""
        self.screen.set_focus(self.table, scroll_visible=False)

    def on_virtual_table_arranged(self) -> None:
        """Keep the title right, and the height."""
        self.retitle()

    def ask_filter(self) -> None:
        """Have a filter typed, beginning with the next key."""
        bar = self.query_one(InputBar)
        bar.open("filter", "/", self.table.filter.text, "a part of the name; ! for all without it")
        self.screen.set_focus(bar.field, scroll_visible=False)

    def on_input_bar_typed(self, event: InputBar.Typed) -> None:
        """Filter while it is typed."""
        event.stop()
        if event.bar.is_open:
            self._filter(event.text)

    def on_input_bar_closed(self, event: InputBar.Closed) -> None:
        """Keep the filter, or end it where nothing is left of it."""
        event.stop()
        self._filter(event.text)
        self.screen.set_focus(self.table, scroll_visible=False)

    def _filter(self, text: str) -> None:
        self.table.set_filter(text)
        self.retitle()

    def end_filter(self) -> bool:
        """End filtering; whether there was anything to end."""
        bar = self.query_one(InputBar)
        was = bar.is_open or bool(self.table.filter)
        if bar.is_open:
            bar.close()
            self.screen.set_focus(self.table, scroll_visible=False)
        self._filter("")
        return was
