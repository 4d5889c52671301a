"""A table of thousands of rows: keys and mouse on top of what it draws.

It posts the messages of the lists itself. Whoever has room to type a filter into sets ``ask_filter``.
"""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from papa_console.dashboard.actions import Where, bindings
from papa_console.dashboard.widgets.columns import F
from papa_console.dashboard.widgets.messages import MarksChanged, Opened, Selected
from papa_console.dashboard.widgets.table_rows import Filter
from papa_console.dashboard.widgets.table_view import GUTTER, TableView


class VirtualTable(TableView[F], can_focus=True, inherit_bindings=False):
    """The table."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Where.LISTS))
    kind: ClassVar[str] = ""
    ask_filter: Callable[[], None] | None = None
    """Called when the user wants to type a filter; at once, since the keys that follow belong to it."""
    _told: str | None = None

    class Arranged(Message):
        """Order, filter, number or marks of the rows have changed."""

    # from outside

    def select(self, key: str) -> bool:
        """Move the cursor to a row; whether there is such a row."""
        number = self.rows.number(key)
        if number is None:
            return False
        self.move_to(number)
        return True

    def move_to(self, number: int) -> None:
        """Move the cursor to a row, to the first or last one where there is no such number."""
        self.rows.go(number)
        self.reveal()
        self.redraw()
        self._tell()

    def sort_by(self, column_id: str, *, backwards: bool = False) -> None:
        """Sort by a column; unknown ones are not heeded."""
        found = [column for column in self.columns if column.id == column_id and column.order]
        if found:
            self._by, self.backwards = found[0], backwards
            self.order_rows()
            self.reveal()
            self.redraw()

    @property
    def sorted_by(self) -> str:
        """The id of the column that sorts."""
        return self._by.id

    @property
    def sorted_title(self) -> str:
        """The title of the column that sorts, as words say it."""
        return self._by.id

    def set_filter(self, text: str) -> None:
        """Show only rows whose name contains ``text``; after ``!``, does not contain it."""
        if text != self.filter.text:
            self.filter = Filter(text)
            self.order_rows(recall=True)
            self.redraw()

    def order_rows(self, *, recall: bool = False) -> None:
        """Sort and filter, and tell what that changed."""
        before, marked = self.rows.keys, len(self.rows.marks)
        super().order_rows(recall=recall)
        if len(self.rows.marks) != marked:
            self.marks_changed()
        if self.rows.keys is not before:
            self.post_message(self.Arranged())
        self._tell()

    def _tell(self) -> None:
        if self.rows.cursor != self._told:
            self._told = self.rows.cursor
            self.post_message(Selected(self.kind, self._told))

    def marks_changed(self) -> None:
        """Draw the marks and tell of them."""
        self.redraw()
        self.post_message(MarksChanged(self.kind, list(self.rows.marks)))
        self.post_message(self.Arranged())

    # keys

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
        able = [column.id for column in self.columns if column.order]
        self.sort_by(able[(able.index(self.sorted_by) + 1) % len(able)])

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

    # mouse

    def _number_at(self, event: events.MouseEvent) -> int | None:
        offset = event.get_content_offset(self)
        if offset is None or not 1 <= offset.y < self.scrollable_content_region.height:
            return None
        number = self.scroll_offset.y + offset.y - 1
        return number if number < len(self.rows) else None

    def on_click(self, event: events.Click) -> None:
        """Select a row, with ctrl mark it, open it with the second click; sort where the header was clicked."""
        event.stop()
        offset = event.get_content_offset(self)
        number = self._number_at(event)
        if number is not None:
            self._click_row(number, event)
        elif offset is not None and offset.y == 0:
            self._click_header(offset.x - GUTTER)

    def _click_row(self, number: int, event: events.Click) -> None:
        self.move_to(number)
        if event.ctrl:
            self.rows.toggle_mark(self.rows.keys[number])
            self.marks_changed()
        elif event.chain == 2:
            self.post_message(Opened(self.kind, self.rows.keys[number]))

    def _click_header(self, x: int) -> None:
        for place in self.places:
            if place.start <= x <= place.start + place.width:
                again = place.column.id == self.sorted_by
                self.sort_by(place.column.id, backwards=again and not self.backwards)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Light up the row under the mouse a little."""
        offset = event.get_content_offset(self)
        self._hover(offset.y if offset is not None else None)

    def on_leave(self) -> None:
        """Light up none."""
        self._hover(None)

    def _hover(self, y: int | None) -> None:
        if y != self._hovered:
            self._hovered = y
            self.redraw()
