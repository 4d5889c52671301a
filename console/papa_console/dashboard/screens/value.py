"""One value in full: JSON laid out, to scroll through, copy and edit."""

import re
from collections.abc import Callable, Iterable
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.widget import Widget

from papa_console.dashboard.screens.dialog import Dialog
from papa_console.dashboard.screens.pretty import broken, pretty
from papa_console.dashboard.widgets.looks import ink
from papa_console.dashboard.widgets.rows_view import RowsView
from papa_console.text import size

EDIT = "edit"
_KEY = re.compile(r'^ *("(?:[^"\\]|\\.)*")(?=:)')
_CHROME = 3


class ValueScreen(Dialog[str]):
    """A value; dismissed with ``edit`` where it is to be edited.

    Args:
        name: what it is called.
        text: it.
        copy: puts a text where others can paste it; None asks the terminal.
    """

    AUTO_FOCUS = "RowsView"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"value--key"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Edit", show=False),
        Binding("y", "copy", "Copy", show=False),
        Binding("q", "leave", "Leave", show=False),
    ]
    DEFAULT_CSS = """
    ValueScreen {
        & > .value--key { color: $text-accent; }
        & Frame { width: 96; padding: 0 1 0 1; }
        & RowsView { height: 1; }
    }
    """

    def __init__(self, name: str, text: str, copy: Callable[[str], None] | None = None) -> None:
        super().__init__(f"{name}  {_amount(text)}", [("↑↓", "scroll"), ("y", "copy"), ("e", "edit")])
        self.text = text
        self._copy = copy
        self._lines: list[str] = []

    def contents(self) -> Iterable[Widget]:
        """Return the lines."""
        return [RowsView(self._draw, cursor=False)]

    def _draw(self, number: int) -> Text:
        line = self._lines[number]
        text = Text(line)
        if match := _KEY.match(line):
            text.stylize(ink(self, "value--key"), *match.span(1))
        return text

    def on_resize(self, event: Resize) -> None:
        """Break the lines to fit."""
        view = self.query_one(RowsView)
        self._lines = broken(pretty(self.text), min(event.size.width, 96) - 5)
        view.styles.height = min(len(self._lines), max(event.size.height - _CHROME, 1))
        view.set_rows(len(self._lines))

    def action_edit(self) -> None:
        """Leave, to edit it."""
        self.dismiss(EDIT)

    def action_copy(self) -> None:
        """Copy it as it is, not as it is laid out."""
        (self._copy or self.app.copy_to_clipboard)(self.text)


def _amount(text: str) -> str:
    count = len(text.encode("utf-8", "surrogatepass"))
    return "1 byte" if count == 1 else f"{count} bytes" if count < 1024 else size(count)
