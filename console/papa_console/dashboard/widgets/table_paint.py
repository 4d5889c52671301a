"""How lines of a table are drawn: looks of rows and cells put together, and made into strips."""

from typing import Any, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from papa_console.dashboard.widgets.columns import GAP, Cell, Place, fill

LOOKS = ("name", "lit", "good", "warn", "bad", "alert", "muted", "accent", "bar", "bar-warn", "bar-bad", "spark")
ROWS = ("plain", "cursor", "blurred", "hover", "header", "sorted", "note")
COMPONENTS = {f"table--{name}" for name in (*LOOKS, *ROWS)}

CSS = """
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
"""
"""What the looks are, for the table's own style sheet."""


class Line(NamedTuple):
    """What a line shows: it has to be drawn again where this differs."""

    key: str
    row: str
    sign: str
    cells: tuple[Cell, ...]


class Paint:
    """Makes strips of lines.

    Args:
        table: the widget whose component classes say what looks are.
    """

    def __init__(self, table: Widget) -> None:
        self._table = table
        self._styles: dict[tuple[str, str], Style] = {}

    def forget(self) -> None:
        """Forget the looks of another theme, or of having or lacking the focus."""
        self._styles.clear()

    def strip(self, line: Line, places: list[Place[Any]], width: int) -> Strip:
        """Return a line as a strip."""
        row = self._style(line.row, "")
        if not line.cells:
            return Strip([Segment(line.key, row)]).adjust_cell_length(width, row)
        segments = [Segment(line.sign, self._style(line.row, "accent"))]
        for place, cell in zip(places, line.cells, strict=True):
            for text, look in fill(cell, place.width, place.column.right):
                segments.append(Segment(text, self._style(line.row, look)))
            segments.append(Segment(" " * GAP, row))
        return Strip(segments).adjust_cell_length(width, row)

    def _style(self, row: str, look: str) -> Style:
        style = self._styles.get((row, look))
        if style is None:
            style = self._compose(f"table--{row}", *([f"table--{look}"] if look else []))
            if row == "cursor" and look and self._style(row, "").reverse:
                style = self._style(row, "")  # one colour from end to end, else the row falls to pieces
            self._styles[row, look] = style
        return style

    def _compose(self, *classes: str) -> Style:
        style = self._table.get_visual_style(*classes).rich_style
        # Textual 8.2.8 leaves "reverse" out
        reverse = any(self._table.get_component_styles(name).text_style.reverse for name in classes)
        return style + Style(reverse=True) if reverse else style
