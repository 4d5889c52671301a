"""A question: what is going to happen, and what can be done about it, one choice a line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Click, Key, Resize
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from papa_console.dashboard.screens.dialog import Dialog
from papa_console.dashboard.widgets.looks import ink

_KEY_COLUMNS = 4
_CHROME = 4  # rows beside paragraphs and choices


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be done.

    Args:
        key: the key that does it.
        label: what it does.
        result: what the dialog is dismissed with; None leaves it.
        dangerous: whether something is lost that cannot be had back.
    """

    key: str
    label: str
    result: str | None
    dangerous: bool = False


class ChoiceLine(Widget, can_focus=True):
    """The line of a choice: chosen by its key, by Enter where it has the focus, or by a click."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice--key"}
    DEFAULT_CSS = """
    ChoiceLine {
        height: 1; padding: 0 1;
        & > .choice--key { color: $primary; text-style: bold; }
        &.-dangerous > .choice--key { color: $text-error; text-style: bold; }
        &:focus { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
        &:hover { background: $block-hover-background; }
        &:ansi:focus { background: ansi_default; color: ansi_default; text-style: bold reverse; }
        &:ansi:focus > .choice--key { color: ansi_default; text-style: bold reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "choose", "Choose", show=False)]

    class Chosen(Message):
        """A choice was made."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, choice: Choice) -> None:
        super().__init__(classes="-dangerous" if choice.dangerous else "")
        self.choice = choice

    def render(self) -> Text:
        """Draw the line."""
        key = "esc" if self.choice.key == "escape" else self.choice.key
        mark = "› " if self.has_focus else "  "
        text = Text(mark, no_wrap=True, overflow="ellipsis")
        text.append(key.ljust(_KEY_COLUMNS), ink(self, "choice--key"))
        return text.append(self.choice.label)

    def action_choose(self) -> None:
        """Choose it."""
        self.post_message(self.Chosen(self.choice))

    def on_click(self, event: Click) -> None:
        """Choose what was clicked on."""
        event.stop()
        self.action_choose()


class Question(Dialog[str]):
    """Asks before something is done; dismissed with the result of the choice, None where nothing is to be done.

    Args:
        heading: what is asked.
        body: what will happen, a paragraph each.
        choices: what can be done; leaving is added.
        default: the result that Enter gives; None leaves.
        leave: what Esc does, in the words of the question.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j,tab", "app.focus_next", "Next", show=False),
        Binding("up,k,shift+tab", "app.focus_previous", "Previous", show=False),
    ]
    DEFAULT_CSS = """
    Question {
        & Frame { width: 78; padding: 1 1 0 1; }
        & #body { height: auto; padding: 0 1; scrollbar-size-vertical: 1; }
        & #body Static { margin-bottom: 1; }
        & #choices { height: auto; margin-bottom: 1; }
    }
    """

    def __init__(
        self,
        heading: str,
        body: Sequence[str | Content],
        choices: Sequence[Choice],
        *,
        default: str | None = None,
        leave: str = "Leave everything as it is",
    ) -> None:
        super().__init__(heading, [("⏎", "chooses"), ("↑↓", "move")])
        self.body = [Content(part) if isinstance(part, str) else part for part in body]
        self.choices = [*choices, Choice("escape", leave, None)]
        self._default = default

    def contents(self) -> Iterable[Widget]:
        """Return the paragraphs and the choices."""
        paragraphs = VerticalScroll(*map(Static, self.body), id="body")
        paragraphs.can_focus = False
        return [paragraphs, Vertical(*map(ChoiceLine, self.choices), id="choices")]

    def on_mount(self) -> None:
        """Give the focus to the choice that Enter makes."""
        for line in self.query(ChoiceLine):
            if line.choice.result == self._default:
                line.focus()

    def on_resize(self, event: Resize) -> None:
        """Let the paragraphs scroll where they do not fit, so that the choices are always seen."""
        room = event.size.height - len(self.choices) - _CHROME
        self.query_one("#body").styles.max_height = max(room, 1)

    def on_key(self, event: Key) -> None:
        """Make the choice whose key was pressed."""
        body = self.query_one("#body", VerticalScroll)
        if event.key in ("pagedown", "pageup"):
            body.scroll_page_down(animate=False) if event.key == "pagedown" else body.scroll_page_up(animate=False)
        for choice in self.choices:
            if choice.key in (event.key, event.character):
                event.stop()
                self.dismiss(choice.result)
                return

    def on_choice_line_chosen(self, message: ChoiceLine.Chosen) -> None:
        """Leave with the choice."""
        self.dismiss(message.choice.result)
