"""What the fields of a form are filled in with: a line, one of a few choices, lines NAME=VALUE, or a text."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Click, Paste
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import TextArea

from papa_console.dashboard.widgets.completing_input import Complete, CompletingInput
from papa_console.dashboard.widgets.completion_list import CompletionList
from papa_console.dashboard.widgets.looks import ink
from papa_console.dashboard.widgets.visible import visible


class Edited(Message):
    """What an editor holds has changed."""


class Wanted(Message):
    """Enter was pressed: the form is to be sent."""


class LineEditor(CompletingInput):
    """One line."""

    @property
    def text(self) -> str:
        """What it holds."""
        return self.value


class ChoiceEditor(Widget, can_focus=True):
    """One of a few choices, side by side; left and right move, so do their first letters.

    Args:
        choices: what there is; an empty one stands for the default.
        default: what holds where nothing is chosen.
        meaning: says what a choice means.
        text: what is chosen at first.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"choices--chosen", "choices--about"}
    DEFAULT_CSS = """
    ChoiceEditor {
        height: 1; width: 1fr;
        & > .choices--chosen { background: $block-cursor-blurred-background; text-style: bold; }
        & > .choices--about { color: $foreground-muted; }
        &:focus > .choices--chosen { background: $block-cursor-background; color: $block-cursor-foreground; }
        &:ansi > .choices--chosen { background: ansi_default; color: ansi_default; text-style: bold underline; }
        &:ansi:focus > .choices--chosen { background: ansi_default; color: ansi_default; text-style: bold reverse; }
        &:ansi > .choices--about { color: ansi_default; text-style: dim; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1)", "Before", show=False),
        Binding("right,l,space", "move(1)", "Next", show=False),
        Binding("enter", "send", "Send", show=False),
    ]
    index: reactive[int] = reactive(0)

    def __init__(self, choices: Sequence[str], default: str, meaning: Callable[[str], str], text: str = "") -> None:
        super().__init__()
        known = [choice for choice in choices if choice]
        self._choices = known if default in known else ["", *known]
        self._default = default if default in known else ""
        self._meaning = meaning
        wanted = text.lower() or self._default
        self.index = self._choices.index(wanted) if wanted in self._choices else 0

    @property
    def text(self) -> str:
        """What is chosen; empty where that is the default."""
        chosen = self._choices[self.index]
        return "" if chosen == self._default else chosen

    def render(self) -> Text:
        """Draw the choices, and what the chosen one means."""
        line = Text(no_wrap=True, overflow="ellipsis")
        chosen = self.get_component_rich_style("choices--chosen")
        for number, choice in enumerate(self._choices):
            here = number == self.index
            label = f"[{choice or 'auto'}]" if here else f" {choice or 'auto'} "
            line.append(label, chosen if here else "").append(" ")
        about = self._meaning(self._choices[self.index])
        return line.append(f" {about}", ink(self, "choices--about"))

    def action_move(self, step: int) -> None:
        """Choose the next one, or the one before."""
        self.index = min(max(self.index + step, 0), len(self._choices) - 1)
        self.post_message(Edited())

    def action_send(self) -> None:
        """Ask for the form to be sent."""
        self.post_message(Wanted())

    def on_click(self, event: Click) -> None:
        """Choose what was clicked on."""
        start = 0
        for number, choice in enumerate(self._choices):
            end = start + len(choice or "auto") + 3
            if start <= event.get_content_offset_capture(self).x < end:
                self.index = number
                self.post_message(Edited())
            start = end


class PairLine(LineEditor):
    """One line of several."""

    def on_paste(self, event: Paste) -> None:
        """Leave what has several lines to all of them."""
        if len(event.text.splitlines()) > 1 and isinstance(self.parent, PairsEditor):
            event.prevent_default()
            event.stop()
            self.parent.insert_lines(self, event.text.splitlines())


class PairsEditor(Vertical):
    """Lines NAME=VALUE, with an empty one at the end.

    Args:
        menu: where candidates are shown.
        complete: completes one line.
        placeholder: what the first line shows while all are empty.
        text: the lines at first.
    """

    DEFAULT_CSS = """
    PairsEditor { height: auto; width: 1fr; }
    """

    def __init__(self, menu: CompletionList, complete: Complete, placeholder: str, text: str = "") -> None:
        super().__init__()
        self._menu = menu
        self._complete = complete
        self._placeholder = placeholder
        self._first = [line for line in text.split("\n") if line]

    def _line(self, text: str, placeholder: str = "") -> PairLine:
        return PairLine(self._menu, self._complete, text, placeholder, plain=True)

    def compose(self) -> ComposeResult:
        """Make a line for each, and one more."""
        for line in self._first:
            yield self._line(line)
        yield self._line("", "" if self._first else self._placeholder)

    @property
    def _lines(self) -> Iterable[PairLine]:
        return self.query(PairLine)

    @property
    def text(self) -> str:
        """The lines that are not empty."""
        if not self.is_mounted:
            return "\n".join(self._first)
        return "\n".join(line.value for line in self._lines if line.value)

    def on_input_changed(self) -> None:
        """Keep one empty line at the end."""
        if list(self._lines)[-1].value:
            self.mount(self._line(""))

    def insert_lines(self, at: PairLine, texts: Sequence[str]) -> None:
        """Put pasted lines where the cursor is, each in a line of its own."""
        at.insert_text_at_cursor(texts[0])
        self.mount(*(self._line(text) for text in texts[1:]), after=at)
        self.post_message(Edited())


class ProseEditor(TextArea):
    """A text of several lines; Enter sends the form, ctrl+j begins a new line."""

    DEFAULT_CSS = """
    ProseEditor, ProseEditor:focus {
        height: auto; min-height: 3; max-height: 12; width: 1fr; padding: 0; border: none;
        background: $panel; background-tint: $foreground 0%;
        &:ansi { background: ansi_default; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", show=False, priority=True),
        Binding("ctrl+j,alt+enter", "new_line", "New line", show=False),
    ]

    def __init__(self, text: str = "") -> None:
        super().__init__(text, soft_wrap=True, compact=True, highlight_cursor_line=False, tab_behavior="focus")
        self.cursor_blink = False

    def get_line(self, line_index: int) -> Text:
        """Return a line as it is drawn: without characters that must not reach a terminal."""
        line = super().get_line(line_index)
        line.plain = visible(line.plain)
        return line

    def on_text_area_changed(self) -> None:
        """Say that it has changed."""
        self.post_message(Edited())

    def action_send(self) -> None:
        """Ask for the form to be sent."""
        self.post_message(Wanted())

    def action_new_line(self) -> None:
        """Begin a new line."""
        self.insert("\n")

    def action_cursor_up(self, select: bool = False) -> None:
        """Move up; from the first line the form moves the focus."""
        if self.cursor_at_first_line and not select:
            raise SkipAction
        super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Move down; from the last line the form moves the focus."""
        if self.cursor_at_last_line and not select:
            raise SkipAction
        super().action_cursor_down(select)
