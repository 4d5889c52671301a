"""Moving about in a pane of output: what its keys for scrolling do."""

from textual.app import ComposeResult
from textual.containers import Vertical

from papa_console.dashboard.output.view import View
from papa_console.dashboard.widgets.input_bar import InputBar
from papa_console.dashboard.widgets.line_log import SIDEWAYS, LineLog


class Moves(Vertical):
    """A pane of lines with a bar to type into, and the actions that scroll.

    Args:
        id: what the widget is called.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.view = View(())
        self.lines = LineLog(self.view)
        self.bar = InputBar()

    def compose(self) -> ComposeResult:
        """Put the lines above the bar."""
        yield self.lines
        yield self.bar

    def action_up(self) -> None:
        """Scroll up a row."""
        self.lines.go(self.lines.port.top - 1)

    def action_down(self) -> None:
        """Scroll down a row."""
        self.lines.go(self.lines.port.top + 1)

    def action_page_up(self) -> None:
        """Scroll up a page, of which a row stays."""
        self.lines.go(self.lines.port.top - max(self.lines.port.height - 1, 1))

    def action_page_down(self) -> None:
        """Scroll down a page, of which a row stays."""
        self.lines.go(self.lines.port.top + max(self.lines.port.height - 1, 1))

    def action_first(self) -> None:
        """Go to the oldest line, and stay there."""
        self.lines.port.follow(False)
        self.lines.go(self.view.first_row)

    def action_last(self) -> None:
        """Go to the newest line and follow."""
        self.lines.go(self.lines.port.end)

    def action_scroll_left(self) -> None:
        """Show what is further left."""
        self.lines.sideways(self.lines.look.left - SIDEWAYS)

    def action_scroll_right(self) -> None:
        """Show what is further right."""
        self.lines.sideways(self.lines.look.left + SIDEWAYS)

    def action_follow(self) -> None:
        """Follow the newest line, or hold still."""
        self.lines.port.follow(not self.lines.port.following)
        self.lines.moved()

    def jump_to(self, when: float) -> None:
        """Go to the first line at an instant or after it, and hold still there."""
        if self.view.next > self.view.first:
            self.lines.choose(min(self.view.at_time(when), self.view.next - 1))
