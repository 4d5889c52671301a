"""A table of thousands of rows with the keys of a list."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType

from papa_console.dashboard.actions import Where, bindings
from papa_console.dashboard.widgets.columns import F
from papa_console.dashboard.widgets.table_pointing import PointedTable


class VirtualTable(PointedTable[F], can_focus=True, inherit_bindings=False):
    """The table. Whoever has room to type a filter into sets ``ask_filter``."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Where.LISTS))
    ask_filter: Callable[[], None] | None = None
    """Called when the user wants to type a filter; at once, since the keys that follow belong to it."""

    def action_up(self) -> None:
        """Move up."""
        self.move_to(self.rows.at - 1)

    def action_down(self) -> None:
        """Move down."""
        self.move_to(self.rows.at + 1)

    def action_page_up(self) -> None:
        """Move a page up."""
        self.move_to(self.rows.at - self.page)

    def action_page_down(self) -> None:
        """Move a page down."""
        self.move_to(self.rows.at + self.page)

    def action_first(self) -> None:
        """Move to the first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """Move to the last row."""
        self.move_to(len(self.rows) - 1)

    def action_filter(self) -> None:
        """Ask for a filter."""
        if self.ask_filter is not None:
            self.ask_filter()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.sort_by(self.model.following())

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self.sort_by(self.sorted_by, backwards=not self.backwards)

    def action_mark(self) -> None:
        """Mark the row or unmark it, and go on to the next."""
        if self.rows.cursor is not None:
            self.rows.toggle_mark(self.rows.cursor)
            self.marks_changed()
            self.action_down()

    def action_unmark(self) -> None:
        """Unmark all rows."""
        if self.rows.marks:
            self.rows.set_marks(())
            self.marks_changed()
