"""What a table draws: a header that stays, and of thousands of rows only the visible ones.

Each drawn line is remembered by what it shows; when facts change, the visible lines are looked at again and only those
that differ are drawn. The columns at the left tell the row with the cursor and marked rows by a sign, so that colour
is never needed.
"""

from collections.abc import Collection, Sequence
from functools import partial
from typing import ClassVar, Generic, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from papa_console.dashboard.widgets.columns import GAP, Cell, Column, F, Place, cut, fill, fit
from papa_console.dashboard.widgets.table_rows import Filter, Names, Rows, ordered

GUTTER = 3
_MARGIN = 1  # at the right
_LOOKS = ("name", "good", "warn", "bad", "alert", "muted", "accent", "bar", "bar-warn", "bar-bad", "spark")
_ROWS = ("plain", "cursor", "blurred", "hover", "header", "sorted", "note")


class Line(NamedTuple):
    """What a line shows: it has to be drawn again where this differs."""

    key: str
    row: str
    sign: str
    cells: tuple[Cell, ...]


class TableView(ScrollView, Generic[F], inherit_bindings=False):
    """The table, as far as it draws.

    Args:
        columns: all columns there are; the first shows names.
        sort: the id of the column to sort by at first.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"table--{name}" for name in (*_LOOKS, *_ROWS, "lit")}
    DEFAULT_CSS = """
    TableView {
        height: auto; max-height: 100%; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1;
        & > .table--header { color: $text-muted; }
        & > .table--sorted { color: $foreground; text-style: bold; }
        & > .table--cursor { background: $primary 24%; }
        & > .table--blurred { background: $foreground 8%; }
        & > .table--hover { background: $foreground 4%; }
        & > .table--note { color: $text-muted; text-style: italic; }
        & > .table--name { color: $foreground; }
        & > .table--lit { color: $accent; text-style: bold; }
        & > .table--muted { color: $foreground 55%; }
        & > .table--accent { color: $accent; }
        & > .table--spark { color: $secondary; }
        & > .table--good { color: $success; }
        & > .table--warn { color: $warning; }
        & > .table--bad { color: $error; }
        & > .table--alert { color: $background; background: $error; text-style: bold; }
        & > .table--bar { color: $success; background: $foreground 12%; }
        & > .table--bar-warn { color: $warning; background: $foreground 12%; }
        & > .table--bar-bad { color: $error; background: $foreground 12%; }
        &:ansi, &:nocolor {
            & > .table--cursor { background: ansi_default; text-style: reverse; }
            & > .table--blurred { background: ansi_default; text-style: bold; }
            & > .table--hover { background: ansi_default; }
            & > .table--header { color: ansi_default; }
            & > .table--muted { color: ansi_default; text-style: dim; }
            & > .table--alert { color: ansi_red; background: ansi_default; text-style: reverse bold; }
            & > .table--bar, & > .table--bar-warn, & > .table--bar-bad { background: ansi_default; }
        }
    }
    """

    def __init__(self, columns: Sequence[Column[F]], sort: str) -> None:
        super().__init__()
        self.columns = columns
        self.rows = Rows()
        self.names = Names()
        self.filter = Filter()
        self.facts: F | None = None
        self.placeholder = ""
        self.backwards = False
        self._by = next(column for column in columns if column.id == sort)
        self._lit: frozenset[str] = frozenset()
        self._hovered: int | None = None  # a line of the screen, so that it stays under the mouse
        self._places: tuple[tuple[int, int, str], list[Place[F]]] = ((-1, -1, ""), [])
        self._drawn: dict[int, Line] = {}
        self._strips: dict[int, Strip] = {}  # of lines drawn; Textual keeps what it makes of a strip with it
        self._styles: dict[tuple[str, str], Style] = {}

    # what is shown

    def show(self, facts: F, names: Collection[str]) -> None:
        """Show other facts: what the columns draw from, and the names that there are now."""
        self.facts = facts
        if self.names.take(names) or not self._by.steady:
            self.order_rows()
        self.redraw()

    def order_rows(self, *, recall: bool = False) -> None:
        """Sort and filter, and see to what that does to the cursor and the marks."""
        keys = self.in_order(self.names.passing(self.filter))
        if keys != self.rows.keys:
            seen = self.is_visible(self.rows.at)
            self.rows.place(keys, recall=recall, heir=self.heir)
            self.virtual_size = Size(0, len(keys) + 1)
            if seen or recall:
                self.reveal()
        self.rows.keep_marks(self.knows)

    def in_order(self, names: list[str]) -> list[str]:
        """Return the rows to show for some names, in order."""
        return self.by_column(names)

    def heir(self, key: str) -> str | None:  # noqa: ARG002 - for subclasses
        """Return the row to which the cursor goes first of all when the row with ``key`` goes."""
        return None

    def by_column(self, names: list[str]) -> list[str]:
        """Return names, or other keys, in the order of the column that sorts."""
        facts, order = self.facts, self._by.order
        if facts is None or order is None:
            return names
        if self._by is self.columns[0]:
            return names[::-1] if self.backwards else names
        return ordered(names, partial(order, facts), falling=self._by.falling != self.backwards)

    def knows(self, key: str) -> bool:
        """Whether there is such a row, though perhaps a filter hides it."""
        return key in self.names

    @property
    def lit(self) -> frozenset[str]:
        """The rows that are lit up."""
        return self._lit

    @lit.setter
    def lit(self, keys: Collection[str]) -> None:
        self._lit = frozenset(keys)
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return how high all rows are, with the header; a note takes the place of none."""
        return max(len(self.rows), 1) + 1

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.reveal()
        self.redraw()

    # where things are

    @property
    def places(self) -> list[Place[F]]:
        """Which columns are shown, and where, counted from the gutter."""
        wanted = (self.scrollable_content_region.width - GUTTER - _MARGIN, self.names.longest, self._by.id)
        if self._places[0] != wanted:
            self._places = (wanted, fit(self.columns, *wanted))
            self._forget_drawn()
        return self._places[1]

    @property
    def page(self) -> int:
        """How many rows are on the screen at once."""
        return max(self.scrollable_content_region.height - 1, 1)

    def visible_keys(self) -> Sequence[str]:
        """Return the rows that are on the screen."""
        top = self.scroll_offset.y
        return self.rows.keys[top : top + self.page]

    def is_visible(self, number: int) -> bool:
        """Whether a row is on the screen."""
        return 0 <= number - self.scroll_offset.y < self.page

    def reveal(self) -> None:
        """Scroll no further than it takes to see the cursor."""
        at, top = self.rows.at, self.scroll_offset.y
        if at < 0 or not self.size:
            return
        wanted = min(max(top, at - self.page + 1), at)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)

    # drawing

    def redraw(self) -> None:
        """Draw the visible lines that show something else than before."""
        if not self.is_attached or not self.size:
            return
        fresh = [self._line(y) for y in range(self.scrollable_content_region.height)]
        for y, line in enumerate(fresh):
            if self._drawn.get(y) != line:
                self._drawn[y] = line
                self._strips.pop(y, None)
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        places = self.places
        strip = self._strips.get(y)
        if strip is None:
            line = self._drawn[y] = self._line(y)
            strip = self._strips[y] = self._strip(line, places)
        return strip

    def _strip(self, line: Line, places: list[Place[F]]) -> Strip:
        width = self.scrollable_content_region.width
        row = self._style(line.row, "")
        if not line.cells:
            return Strip([Segment(line.key, row)]).adjust_cell_length(width, row)
        segments = [Segment(line.sign, self._style(line.row, "accent"))]
        for place, cell in zip(places, line.cells, strict=True):
            for text, look in fill(cell, place.width, place.column.right):
                segments.append(Segment(text, self._style(line.row, look)))
            segments.append(Segment(" " * GAP, row))
        return Strip(segments).adjust_cell_length(width, row)

    def _forget_drawn(self) -> None:
        self._drawn.clear()
        self._strips.clear()

    def _line(self, y: int) -> Line:
        places = self.places
        if y == 0:
            return Line("", "header", " " * GUTTER, tuple(self._title(place) for place in places))
        number = self.scroll_offset.y + y - 1
        if number >= len(self.rows) or self.facts is None:
            return Line(" " * GUTTER + self.note if number == 0 else "", "note", "", ())
        key, facts = self.rows.keys[number], self.facts
        cells = tuple(tuple(place.column.draw(facts, key, place.width)) for place in places)
        if key in self._lit:
            cells = (tuple((text, "lit" if look == "name" else look) for text, look in cells[0]), *cells[1:])
        return Line(key, self._row_look(number, y), self._sign(number, key), cells)

    @property
    def note(self) -> str:
        """What is said where there are no rows."""
        if self.filter and self.names.all:
            return f"no name {'is without' if self.filter.inverted else 'contains'} it · esc shows all"
        return self.placeholder

    def _title(self, place: Place[F]) -> Cell:
        column = place.column
        if column is not self._by:
            return ((cut(column.title, place.width), ""),)
        return ((cut(column.title, place.width - 1) + self.arrow, "sorted"),)

    @property
    def arrow(self) -> str:
        """The sign of the direction in which rows are sorted."""
        return "▼" if self._by.falling != self.backwards else "▲"

    def _row_look(self, number: int, y: int) -> str:
        if number == self.rows.at:
            return "cursor" if self.has_focus else "blurred"
        return "hover" if y == self._hovered else "plain"

    def _sign(self, number: int, key: str) -> str:
        here = ("▌" if self.has_focus else "▏") if number == self.rows.at else " "
        return here + ("◆" if key in self.rows.marks else "↔" if key in self._lit else " ") + " "

    def _style(self, row: str, look: str) -> Style:
        style = self._styles.get((row, look))
        if style is None:
            style = self._compose_style(f"table--{row}", *([f"table--{look}"] if look else []))
            if row == "cursor" and look and self._style(row, "").reverse:
                style = self._style(row, "")  # one colour from end to end, else the row falls to pieces
            self._styles[row, look] = style
        return style

    def _compose_style(self, *classes: str) -> Style:
        style = self.get_visual_style(*classes).rich_style
        # Textual 8.2.8 leaves "reverse" out
        reverse = any(self.get_component_styles(name).text_style.reverse for name in classes)
        return style + Style(reverse=True) if reverse else style

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw other rows."""
        self._forget_drawn()
        super().watch_scroll_y(old_value, new_value)

    def notify_style_update(self) -> None:
        """Forget the styles of a theme, or of having or lacking the focus."""
        super().notify_style_update()
        self._styles.clear()
        self._forget_drawn()
