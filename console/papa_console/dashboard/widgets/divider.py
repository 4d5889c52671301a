"""A line between two regions that the mouse can drag."""

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widget import Widget


class Divider(Widget):
    """The line: upright, between what is left and right of it."""

    DEFAULT_CSS = """
    Divider {
        width: 1; height: 1fr; background: $background; color: $border;
        &:hover { color: $primary; }
        &.-dragged { color: $primary; }
    }
    """

    class Dragged(Message):
        """The line was dragged.

        Args:
            column: where on the screen it is to be.
        """

        def __init__(self, column: int) -> None:
            super().__init__()
            self.column = column

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin."""
        self.capture_mouse()
        self.add_class("-dragged")
        event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go on."""
        if "-dragged" in self.classes:
            self.post_message(self.Dragged(event.screen_x))

    def on_mouse_up(self, _: events.MouseUp) -> None:
        """End."""
        self.release_mouse()
        self.remove_class("-dragged")

    def render(self) -> Text:
        """Draw the line."""
        grip = "┃" if self.mouse_hover or "-dragged" in self.classes else " "
        return Text("\n".join(grip * self.size.height))
