"""A field of a form on the screen, and the line between the common fields and the others."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Click
from textual.widgets import Static

from papa_console.dashboard.screens.editors import ChoiceEditor, LineEditor, PairsEditor, ProseEditor
from papa_console.dashboard.screens.fields import Field
from papa_console.text import clean_line

Editor = LineEditor | ChoiceEditor | PairsEditor | ProseEditor


class FieldRow(Vertical):
    """A field: its label, what it is filled in with, and what is wrong with that."""

    DEFAULT_CSS = """
    FieldRow {
        height: auto;
        & .label { width: 14; color: $foreground-muted; }
        & .line { height: auto; }
        & LineEditor { background: $panel; width: 1fr; }
        & PairsEditor LineEditor { margin-bottom: 0; }
        & .wrong { display: none; color: $text-error; padding-left: 14; }
        &.-wrong .wrong { display: block; }
        &.-wrong .label { color: $text-error; }
        &.-here .label { color: $primary; text-style: bold; }
        & LineEditor:focus { background: $panel-lighten-1; }
        &:ansi LineEditor { background: ansi_default; text-style: underline; }
        &:ansi LineEditor:focus { background: ansi_default; text-style: none; }
        &.-here:ansi .label { color: ansi_default; text-style: bold reverse; }
    }
    """

    def __init__(self, shown: Field, editor: Editor) -> None:
        super().__init__()
        self.field = shown
        self.editor = editor

    def compose(self) -> ComposeResult:
        """Put the parts together."""
        with Horizontal(classes="line"):
            yield Static(Content(self.field.label), classes="label")
            yield self.editor
        yield Static("", classes="wrong")

    def show_error(self, sentence: str) -> None:
        """Show what is wrong, nothing where the text is empty."""
        self.set_class(bool(sentence), "-wrong")
        self.query_one(".wrong", Static).update(Content(clean_line(sentence)))

    def take_focus(self) -> None:
        """Give the focus to what is filled in."""
        if isinstance(self.editor, PairsEditor):
            self.editor.query(LineEditor).first().focus()
        else:
            self.editor.focus()


class MoreLine(Static, can_focus=True):
    """The line between the common fields and the others, which it shows and hides."""

    DEFAULT_CSS = """
    MoreLine {
        height: 1; margin-top: 1; color: $foreground-muted;
        &:focus { color: $primary; text-style: bold; }
        &:hover { color: $foreground; }
        &:ansi:focus { color: ansi_default; text-style: bold reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space,left,right", "screen.more", "More", show=False)]

    def on_click(self, event: Click) -> None:
        """Show or hide the others."""
        event.stop()
        self.call_later(self.run_action, "screen.more")
