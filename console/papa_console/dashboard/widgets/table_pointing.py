"""A table in which rows are chosen, marked, sorted and filtered: from outside, and with the mouse."""

from typing import ClassVar

from textual import events
from textual.message import Message

from papa_console.dashboard.widgets.columns import F
from papa_console.dashboard.widgets.messages import MarksChanged, Opened, Selected
from papa_console.dashboard.widgets.table_view import GUTTER, TableView


class PointedTable(TableView[F], inherit_bindings=False):
    """The table, without keys. It posts the messages of the lists itself."""

    kind: ClassVar[str] = ""
    _told: str | None = None

    class Arranged(Message):
        """Order, filter, number or marks of the rows have changed."""

    # from outside

    def select(self, key: str) -> bool:
        """Move the cursor to a row; whether there is such a row."""
        number = self.rows.number(key)
        if number is not None:
            self.move_to(number)
        return number is not None

    def move_to(self, number: int) -> None:
        """Move the cursor to a row, to the first or last one where there is no such number."""
        self.rows.go(number)
        self.reveal()
        self.redraw()
        self._tell()

    @property
    def sorted_by(self) -> str:
        """The id of the column that sorts."""
        return self.model.by.id

    @property
    def backwards(self) -> bool:
        """Whether rows are sorted the other way round."""
        return self.model.backwards

    def sort_by(self, column_id: str, *, backwards: bool = False) -> None:
        """Sort by a column; unknown ones are not heeded."""
        self.model.sort_by(column_id, backwards=backwards)
        self.order_rows()
        self.reveal()
        self.redraw()
        self.post_message(self.Arranged())

    def set_filter(self, text: str) -> None:
        """Show only rows whose name contains ``text``; after ``!``, does not contain it."""
        if text != self.model.filter.text:
            self.model.set_filter(text)
            self.order_rows(recall=True)
            self.redraw()

    def order_rows(self, *, recall: bool = False) -> bool:
        """Sort and filter, and tell what that changed."""
        marked = len(self.rows.marks)
        changed = super().order_rows(recall=recall)
        if len(self.rows.marks) != marked:
            self.marks_changed()
        if changed:
            self.post_message(self.Arranged())
        self._tell()
        return changed

    def _tell(self) -> None:
        if self.rows.cursor != self._told:
            self._told = self.rows.cursor
            # the list filters its table: said in the list's name, this would not go beyond the list
            self.post_message(Selected(self.kind, self._told).set_sender(self))

    def marks_changed(self) -> None:
        """Draw the marks and tell of them."""
        self.redraw()
        self.post_message(MarksChanged(self.kind, list(self.rows.marks)).set_sender(self))
        self.post_message(self.Arranged())

    # mouse

    def on_click(self, event: events.Click) -> None:
        """Select a row, with ctrl mark it, open it with the second click; sort where the header was clicked."""
        event.stop()
        offset = event.get_content_offset(self)
        if offset is None:
            return
        number = self.scroll_offset.y + offset.y - 1
        if offset.y == 0:
            self._click_header(offset.x - GUTTER)
        elif number < len(self.rows):
            self._click_row(number, event)

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
        if y != self.hovered:
            self.hovered = y
            self.redraw()
