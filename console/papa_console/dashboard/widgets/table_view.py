"""What a table draws: a header that stays, and of thousands of rows only the visible ones.

Each drawn line is remembered by what it shows; when facts change, the visible lines are looked at again and only those
that differ are drawn. The columns at the left tell the row with the cursor and marked rows by a sign, so that colour
is never needed.
"""

from collections.abc import Collection, Sequence
from typing import ClassVar, Generic

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from papa_console.dashboard.widgets.columns import Cell, F, Place, cut, fit
from papa_console.dashboard.widgets.table_model import Model
from papa_console.dashboard.widgets.table_paint import COMPONENTS, CSS, Line, Paint

GUTTER = 3
_MARGIN = 1  # at the right


class TableView(ScrollView, Generic[F], inherit_bindings=False):
    """The table, as far as it draws.

    Args:
        model: what it shows.
        placeholder: what is said where there is nothing.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = COMPONENTS
    DEFAULT_CSS = f"""
    TableView {{
        height: auto; max-height: 100%; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1;
        {CSS}
    }}
    """

    def __init__(self, model: Model[F], placeholder: str) -> None:
        super().__init__()
        self.model = model
        self.rows = model.rows
        self.placeholder = placeholder
        self.lit: frozenset[str] = frozenset()
        self.hovered: int | None = None  # a line of the screen, so that it stays under the mouse
        self._paint = Paint(self)
        self._places: tuple[tuple[int, int, str], list[Place[F]]] = ((-1, -1, ""), [])
        self._drawn: dict[int, Line] = {}
        self._strips: dict[int, Strip] = {}  # of lines drawn; Textual keeps what it makes of a strip with it

    # what is shown

    def show(self, facts: F, names: Collection[str]) -> None:
        """Show other facts: what the columns draw from, and the names that there are now."""
        if self.model.take(facts, names):
            self.order_rows()
        self.redraw()

    def order_rows(self, *, recall: bool = False) -> bool:
        """Sort and filter, keeping the cursor in sight if it was; whether rows have changed."""
        seen = self.is_visible(self.rows.at)
        changed = self.model.order(recall=recall)
        if changed:
            self._make_room()
            if seen or recall:
                self.reveal()
        return changed

    def _make_room(self) -> None:
        """Tell how many rows there are; lay out the screen anew only where the table may get another height."""
        size = Size(0, len(self.rows) + 1)
        if min(self.virtual_size.height, size.height) > self.scrollable_content_region.height > 0:
            self.set_reactive(TableView.virtual_size, size)
            self._scroll_update(size)
        else:
            self.virtual_size = size

    @property
    def note(self) -> str:
        """What is said where there are no rows."""
        if self.model.filter and self.model.names.all:
            return f"no name {'is without' if self.model.filter.inverted else 'contains'} it · esc shows all"
        return self.placeholder

    # where things are

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return how high all rows are, with the header; a note takes the place of none."""
        return max(len(self.rows), 1) + 1

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.reveal()
        self.redraw()

    @property
    def places(self) -> list[Place[F]]:
        """Which columns are shown, and where, counted from the gutter."""
        width = self.scrollable_content_region.width - GUTTER - _MARGIN
        wanted = (width, self.model.names.longest, self.model.by.id)
        if self._places[0] != wanted:
            self._places = (wanted, fit(self.model.columns, *wanted))
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
            strip = self._strips[y] = self._paint.strip(line, places, self.scrollable_content_region.width)
        return strip

    def _forget_drawn(self) -> None:
        self._drawn.clear()
        self._strips.clear()

    def _line(self, y: int) -> Line:
        places = self.places
        if y == 0:
            return Line("", "header", " " * GUTTER, tuple(self._title(place) for place in places))
        number, facts = self.scroll_offset.y + y - 1, self.model.facts
        if number >= len(self.rows) or facts is None:
            return Line(" " * GUTTER + self.note if number == 0 else "", "note", "", ())
        key = self.rows.keys[number]
        cells = tuple(tuple(place.column.draw(facts, key, place.width)) for place in places)
        if key in self.lit:
            cells = (tuple((text, "lit" if look == "name" else look) for text, look in cells[0]), *cells[1:])
        return Line(key, self._row_look(number, y), self._sign(number, key), cells)

    def _title(self, place: Place[F]) -> Cell:
        if place.column is not self.model.by:
            return ((cut(place.column.title, place.width), ""),)
        return ((cut(place.column.title, place.width - 1) + self.model.arrow, "sorted"),)

    def _row_look(self, number: int, y: int) -> str:
        if number == self.rows.at:
            return "cursor" if self.has_focus else "blurred"
        return "hover" if y == self.hovered else "plain"

    def _sign(self, number: int, key: str) -> str:
        here = ("▌" if self.has_focus else "▏") if number == self.rows.at else " "
        return here + ("◆" if key in self.rows.marks else "↔" if key in self.lit else " ") + " "

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw other rows."""
        self._forget_drawn()
        super().watch_scroll_y(old_value, new_value)

    def notify_style_update(self) -> None:
        """Forget the looks of a theme, or of having or lacking the focus."""
        super().notify_style_update()
        self._paint.forget()
        self._forget_drawn()
