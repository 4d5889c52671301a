"""Painting lines of output: only rows that are on the screen, and of these only what differs from before.

What is painted was drawn before, when it was known to be there, so that painting never asks for a line that has gone
meanwhile. Textual's own cache of lines is left out of it: it makes several strips of each, which costs more than to
draw it.
"""

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from papa_console.dashboard.output.view import Entry, View, entry_of
from papa_console.dashboard.widgets import line_looks, selecting
from papa_console.dashboard.widgets.line_art import Artist, Drawn, Look
from papa_console.dashboard.widgets.line_looks import Looks
from papa_console.dashboard.widgets.seen import Seen
from papa_console.dashboard.widgets.viewport import Viewport
from papa_console.text import clean_line, shorten


class Row(NamedTuple):
    """A row of the screen: the entry, which of its rows, and what it looks like unless it is selected."""

    number: int
    part: int
    entry: Entry
    drawn: Drawn


class PaintedLines(ScrollView, inherit_bindings=False):
    """The rows of a view that are on the screen.

    Args:
        view: what is shown at first.
        id: what the widget is called.
    """

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = line_looks.COMPONENTS
    DEFAULT_CSS = f"""
    PaintedLines {{
        background: $surface; color: $foreground; overflow-x: hidden; overflow-y: scroll;
        scrollbar-size-vertical: 1; scrollbar-background: $surface;
        scrollbar-background-hover: $surface; scrollbar-background-active: $surface;
        scrollbar-color: $foreground 15%; scrollbar-color-hover: $foreground 30%; scrollbar-color-active: $primary;
        {line_looks.CSS}
    }}
    """

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
            dirty.update(range(self.port.height))
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
        self.set_reactive(ScrollView.virtual_size, Size(self.size.width, total))
        self.set_reactive(ScrollView.scroll_y, float(top))
        self.set_reactive(ScrollView.scroll_target_y, float(top))
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
        text, left = self._said(y)
        style = base + self.artist.looks.parts["note"] if text else base
        end = " " * (columns - cell_len(text) - left)
        return self.artist.strip([Segment(" " * left, base), Segment(text, style), Segment(end, base)])

    def _said(self, y: int) -> tuple[str, int]:
        """Return what a row says where there is no line, and in which column: a block in the middle of the pane."""
        if not self._empty:
            return "", 0
        columns = self.look.columns
        lines = [shorten(clean_line(line), columns) for line in self._empty.split("\n")]
        at = y - max(self.port.height - len(lines), 0) // 2
        if not 0 <= at < len(lines):
            return "", 0
        return lines[at], max(columns - max(map(cell_len, lines)), 0) // 2

    def _with_badge(self, strip: Strip) -> Strip:
        badge = shorten(self._badge, self.look.columns)
        end = Segment(badge, self.artist.looks.base + self.artist.looks.parts["badge"])
        return self.artist.strip([*strip.crop(0, self.look.columns - cell_len(badge)), end])


def _same(one: Row | None, other: Row | None) -> bool:
    return one is other or (one is not None and other is not None and one.drawn is other.drawn)
