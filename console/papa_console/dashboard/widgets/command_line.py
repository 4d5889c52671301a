"""The line of the command bar: coloured as it is typed, with the prompt's keys.

A blank writes command words out, Tab completes, ``?`` explains, up and down go through earlier lines.
"""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.message import Message
from textual.suggester import Suggester

from papa_console.dashboard.widgets.completing_input import Complete, CompletingInput, VisibleOnly
from papa_console.dashboard.widgets.completion_list import CompletionList
from papa_console.dashboard.widgets.looks import ink
from papa_console.repl.hints import ghost
from papa_protocol.highlight import Kind, spans
from papa_protocol.typed import expand, expand_last, full_word


class Ghost(Suggester):
    """Shows after the line what may follow it."""

    async def get_suggestion(self, value: str) -> str | None:
        """Return the line with what may follow."""
        after = ghost(value)
        return value + after if after else None


class CommandColours(VisibleOnly):
    """Colours a line as the resolver reads it.

    Args:
        line: has the colours.
    """

    def __init__(self, line: "CommandLine") -> None:
        self._line = line

    def highlight(self, text: Text) -> None:
        """Colour the pieces of the line."""
        pieces = spans(text.plain)
        super().highlight(text)
        for piece in pieces:
            if piece.kind is not Kind.TEXT:
                look = ink(self._line, f"command--{piece.kind.value}")
                text.stylize(look, piece.start, piece.end)


class CommandLine(CompletingInput):
    """The line.

    Args:
        menu: where candidates are shown.
        complete: returns what the word at the end of a text can become.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"command--{kind.value}" for kind in Kind if kind is not Kind.TEXT}
    DEFAULT_CSS = """
    CommandLine, CommandLine:focus {
        background: $panel; width: 1fr;
        & > .command--command { text-style: bold; }
        & > .command--name { color: $text-accent; }
        & > .command--option { color: $text-success; }
        & > .command--placeholder { color: $text-warning; }
        & > .command--error { color: $text-error; text-style: underline; }
        &:ansi { background: ansi_default; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("alt+space", "plain_space", "Blank", show=False)]

    class Asked(Message):
        """The user asked what may follow.

        Args:
            text: what stands before the cursor.
        """

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, menu: CompletionList, complete: Complete) -> None:
        super().__init__(menu, complete, placeholder="a command; tab completes, ? explains", as_typed=False)
        self.highlighter = CommandColours(self)
        self.suggester = Ghost(use_cache=False, case_sensitive=True)
        self._expansion = ("", "")  # what the line was, and what it became
        self._history: Sequence[str] = ()
        self._typed = ""
        self._place = 0

    def begin(self, history: Sequence[str]) -> None:
        """Begin an empty line; ``history`` has earlier ones, the newest last."""
        self._history = history
        self._place = len(history)
        self._expansion = ("", "")
        self.value = ""

    def keep(self) -> None:
        """Keep the line, which was carried out, among the earlier ones, and begin another."""
        self.begin([*self._history, expand(self.value).strip()])

    def on_key(self, event: Key) -> None:
        """Take the two characters that are more than characters here."""
        if event.character == " ":
            self.action_space()
        elif event.character == "?" and self.before[-1:] in ("", " "):
            self.post_message(self.Asked(self.before))
        else:
            return
        event.stop()
        event.prevent_default()

    # writing command words out

    def action_space(self) -> None:
        """Insert a blank; a command word before it is written out."""
        longer = expand_last(self.value) if self.cursor_at_end else None
        if longer is None:
            self.action_plain_space()
        else:
            self._write_out(longer + " ")

    def action_plain_space(self) -> None:
        """Insert a blank and write nothing out."""
        self.replace(" ", *self.selection)

    def _write_out(self, longer: str) -> None:
        self._expansion = (self.value, longer)
        self.value = longer
        self.cursor_position = len(longer)

    def action_delete_left(self) -> None:
        """Delete the character before the cursor; right after words were written out, take that back."""
        before, after = self._expansion
        self._expansion = ("", "")
        if after and self.value == after and self.cursor_at_end and self.selection.is_empty:
            self.value = before
            self.cursor_position = len(before)
        else:
            super().action_delete_left()

    # completing

    async def action_complete(self) -> None:
        """Write a command word out, insert what the candidates share, or choose the next one."""
        await self._catch_up()
        if self.menu.is_open:
            self.menu.move(1)
        elif self.cursor_at_end and full_word(self.value) is not None:
            self._write_out(expand(self.value) + " ")
        else:
            await self._at_once(self._complete_word())

    async def _complete_word(self) -> None:
        found = await self._candidates()
        if found and not self.insert_shared(found):
            self.show_menu(found)

    def action_cursor_right(self, select: bool = False) -> None:
        """Move right; what may follow is a hint, and not taken."""
        if not self.cursor_at_end:
            super().action_cursor_right(select)

    # earlier lines

    async def action_choose(self, step: int) -> None:
        """Choose a candidate; without a list go through earlier lines that begin as this one does."""
        await self._catch_up()
        if self.menu.is_open:
            self.menu.move(step)
        elif not self._recall(step):
            raise SkipAction

    def _recall(self, step: int) -> bool:
        if self._place == len(self._history):
            self._typed = self.value
        place = self._place + step
        while 0 <= place < len(self._history) and not self._history[place].startswith(self._typed):
            place += step
        if not 0 <= place <= len(self._history):
            return False
        self._place = place
        self.value = self._history[place] if place < len(self._history) else self._typed
        self.cursor_position = len(self.value)
        return True
