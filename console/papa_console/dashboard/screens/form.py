"""A form with every option of a command: what is typed is checked at once, and the command that it makes is shown."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus, Resize
from textual.widget import Widget
from textual.widgets import Input, Static

from papa.errors import Error
from papa_console.dashboard.screens import fields
from papa_console.dashboard.screens.dialog import Dialog
from papa_console.dashboard.screens.editors import ChoiceEditor, Edited, LineEditor, PairsEditor, ProseEditor, Wanted
from papa_console.dashboard.screens.field_row import Editor, FieldRow, MoreLine
from papa_console.dashboard.screens.fields import Field, Shape, Sheet
from papa_console.dashboard.screens.suggest import meaning, suggester
from papa_console.dashboard.widgets.busy import Busy
from papa_console.dashboard.widgets.completion_list import CompletionList
from papa_console.dashboard.widgets.typed_line import coloured
from papa_console.repl.candidates import Known
from papa_console.text import clean

Run = Callable[[Sequence[str]], Awaitable[str]]
_CHROME = 11  # rows of a form beside its fields: frame, preview, what a field is about, an error
_MENU = 60  # columns of the candidates, at most
_USUAL = 27  # rows of a usual form: its top stays where it is when it grows
_PROMPT = Content.styled("> ", "dim")


@dataclass(frozen=True, slots=True)
class Made:
    """What a form has made.

    Args:
        kind: ``sockets``, ``processes`` or ``values``.
        name: what it is called.
        words: the command.
        reply: what the kernel said.
        fields: everything that was typed, for the next time.
    """

    kind: str
    name: str
    words: list[str]
    reply: str
    fields: dict[str, str] = field(default_factory=dict)


class Form(Dialog[Made], Busy):
    """A form; dismissed with what was made, or None.

    Args:
        sheet: the command.
        known: what can be completed.
        run: sends the words of a command, and returns the reply or raises ``papa.Error``.
        values: what the fields hold at first.
        heading: its title.
        note: a sentence above the fields.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
        Binding("pagedown", "scroll_fields(1)", "Page down", show=False),
        Binding("pageup", "scroll_fields(-1)", "Page up", show=False),
    ]
    DEFAULT_CSS = """
    Form {
        align: center top;
        & Frame { width: 94; padding: 1 2 0 2; }
        & #fields { height: auto; scrollbar-size-vertical: 1; }
        & #others { height: auto; }
        & #note { color: $text-warning; margin-bottom: 1; display: none; }
        & #about { height: 2; margin-top: 1; color: $foreground-muted; }
        & #preview-box {
            height: auto; max-height: 3; background: $panel; padding: 0 1; scrollbar-size-vertical: 1;
            &:ansi { background: ansi_default; }
        }
        & #failure { display: none; height: auto; max-height: 3; color: $text-error; text-style: bold; }
        & CompletionList { overlay: screen; constrain: inside inflect; margin: 1 0; width: 60; }
    }
    """

    def __init__(
        self,
        sheet: Sheet,
        known: Known,
        run: Run,
        values: fields.Values,
        heading: str,
        *,
        note: str = "",
    ) -> None:
        keys = [("⏎", "makes" if sheet.command.words[0] == "make" else "sets"), ("tab", "next"), ("^␣", "suggests")]
        if any(shown.shape is Shape.PROSE for shown in sheet.fields):
            keys[2:] = [("^j", "new line")]
        super().__init__(heading, keys)
        self.sheet = sheet
        self._known = known
        self._run = run
        self._note = note
        self._values = {shown.id: values.get(shown.id, "") for shown in sheet.fields}
        self.menu = CompletionList()
        self.rows: dict[str, FieldRow] = {}

    # building

    def _editor(self, shown: Field) -> Editor:
        text = self._values[shown.id]
        complete = suggester(self.sheet, shown, lambda: self._values, self._known)
        if shown.shape is Shape.CHOICE and shown.option is not None:
            return ChoiceEditor(shown.option.choices, shown.default, self._meaning(shown), text)
        if shown.shape is Shape.PAIRS:
            return PairsEditor(self.menu, complete, "NAME=VALUE", text)
        if shown.shape is Shape.PROSE:
            return ProseEditor(text)
        return LineEditor(self.menu, complete, text, shown.default, plain=shown.shape is not Shape.WORDS)

    def _meaning(self, shown: Field) -> Callable[[str], str]:
        default = shown.default
        return lambda choice: meaning(self.sheet, shown, choice, self._known) if choice else default

    def contents(self) -> Iterable[Widget]:
        """Return the fields, and below them what they make."""
        self.rows = {shown.id: FieldRow(shown, self._editor(shown)) for shown in self.sheet.fields}
        common = [row for row in self.rows.values() if row.field.common]
        others = [row for row in self.rows.values() if not row.field.common]
        note = Static(Content(self._note), id="note")
        note.display = bool(self._note)
        more = [MoreLine(id="more"), Vertical(*others, id="others")] if others else []
        listed = VerticalScroll(note, *common, *more, id="fields")
        preview = VerticalScroll(Static(id="preview"), id="preview-box")
        listed.can_focus = preview.can_focus = False
        return [listed, Static(id="about"), preview, Static(id="failure")]

    def compose(self) -> ComposeResult:
        """Add the list of candidates, which floats above the form."""
        yield from super().compose()
        yield self.menu

    def on_mount(self) -> None:
        """Show what is remembered, and go to the first field that needs something."""
        others = [row for row in self.rows.values() if not row.field.common]
        if others:
            self._show_others(any(row.editor.text for row in others))
        wanted = fields.missing(self.sheet, self._values) or [fields.NAME]
        self.rows[wanted[0]].take_focus()
        self._refresh()

    def on_resize(self, event: Resize) -> None:
        """Let the fields scroll where they do not fit."""
        self.query_one("#fields").styles.max_height = max(event.size.height - _CHROME, 4)
        # what is below a dialog is drawn inside the padding of its screen, so that must stay 0
        self.query_one("Frame").styles.margin = (max((event.size.height - _USUAL) // 3, 0), 0, 0, 0)
        self.call_after_refresh(self._place_menu)

    # the fields that are not common

    def _show_others(self, shown: bool) -> None:
        self.query_one("#others").display = shown
        names = " ".join(row.field.label for row in self.rows.values() if not row.field.common)
        self.query_one("#more", MoreLine).update(Content("▾ more" if shown else f"▸ more: {names}"))

    def action_more(self) -> None:
        """Show or hide the fields that are not common."""
        self._show_others(not self.query_one("#others").display)

    def action_scroll_fields(self, direction: int) -> None:
        """Scroll the fields by a page."""
        listed = self.query_one("#fields", VerticalScroll)
        listed.scroll_relative(y=direction * max(listed.size.height - 1, 1), animate=False)

    # what is typed

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look at what was typed."""
        event.stop()
        self._refresh()

    def on_edited(self, event: Edited) -> None:
        """Look at what was chosen or typed."""
        event.stop()
        self._refresh()

    def _refresh(self) -> None:
        """Show what is wrong, and the command as it stands."""
        self._values = {key: row.editor.text for key, row in self.rows.items()}
        wrong = fields.errors(self.sheet, self._values)
        for key, row in self.rows.items():
            row.show_error(wrong.get(key, ""))
        self._fail(wrong.get("", ""))
        self.call_after_refresh(self._place_menu)
        self.query_one("#preview", Static).update(_PROMPT + coloured(fields.preview(self.sheet, self._values)))

    def _fail(self, sentence: str) -> None:
        failure = self.query_one("#failure", Static)
        failure.update(Content(clean(sentence)))
        failure.display = bool(sentence)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Say what the field is about that has the focus now."""
        self.menu.close()
        row = next((node for node in event.widget.ancestors_with_self if isinstance(node, FieldRow)), None)
        for other in self.rows.values():
            other.set_class(other is row, "-here")
        about = _about(row.field) if row is not None else ""
        self.query_one("#about", Static).update(Content(about))
        if row is not None:
            row.scroll_visible(animate=False)

    def on_completing_input_offered(self) -> None:
        """Put the list of candidates below the cursor, once it is known where that is."""
        self.call_after_refresh(self._place_menu)

    def _place_menu(self) -> None:
        if isinstance(self.focused, LineEditor):
            self.menu.absolute_offset = self.focused.cursor_screen_offset
            self.menu.styles.width = min(self.menu.wanted_columns + 2, _MENU)
            self.menu.refresh(layout=True)

    def on_completion_list_picked(self, event: CompletionList.Picked) -> None:
        """Take the candidate that was clicked on."""
        if isinstance(self.focused, LineEditor):
            self.focused.take(event.candidate)

    # sending

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Send what was typed."""
        event.stop()
        self._send()

    def on_wanted(self, event: Wanted) -> None:
        """Send what was typed."""
        event.stop()
        self._send()

    def _send(self) -> None:
        if self.is_busy:
            return
        self._refresh()
        wrong = fields.errors(self.sheet, self._values)
        missing = fields.missing(self.sheet, self._values)
        for key in missing:
            self.rows[key].show_error(f"{self.rows[key].field.label}: needed")
        first = next((key for key in self.rows if key in wrong or key in missing), None)
        if first is not None:
            self._go_to(first)
        elif not wrong:
            self.is_busy = True
            self.run_worker(self._make(), exclusive=True, group="send")

    def _go_to(self, key: str) -> None:
        if not self.rows[key].field.common:
            self._show_others(True)
        self.rows[key].take_focus()

    async def _make(self) -> None:
        values = dict(self._values)
        words = fields.words_of(self.sheet, values)
        try:
            reply = await self._run(words)
        except Error as error:
            self._fail(str(error))
            return
        finally:
            self.is_busy = False
        self.dismiss(Made(self.sheet.kind, values[fields.NAME], words, reply, values))


def _about(shown: Field) -> str:
    default = f" (default: {shown.default})" if shown.default else ""
    return f"{shown.about}{default}"
