"""A pane around a table: a border, and a line to type a filter into."""

from collections.abc import Iterator
from typing import Any

from textual.containers import Vertical
from textual.geometry import Size
from textual.widget import Widget

from papa_console.dashboard.widgets.input_bar import InputBar
from papa_console.dashboard.widgets.table import VirtualTable


class FilterPane(Vertical, can_focus=True):
    """The pane. What has the focus is the table inside: the pane hands it on."""

    DEFAULT_CSS = """
    FilterPane {
        height: 1fr; background: $background; border: round $border-blurred;
        border-title-color: $foreground 70%; border-subtitle-color: $foreground 55%;
        &:focus-within { border: heavy $primary; border-title-color: $primary; border-title-style: bold; }
        &:ansi { border: round ansi_bright_black; }
        &:ansi:focus-within { border: heavy $primary; }
        & > VirtualTable { background: $background; }
        & > InputBar { dock: bottom; }
    }
    """
    table: VirtualTable[Any]

    def compose(self) -> Iterator[Widget]:
        """Make the table and the line to type into."""
        self.table.ask_filter = self.ask_filter
        yield self.table
        yield InputBar()

    @property
    def bar(self) -> InputBar:
        """The line to type into."""
        return self.query_one(InputBar)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how high the list would like to be."""
        return self.table.get_content_height(container, viewport, width) + self.bar.is_open

    def retitle(self) -> None:
        """Say in the border what is filtered."""
        raise NotImplementedError

    def on_focus(self) -> None:
        """Hand the focus on."""
        self._focus_table()

    def _focus_table(self) -> None:
        self.screen.set_focus(self.table, scroll_visible=False)

    def on_pointed_table_arranged(self) -> None:
        """Keep the title right."""
        self.retitle()

    def ask_filter(self) -> None:
        """Have a filter typed, beginning with the next key."""
        text = self.table.model.filter.text
        self.bar.open("filter", "/", text, "a part of the name; ! for all without it")
        self.screen.set_focus(self.bar.field, scroll_visible=False)

    def on_input_bar_typed(self, event: InputBar.Typed) -> None:
        """Filter while it is typed."""
        event.stop()
        if event.bar.is_open:
            self._filter(event.text)

    def on_input_bar_closed(self, event: InputBar.Closed) -> None:
        """Keep the filter, or end it where nothing is left of it."""
        event.stop()
        self._filter(event.text)
        self._focus_table()

    def _filter(self, text: str) -> None:
        self.table.set_filter(text)
        self.retitle()

    def end_filter(self) -> bool:
        """End filtering; whether there was anything to end."""
        was_open = self.bar.is_open
        if was_open:
            self.bar.close()
            self._focus_table()
        was = was_open or bool(self.table.model.filter)
        self._filter("")
        return was
