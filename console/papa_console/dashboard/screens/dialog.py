"""What all dialogs share: a frame in the middle of the screen, a title, a line of keys, and Esc that leaves."""

from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget

from papa_console.text import clean_line

Result = TypeVar("Result")


class Frame(Vertical):
    """The border of a dialog, with its title above and its keys below."""

    DEFAULT_CSS = """
    Frame {
        width: 84; max-width: 100%; height: auto; max-height: 100%;
        padding: 1 2 0 2;
        background: $surface; color: $foreground;
        border: round $primary;
        border-title-color: $primary; border-title-style: bold;
        border-subtitle-color: $text-muted;
        &:ansi { background: ansi_default; color: ansi_default; border-subtitle-color: ansi_default; }
    }
    """


def keys_line(keys: Iterable[tuple[str, str]]) -> Content:
    """Return the keys of a dialog, each with what it does, for the lower edge of its frame."""
    pieces: list[Content] = []
    for key, label in keys:
        pieces += [Content.styled(key, "bold"), Content(f" {label}"), Content("  ")]
    return Content("").join(pieces[:-1])


class Dialog(ModalScreen[Result | None], Generic[Result]):
    """A screen that asks or shows something above the others; Esc leaves it and does nothing.

    Args:
        heading: its title.
        keys: its keys and what they do; Esc is added.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave", show=False)]
    DEFAULT_CSS = """
    Dialog { align: center middle; }
    """

    def __init__(self, heading: str, keys: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__()
        self.heading = clean_line(heading)
        self._keys = [*keys, ("esc", "leave")]

    def contents(self) -> Iterable[Widget]:
        """Return what stands in the frame."""
        return ()

    def compose(self) -> ComposeResult:
        """Build the frame."""
        frame = Frame(*self.contents())
        frame.border_title = Content(self.heading)
        frame.border_subtitle = keys_line(self._keys)
        yield frame

    def action_leave(self) -> None:
        """Leave, and do nothing."""
        self.dismiss(None)
