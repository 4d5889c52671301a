"""Dragging borders with the mouse: the upper border of a pane, where another pane is above it."""

from collections.abc import Callable
from functools import partial

from textual import events

from papa_console.dashboard.arrangement import Size, size_of
from papa_console.dashboard.deeds.base import Base
from papa_console.dashboard.widgets.held_list import HeldList

_LEAST_ROWS = 4


class DragDeeds(Base):
    """What the mouse does on borders."""

    _drag: Callable[[int], None] | None = None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to drag where a border is."""
        self._drag = self._border_at(event.screen_x, event.screen_y)
        if self._drag is not None:
            self.capture_mouse()
            event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Move the border."""
        if self._drag is not None:
            self._drag(event.screen_y)

    def on_mouse_up(self, _: events.MouseUp) -> None:
        """Leave the border where it is."""
        if self._drag is not None:
            self._drag = None
            self.release_mouse()

    def _border_at(self, column: int, row: int) -> Callable[[int], None] | None:
        """Return what moves the border at a place of the screen, None where there is none."""
        if size_of(*self.app.size) is Size.NARROW:
            region = self.output.region
            on_border = region.y == row and self.query_one("#lists").display
            return self._move_output if on_border and region.x <= column < region.right else None
        for kind in ("sockets", "values"):
            held = self.list_of(kind)
            region = held.region
            if held.display and region.y == row and region.x <= column < region.right:
                return partial(_move_top, held, region.bottom)
        return None

    def _move_output(self, row: int) -> None:
        body = self.query_one("#body").region
        rows = max(_LEAST_ROWS, min(row - body.y, body.height - _LEAST_ROWS))
        self.query_one("#lists").styles.height = rows


def _move_top(held: HeldList, bottom: int, row: int) -> None:
    held.styles.height = held.styles.max_height = max(bottom - row, _LEAST_ROWS)
