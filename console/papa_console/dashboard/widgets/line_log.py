"""Lines of output on the screen: a widget that draws the visible rows of a view and nothing else.

Scrolling is immediate and counted in absolute rows: what is on the screen stays where it is while old lines go.
Nothing is drawn again unless it has changed, and nothing at all while the user drags a selection. What is painted was
drawn before, when it was known to be there, so that painting never asks for a line that has gone meanwhile.
"""

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp
from textual.selection import Selection
from textual.strip import Strip

from papa_console.dashboard.output.view import Entry, View
from papa_console.dashboard.widgets import line_looks, selecting
from papa_console.dashboard.widgets.gutter import Times
from papa_console.dashboard.widgets.late_keys import act
from papa_console.dashboard.widgets.line_art import Artist, Drawn, Look
from papa_console.dashboard.widgets.line_looks import Looks
from papa_console.dashboard.widgets.seen import Seen
from papa_console.dashboard.widgets.viewport import Place, Viewport, entry_of
from papa_console.text import clean_line, shorten

_WHEEL = 3
SIDEWAYS = 8


class Row(NamedTuple):
    """A row of the screen: the entry, which of its rows, and what it looks like unless it is selected."""

    number: int
    part: int
    entry: Entry
    drawn: Drawn


class LineLog(ScrollView, can_focus=True, inherit_bindings=False):
    """The lines of a view.

    Args:
        view: what is shown at first.
        id: what the widget is called.
    """

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = line_looks.COMPONENTS
    DEFAULT_CSS = f"""
    LineLog {{
        background: $surface; color: $foreground; overflow-x: hidden; overflow-y: scroll;
        scrollbar-size-vertical: 1; scrollbar-background: $surface;
        scrollbar-background-hover: $surface; scrollbar-background-active: $surface;
        scrollbar-color: $foreground 15%; scrollbar-color-hover: $foreground 30%; scrollbar-color-active: $primary;
        {line_looks.CSS}
    }}
    """

    class Moved(Message):
        """Whether the newest line is followed may have changed."""

    def __init__(self, view: View, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.look = Look()
        self.seen = Seen()
        self.why_empty: Callable[[], str] = str  # what to say where there is no line
        self._painting = False
        self._selected: Selection | None = None
        self._rows: list[Row | None] = []
        self._badge = self._empty = ""
        self._thumb = (0, 0, 0)
        self._stale = False
        self.view = view
        self.port = Viewport(view)
        self.artist = Artist(view, self.look, Looks())

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

    def notify_style_update(self) -> None:
        """Take the styles anew when next painting, as Textual tells that they change."""
        super().notify_style_update()
        self._stale = True  # those of the components are not there yet

    def _restyle(self) -> None:
        if self._stale:
            self._stale = False
            self.artist.looks = Looks.of(self)
            self.artist.redraw(parse=True)
            self._rows = [row and self._row(y) for y, row in enumerate(self._rows)]

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

    def choose(self, number: int, *, reveal: bool = True) -> None:
        """Mark an entry, and bring it into view."""
        self.look.chosen = number
        self.artist.redraw()
        if reveal:
            self.port.reveal(number)
        self.moved()

    def moved(self) -> None:
        """Paint after a movement, and say so."""
        self.paint()
        self.post_message(self.Moved())

    # painting

    def paint(self) -> bool:
        """Draw what is on the screen now, and have painted whatever differs; return whether something does."""
        self._restyle()
        self.port.settle()
        before, self._rows = self._rows, [self._row(y) for y in range(self.port.height)]
        arrived = self.port.arrived
        badge = f" ▼ +{arrived:,} {'line' if arrived == 1 else 'lines'} " if arrived else ""
        dirty = {y for y, row in enumerate(self._rows) if y >= len(before) or not _same(row, before[y])}
        if badge != self._badge:
            self._badge = badge
            dirty.add(self.port.height - 1)
        middle = max(self.port.height - 1, 0) // 2
        empty = self.why_empty() if self._rows and self._rows[middle] is None else ""
        if empty != self._empty:
            self._empty = empty
            dirty.add(middle)
        self._move_thumb()
        width = self.size.width
        if len(dirty) > self.port.height // 2:
            self.refresh(Region(0, 0, width, self.port.height))
        elif dirty:
            self.refresh(*(Region(0, y, width, 1) for y in dirty))
        return bool(dirty)

    def _row(self, y: int) -> Row | None:
        at = self.port.at(y)
        if at is None:
            return None
        number, part = at
        entry = entry_of(self.view, number)
        return entry and Row(number, part, entry, self.artist.draw(number, entry, part))

    def _move_thumb(self) -> None:
        """Tell Textual and its scrollbar where we are, without a new layout."""
        port, total = self.port, self.view.next_row - self.view.first_row
        top = port.top - self.view.first_row
        self.set_reactive(LineLog.virtual_size, Size(self.size.width, total))
        self.set_reactive(LineLog.scroll_y, float(top))
        self.set_reactive(LineLog.scroll_target_y, float(top))
        eighths = 8 * port.height
        thumb = (port.height, eighths * top // max(total, 1), eighths * port.height // max(total, port.height, 1))
        if thumb != self._thumb:  # else it would be painted in vain
            self._thumb = thumb
            bar = self.vertical_scrollbar
            bar.window_virtual_size, bar.window_size, bar.position = total, port.height, top

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the strips of a part of the pane, which now is seen."""
        self._restyle()
        if self.opacity < 1 or self.styles.has_rule("tint"):
            return super().render_lines(crop)
        self._painting = True  # without Textual's cache, which makes more strips of each, and not below the scrollbar
        strips = [self.render_line(y) for y in crop.line_range]
        self._painting = False
        whole = crop.column_span == (0, self.size.width)
        return strips if whole else [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """Return the strip of a row; for painting without the offsets that a selection needs, which cost more."""
        row = self._rows[y] if y < len(self._rows) else None
        if row is None:
            return self._blank(y)
        drawn = self._select(row)
        if self._painting:
            self.seen.add(row.entry)
            strip = drawn.strip
        else:
            strip = selecting.with_offsets(drawn, row.number)
        return self._with_badge(strip) if self._badge and y == self.port.height - 1 else strip

    def _select(self, row: Row) -> Drawn:
        span = self._selected.get_span(row.number) if self._selected is not None else None
        if span is None:
            return row.drawn
        return self.artist.draw(row.number, row.entry, row.part, span)

    def _blank(self, y: int) -> Strip:
        base, columns = self.artist.looks.base, self.look.columns
        text = ""
        if self._empty and y == max(self.port.height - 1, 0) // 2:
            text = shorten(clean_line(self._empty), columns)
        style = base + self.artist.looks.parts["note"] if text else base
        left = max(columns - cell_len(text), 0) // 2
        end = " " * (columns - cell_len(text) - left)
        return self.artist.strip([Segment(" " * left, base), Segment(text, style), Segment(end, base)])

    def _with_badge(self, strip: Strip) -> Strip:
        badge = shorten(self._badge, self.look.columns)
        end = Segment(badge, self.artist.looks.base + self.artist.looks.parts["badge"])
        return self.artist.strip([*strip.crop(0, self.look.columns - cell_len(badge)), end])

    async def on_key(self, event: events.Key) -> None:
        """Do at once what a key is bound to."""
        await act(self, event)

    # the mouse

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow Textual where it scrolls by itself: while a selection is dragged beyond the edge."""
        if round(old_value) != round(new_value):
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


def _same(one: Row | None, other: Row | None) -> bool:
    return one is other or (one is not None and other is not None and one.drawn is other.drawn)
