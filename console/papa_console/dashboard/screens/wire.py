"""The wire drawer: each line sent to the kernel and received from it, with times, live, below the rest."""

from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from papa_console.dashboard.held.wirelog import RECEIVED, SENT, WireLine, WireLog
from papa_console.dashboard.screens.dialog import Dialog
from papa_console.dashboard.widgets.looks import ink
from papa_console.dashboard.widgets.rows_view import RowsView
from papa_console.text import clock, width

_KEPT = 5000
_SIGNS = {SENT: "→", RECEIVED: "←"}
_CONNECTION = 10


class WireScreen(Dialog[None]):
    """The drawer.

    Args:
        log: what went over the wire; looked at with each ``tick``.
        copy: puts a text where others can paste it; None asks the terminal.
    """

    AUTO_FOCUS = "RowsView"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"wire--sent", "wire--received", "wire--told", "wire--quiet"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f,slash", "filter", "Filter", show=False),
        Binding("F", "follow", "Follow", show=False),
        Binding("y", "copy(False)", "Copy", show=False),
        Binding("Y", "copy(True)", "Copy all", show=False),
        Binding("L,q", "leave", "Leave", show=False),
    ]
    DEFAULT_CSS = """
    WireScreen {
        align: center bottom; background: transparent;
        & > .wire--sent { color: $text-accent; text-style: bold; }
        & > .wire--received { color: $text-success; }
        & > .wire--told { color: $text-warning; }
        & > .wire--quiet { color: $foreground-muted; }
        & Frame { width: 100%; height: 50%; min-height: 8; padding: 0 1; }
        & #filter { height: 1; display: none; }
        & #filter Static { width: auto; padding-right: 1; color: $primary; text-style: bold; }
        & #filter Input, & #filter Input:focus { width: 1fr; background: $panel; background-tint: $foreground 0%; }
    }
    """

    def __init__(self, log: WireLog, copy: Callable[[str], None] | None = None) -> None:
        keys = [("f", "filter"), ("F", "follow"), ("y", "copy"), ("Y", "copy all")]
        super().__init__("Wire", keys)
        self._log = log
        self._copy = copy
        self._next = 0
        self._wanted = ""
        self._shown: deque[WireLine] = deque(maxlen=_KEPT)
        self.following = True

    def contents(self) -> Iterable[Widget]:
        """Return the lines, and the filter below them."""
        wanted = Input(placeholder="only lines that contain this", compact=True)
        wanted.cursor_blink = False
        return [RowsView(self._draw, id="lines"), Horizontal(Static(Content("filter")), wanted, id="filter")]

    @property
    def _view(self) -> RowsView:
        return self.query_one(RowsView)

    def on_mount(self) -> None:
        """Show what there is."""
        self.tick(0.0)

    def _to_end(self) -> None:
        self._view.go_to(self._view.count)

    def tick(self, now: float) -> None:  # noqa: ARG002 - every tick has it
        """Show what has come since the last time."""
        if self._log.next == self._next:
            return
        dropped = len(self._shown)
        self._shown.extend(line for line in self._log.since(self._next) if self._lets_through(line))
        self._next = self._log.next
        self._count(full=dropped == _KEPT)

    def _lets_through(self, line: WireLine) -> bool:
        return self._wanted in f"{line.connection} {line.text}".lower()

    def _count(self, *, full: bool = False) -> None:
        view = self._view
        wide = 0 if full else max((width(line.text) for line in islice(self._shown, view.count, None)), default=0)
        view.set_rows(len(self._shown), max(wide + _CONNECTION + 16, view.virtual_size.width))
        if self.following:
            self._to_end()
        self._entitle()

    def _entitle(self) -> None:
        badge = "following" if self.following else "held"
        lines = f"{len(self._shown):,} lines" if len(self._shown) != 1 else "1 line"
        wanted = f" with “{self._wanted}”" if self._wanted else ""
        self.query_one("Frame").border_title = Content(f"Wire  {lines}{wanted}  {badge}")

    def _draw(self, number: int) -> Text:
        line = self._shown[number]
        quiet = ink(self, "wire--quiet")
        look = {SENT: "wire--sent", RECEIVED: "wire--received"}.get(line.direction, "wire--told")
        text = Text().append(f"{clock(line.time)}.{int(line.time % 1 * 1000):03} ", quiet)
        text.append(f"{line.connection[:_CONNECTION]:<{_CONNECTION}} ", quiet)
        text.append(_SIGNS.get(line.direction, "·") + " ", ink(self, look))
        return text.append(line.text, "bold" if line.direction == SENT else "")

    # keys

    def on_rows_view_moved(self) -> None:
        """Hold still where the user looks at older lines."""
        self.following = self._view.at_end
        self._entitle()

    def action_follow(self) -> None:
        """Follow the newest line, or hold still."""
        self.following = not self.following
        if self.following:
            self._to_end()
        self._entitle()

    def action_filter(self) -> None:
        """Open the filter."""
        self.query_one("#filter").display = True
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show only what contains what was typed."""
        event.stop()
        self._wanted = event.value.lower()
        self._shown.clear()
        self._shown.extend(line for line in self._log.since(0) if self._lets_through(line))
        self._next = self._log.next
        self._count()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go back to the lines; an empty filter is put away."""
        event.stop()
        self.query_one("#filter").display = bool(event.value)
        self._view.focus()

    def action_copy(self, every: bool) -> None:
        """Copy the line that the cursor is on, or all that are shown."""
        if not self._shown:
            return
        lines = self._shown if every else [self._shown[self._view.cursor]]
        text = "\n".join(f"{clock(x.time)} {x.connection} {x.direction} {x.text}" if every else x.text for x in lines)
        (self._copy or self.app.copy_to_clipboard)(text)
