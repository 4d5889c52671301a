"""Rows to scroll through, each drawn only while it is on the screen, with a cursor where one is wanted."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

_SIDEWAYS = 8


class RowsView(ScrollView, can_focus=True):
    """The rows.

    Args:
        draw: returns a row, given its number.
        cursor: whether there is a cursor; without one the keys scroll.
        id: its id.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--cursor"}
    DEFAULT_CSS = """
    RowsView {
        height: 1fr; background: $surface; color: $foreground;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; overflow-x: hidden;
        & > .rows--cursor { background: $block-cursor-blurred-background; }
        &:focus > .rows--cursor { background: $block-cursor-background; text-style: bold; }
        &:ansi { background: ansi_default; color: ansi_default; }
        &:ansi > .rows--cursor { background: ansi_default; text-style: underline; }
        &:ansi:focus > .rows--cursor { background: ansi_default; text-style: reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "step(1)", "Down", show=False),
        Binding("up,k", "step(-1)", "Up", show=False),
        Binding("pagedown,ctrl+d", "turn(1)", "Page down", show=False),
        Binding("pageup,ctrl+u", "turn(-1)", "Page up", show=False),
        Binding("home,g", "edge(False)", "First", show=False),
        Binding("end,G", "edge(True)", "Last", show=False),
        Binding("right,l", "sideways(1)", "Right", show=False),
        Binding("left,h", "sideways(-1)", "Left", show=False),
        Binding("enter", "activate", "Open", show=False),
    ]

    class Moved(Message):
        """The cursor came to another row, or the rows were scrolled by a key."""

        def __init__(self, view: "RowsView") -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> "RowsView":
            """The rows."""
            return self.view

    class Activated(Moved):
        """Enter was pressed on the row of the cursor, or it was clicked on twice."""

    def __init__(self, draw: Callable[[int], Text], *, cursor: bool = True, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._draw = draw
        self._has_cursor = cursor
        self.count = 0
        self.cursor = 0

    def set_rows(self, count: int, wide: int = 0) -> None:
        """Say how many rows there are, and how wide the widest is."""
        self.count = count
        self.cursor = min(self.cursor, max(count - 1, 0))
        self.virtual_size = Size(wide, count)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        left, top = self.scroll_offset
        number, width = top + y, self.size.width
        if number >= self.count:
            return Strip.blank(width, self.rich_style)
        text = self._draw(number)
        text.stylize_before(text.style)  # Rich draws a text without pieces in no style at all
        strip = Strip(text.render(self.app.console)).crop_extend(left, left + width, None)
        if self._has_cursor and number == self.cursor:
            strip = strip.apply_style(self.get_component_rich_style("rows--cursor", partial=True))
        return strip.apply_style(self.rich_style)

    @property
    def at_end(self) -> bool:
        """Whether the last row is on the screen, or the cursor on it."""
        if self._has_cursor:
            return self.cursor >= self.count - 1
        return self.scroll_offset.y >= self.max_scroll_y

    def go_to(self, number: int) -> None:
        """Move the cursor to a row, or the row to the top where there is none."""
        number = min(max(number, 0), max(self.count - 1, 0))
        if self._has_cursor:
            self.cursor = number
            self.scroll_to_region(Region(self.scroll_offset.x, number, 1, 1), animate=False, force=True)
        else:
            self.scroll_to(y=number, animate=False)
        self.refresh()

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        if self._has_cursor:
            self.go_to(self.cursor)

    def _move(self, rows: int) -> None:
        at = self.cursor if self._has_cursor else self.scroll_offset.y
        self.go_to(at + rows)
        self.post_message(self.Moved(self))

    def action_step(self, rows: int) -> None:
        """Move by rows."""
        self._move(rows)

    def action_turn(self, pages: int) -> None:
        """Move by pages."""
        self._move(pages * max(self.size.height - 1, 1))

    def action_edge(self, last: bool) -> None:
        """Move to the first or the last row."""
        self._move(self.count if last else -self.count)

    def action_sideways(self, steps: int) -> None:
        """Move sideways; where every row fits the key is for others."""
        if self.virtual_size.width <= self.size.width:
            raise SkipAction
        self.scroll_to(x=self.scroll_offset.x + steps * _SIDEWAYS, animate=False, force=True)

    def action_activate(self) -> None:
        """Say that Enter was pressed."""
        if self.count:
            self.post_message(self.Activated(self))

    def on_click(self, event: Click) -> None:
        """Move the cursor to what was clicked on; a second click is as good as Enter."""
        number = self.scroll_offset.y + event.get_content_offset_capture(self).y
        if not self._has_cursor or not 0 <= number < self.count:
            return
        self.go_to(number)
        self.post_message(self.Moved(self))
        if event.chain == 2:
            self.post_message(self.Activated(self))
