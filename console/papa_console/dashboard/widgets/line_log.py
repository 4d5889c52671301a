"""Lines of output on the screen: moving about in them, and selecting of them.

Scrolling is immediate and counted in absolute rows: what is on the screen stays where it is while old lines go. Nothing
is drawn while the user drags a selection.
"""

from collections.abc import Callable

from rich.cells import cell_len
from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp
from textual.selection import Selection

from papa_console.dashboard.output.view import View
from papa_console.dashboard.widgets import selecting
from papa_console.dashboard.widgets.gutter import Times
from papa_console.dashboard.widgets.late_keys import act
from papa_console.dashboard.widgets.line_art import Artist
from papa_console.dashboard.widgets.line_paint import PaintedLines
from papa_console.dashboard.widgets.viewport import Place, Viewport

_WHEEL = 3
SIDEWAYS = 8


class LineLog(PaintedLines, can_focus=True):
    """The lines of a view.

    Args:
        view: what is shown at first.
        id: what the widget is called.
    """

    class Moved(Message):
        """Whether the newest line is followed may have changed."""

    # what is shown, and how

    def show(self, view: View, place: Place | None = None) -> None:
        """Show another view, at a place that it may have."""
        self.view = view
        self.port = Viewport(view, self.size.height)
        self.artist = Artist(view, self.look, self.artist.looks)
        self.look.chosen = None
        self.change(lambda: None, place)

    def change(self, change: Callable[[], None], place: Place | None = None) -> None:
        """Do something after which lines look different or have other numbers, and stay at the line on top."""
        place = place or self.port.place()
        change()
        self.look.columns = max(self.size.width - self.scrollbar_size_vertical, 0)
        self.view.set_width(self.look.room if self.look.wrap else None)
        self.artist.redraw(parse=True)
        self.port.want(place)
        self.paint()

    def forget_numbers(self) -> None:
        """Let go of entries by number, because they are about to be numbered anew."""
        self.look.chosen = None
        if self._selected is not None:
            self.screen.clear_selection()

    def on_resize(self) -> None:
        """Fit the rows into the new size."""
        self.port.height = self.size.height
        self.change(lambda: None)

    # time and movement

    def tick(self, now: float, budget: float) -> bool:
        """Take in what has come, for about ``budget`` seconds; return whether the screen has to be painted."""
        self.view.update(budget)
        if getattr(self.screen, "_selecting", False) and self._selected is not None:
            return False
        if self.look.times is Times.RELATIVE and int(now) != self.look.now:
            self.look.now = int(now)
            self.artist.redraw()
        return self.paint()

    def go(self, row: int) -> None:
        """Put a row at the top; going to the end follows."""
        self.port.go(row)
        self.moved()

    def sideways(self, left: int) -> None:
        """Show the text from a column on."""
        if not self.look.wrap and max(left, 0) != self.look.left:
            self.look.left = max(left, 0)
            self.artist.redraw()
            self.moved()

    def choose(self, number: int, *, reveal: bool = True, part: int = 0) -> None:
        """Mark an entry, and bring it into view, or one of its later rows."""
        self.look.chosen = number
        self.artist.redraw()
        if reveal:
            self.port.reveal(number, part)
        self.moved()

    def choose_match(self, number: int) -> None:
        """Mark an entry, and bring its first match into view, however long the line is."""
        part, first, last = self.artist.match(number)
        look = self.look
        if not look.wrap and not look.left <= first <= last < look.left + look.room:
            look.left = 0 if last < look.room else max(first - look.room // 3, 0)
        self.choose(number, part=part)

    def moved(self) -> None:
        """Paint after a movement, and say so."""
        self.paint()
        self.post_message(self.Moved())

    async def on_key(self, event: events.Key) -> None:
        """Do at once what a key is bound to."""
        await act(self, event)

    # the mouse

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow Textual where it scrolls by itself: while a selection is dragged beyond the edge.

        It does so too where the pane has grown, before that is known here; but then what is followed stays followed.
        """
        if round(old_value) != round(new_value) and getattr(self.screen, "_selecting", False):
            self.go(self.view.first_row + round(new_value))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll by the wheel."""
        self._wheel(event, -_WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll by the wheel."""
        self._wheel(event, _WHEEL)

    def _wheel(self, event: events.MouseEvent, step: int) -> None:
        event.stop()
        event.prevent_default()
        if event.shift or event.ctrl:
            self.sideways(self.look.left + step)
        else:
            self.go(self.port.top + step)

    def on_scroll_to(self, message: ScrollTo) -> None:
        """Go where the thumb of the scrollbar is dragged."""
        message.stop()
        message.prevent_default()
        if message.y is not None:
            self.go(self.view.first_row + round(message.y))

    def on_scroll_up(self, message: ScrollUp) -> None:
        """Go a page up for a click above the thumb."""
        message.stop()
        message.prevent_default()
        self.go(self.port.top - self.port.height)

    def on_scroll_down(self, message: ScrollDown) -> None:
        """Go a page down for a click below the thumb."""
        message.stop()
        message.prevent_default()
        self.go(self.port.top + self.port.height)

    def on_click(self, event: events.Click) -> None:
        """Resume at the badge, choose a line, or select a word or a line where it was clicked twice or thrice."""
        event.prevent_default()
        if self._badge and event.y == self.port.height - 1 and event.x >= self.look.columns - cell_len(self._badge):
            self.go(self.port.end)
        elif event.chain > 1:
            self._select_around(event)
        elif self._selected is None and event.y < len(self._rows) and (row := self._rows[event.y]) is not None:
            self.choose(row.number, reveal=False)

    def _select_around(self, event: events.Click) -> None:
        _, offset = self.screen.get_widget_and_offset_at(event.screen_x, event.screen_y)
        if offset is not None and offset.y < self.view.next:
            text = self.artist.text(offset.y)
            first, last = selecting.word(text, offset.x) if event.chain == 2 else (0, len(text))
            self.screen.selections = {self: Selection(Offset(first, offset.y), Offset(last, offset.y))}

    # selection

    def selection_updated(self, selection: Selection | None) -> None:
        """Show what is selected, and hold still for as long as something is."""
        self._selected = selection
        if selection is not None and self.port.following:
            self.port.follow(False)
            self.post_message(self.Moved())
        self.refresh(self.size.region)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the text that is selected: without the gutter, and what lies beyond the screen's edge left out."""
        text = selecting.extract(self.artist, selection, self.port.entries())
        return (text, "\n") if text else None
