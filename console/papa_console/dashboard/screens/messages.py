"""What the user has been told before, the newest first, to read again and copy."""

from collections.abc import Callable, Iterable
from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from papa_console.dashboard.screens.dialog import Dialog
from papa_console.text import clean, clock

_SIGNS = {"information": ("·", "dim"), "warning": ("!", "$text-warning"), "error": ("✗", "$text-error")}
NOTHING = "Nothing has been said yet."


class Told(Protocol):
    """One message."""

    @property
    def time(self) -> float:
        """When, in seconds since 1970."""

    @property
    def severity(self) -> str:
        """``information``, ``warning`` or ``error``."""

    @property
    def text(self) -> str:
        """What."""


class MessagesScreen(Dialog[None]):
    """Earlier messages.

    Args:
        messages: the oldest first.
        copy: puts a text where others can paste it; None asks the terminal.
    """

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy(False)", "Copy", show=False),
        Binding("Y", "copy(True)", "Copy all", show=False),
        Binding("q", "leave", "Leave", show=False),
        Binding("j", "move(True)", "Down", show=False),
        Binding("k", "move(False)", "Up", show=False),
    ]
    DEFAULT_CSS = """
    MessagesScreen {
        & Frame { width: 96; padding: 1 1 0 1; }
        & Static { padding: 0 1; }
        & OptionList {
            height: auto; background: $surface; background-tint: $foreground 0%; scrollbar-size-vertical: 1;
        }
        & OptionList:ansi { background: ansi_default; }
        & OptionList:ansi > .option-list--option-highlighted {
            background: ansi_default; color: ansi_default; text-style: bold reverse;
        }
    }
    """

    def __init__(self, messages: Iterable[Told], copy: Callable[[str], None] | None = None) -> None:
        super().__init__("Messages", [("↑↓", "move"), ("y", "copy"), ("Y", "copy all")])
        self.messages = list(messages)[::-1]
        self._copy = copy

    def contents(self) -> Iterable[Widget]:
        """Return the messages."""
        if not self.messages:
            return [Static(Content(NOTHING))]
        return [OptionList(*(Option(_shown(message)) for message in self.messages), compact=True)]

    def on_resize(self, event: Resize) -> None:
        """Let the list scroll where it does not fit."""
        for listed in self.query(OptionList):
            listed.styles.max_height = max(event.size.height - 5, 3)

    def action_move(self, down: bool) -> None:
        """Move in the list."""
        for listed in self.query(OptionList):
            listed.action_cursor_down() if down else listed.action_cursor_up()

    def on_option_list_option_selected(self) -> None:
        """Copy the message."""
        self.action_copy(False)

    def action_copy(self, every: bool) -> None:
        """Copy the message that the cursor is on, or all of them."""
        chosen = [listed.highlighted for listed in self.query(OptionList) if listed.highlighted is not None]
        copied = self.messages if every else [self.messages[number] for number in chosen]
        if copied:
            text = "\n".join(f"{clock(m.time, date=True)} {m.severity}: {m.text}" if every else m.text for m in copied)
            (self._copy or self.app.copy_to_clipboard)(text)


def _shown(message: Told) -> Content:
    sign, look = _SIGNS.get(message.severity, _SIGNS["information"])
    when = Content.styled(clock(message.time), "dim")
    return Content("  ").join([when, Content.styled(sign, look), Content(clean(message.text))])
