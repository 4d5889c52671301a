"""The command bar: any command of the kernel, typed at the bottom of the screen, with what it replied above."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import WorkType

from papa_console.dashboard.held.snapshot import Snapshot
from papa_console.dashboard.widgets.busy import Busy
from papa_console.dashboard.widgets.command_line import CommandLine
from papa_console.dashboard.widgets.commanded import Refused, ready
from papa_console.dashboard.widgets.completion_list import CompletionList
from papa_console.dashboard.widgets.known import known
from papa_console.dashboard.widgets.typed_line import coloured
from papa_console.repl.candidate import Candidate
from papa_console.repl.candidates import Known, complete
from papa_console.repl.hints import explain
from papa_console.repl.quotes import remark_on_quotes
from papa_console.text import clean, clean_line, shorten, width
from papa_protocol.words import escape

MOST_LINES = 1000
_PROMPT = ":"


class CommandBar(Vertical, Busy):
    """The bar, hidden until it is opened. Esc closes it, Enter sends what was typed."""

    DEFAULT_CSS = """
    CommandBar {
        display: none; height: auto; background: $panel; color: $foreground;
        &.-open { display: block; }
        & > #result {
            display: none; height: auto; max-height: 14; padding: 0 1; background: $surface;
            border-top: solid $border; scrollbar-size-vertical: 1;
        }
        & > #result Static { width: 1fr; height: auto; }
        & > #result.-failed Static { color: $text-error; }
        & > #typed { height: 1; }
        & > #typed > Static { width: 2; padding-left: 1; color: $primary; text-style: bold; }
        & > #caret { display: none; height: auto; padding: 0 1 0 2; color: $text-error; }
        &:ansi { background: ansi_default; color: ansi_default; }
        &:ansi > #result { background: ansi_default; border-top: solid ansi_default; }
    }
    """
    HINTS: ClassVar = (
        ("⏎", "Send"), ("tab", "Complete"), ("?", "What may follow"), ("↑", "Earlier"),
        ("pgup pgdn", "Scroll the reply"), ("esc", "Close"),
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False),
        Binding("pageup", "scroll_result(-1)", "Page up", show=False),
        Binding("pagedown", "scroll_result(1)", "Page down", show=False),
    ]

    class Submitted(Message):
        """A command is to be sent.

        Args:
            words: its words, those of the command in full.
            line: how it was typed, its command words in full.
        """

        def __init__(self, words: Sequence[str], line: str) -> None:
            super().__init__()
            self.words = list(words)
            self.line = line

    class Closed(Message):
        """The bar has closed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._snapshot: Callable[[], Snapshot] | None = None
        self._before: Widget | None = None  # what had the focus

    def compose(self) -> ComposeResult:
        """Make the parts."""
        result = VerticalScroll(Static(id="reply"), id="result")
        result.can_focus = False
        yield result
        menu = CompletionList()
        yield menu
        with Horizontal(id="typed"):
            yield Static(Content(_PROMPT))
            yield CommandLine(menu, self._complete)
        yield Static(id="caret")

    def _complete(self, text: str) -> list[Candidate]:
        """Return candidates; those of the prompt's own commands, which begin with a colon, are not for here."""
        return [] if text.lstrip().startswith(":") else [c for c in complete(text, self._known()) if c.text[:1] != ":"]

    def _known(self) -> Known:
        return Known() if self._snapshot is None else known(self._snapshot())

    @property
    def line(self) -> CommandLine:
        """What is typed into."""
        return self.query_one(CommandLine)

    @property
    def is_open(self) -> bool:
        """Whether it is on the screen."""
        return self.has_class("-open")

    def open(self, snapshot: Callable[[], Snapshot], history: Sequence[str]) -> None:
        """Show the bar and give it the focus.

        Args:
            snapshot: returns what the kernel holds now, for completion.
            history: earlier lines, the newest last.
        """
        self._snapshot = snapshot
        if not self.is_open:
            self._before = self.screen.focused
        self.add_class("-open")
        self._show_caret(None)
        self.query_one("#result").display = False
        self.line.begin(list(history))
        self.line.focus()

    def close(self) -> None:
        """Hide the bar and give the focus back."""
        if not self.is_open:
            return
        self.is_busy = False
        before, self._before = self._before, None
        if before is not None and before.is_attached and self.line.has_focus:
            self.screen.set_focus(before)  # at once, so that a focus that is asked for meanwhile comes after it
        self.remove_class("-open")
        self.query_one(CompletionList).close()
        self.post_message(self.Closed())

    def action_close(self) -> None:
        """Close the bar."""
        self.close()

    # what is typed

    def on_input_changed(self, event: Input.Changed) -> None:
        """Forget what was wrong with the line before."""
        event.stop()
        self._show_caret(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the line on, or say what is wrong with it; an empty one closes the bar."""
        event.stop()
        if not event.value.strip():
            self.close()
            return
        made = ready(event.value)
        if isinstance(made, Refused):
            self.query_one("#result").display = False
            self.line.value = made.line
            self.line.cursor_position = len(made.line)
            self.call_after_refresh(self._show_caret, made)
            return
        self.is_busy = True
        self.post_message(self.Submitted(made.words, made.line))

    def _show_caret(self, refused: Refused | None) -> None:
        """Point at what is wrong with the line."""
        caret = self.query_one("#caret", Static)
        caret.display = refused is not None
        if refused is None:
            return
        why = clean_line(refused.why)
        if refused.column is None:
            caret.update(Content(why))
            return
        column = width(clean_line(refused.line[: refused.column])) - self.line.scroll_offset.x
        room = max(self.size.width - 3, 1)
        column = min(max(column, 0), room - 1)
        beside = f"{' ' * column}^ {why}"
        caret.update(Content(beside if width(beside) <= room else f"{' ' * column}^\n{why}"))

    def on_completion_list_picked(self, event: CompletionList.Picked) -> None:
        """Take the candidate that was clicked on."""
        event.stop()
        self.line.take(event.candidate)
        self.line.focus()

    def on_command_line_asked(self, event: CommandLine.Asked) -> None:
        """Say what may follow."""
        event.stop()
        explained: WorkType[None] = partial(self._explain, event.text)
        self.run_worker(explained, group="explain", exclusive=True)

    async def _explain(self, text: str) -> None:
        found = await asyncio.to_thread(explain, text, self._known())
        rows = [(clean_line(word), clean_line(about)) for word, about in found]
        wide = min(max(width(word) for word, _ in rows), 40)
        room = max(self.size.width - wide - 6, 8)
        lines = [
            Content(f"{shorten(word, wide):<{wide}}  ").append(
                Content.styled(shorten(about, room), "$foreground-muted")
            )
            for word, about in rows
            if not word.startswith(":")
        ]
        self._show(Content("\n").join(lines), failed=False)

    # what the kernel says

    def show_result(self, words: Sequence[str], text: str) -> None:
        """Show what the kernel replied to a command; the line is free for the next."""
        head = Content.styled("> ", "dim") + coloured(" ".join(map(escape, words)))
        remark = remark_on_quotes(words)
        said = [_bounded(text or "done"), *([Content.styled(clean(remark), "$text-warning")] if remark else [])]
        self._show(Content("\n").join([head, *said]), failed=False)
        self.line.keep()

    def show_error(self, text: str) -> None:
        """Show why a command was not carried out; the line stays to be mended."""
        self._show(Content("✗ ") + _bounded(text), failed=True)

    def _show(self, content: Content, *, failed: bool) -> None:
        self.is_busy = False
        result = self.query_one("#result", VerticalScroll)
        result.display = True
        result.set_class(failed, "-failed")
        self.query_one("#reply", Static).update(content)
        result.scroll_home(animate=False)

    def action_scroll_result(self, direction: int) -> None:
        """Scroll what the kernel said by a page."""
        result = self.query_one("#result", VerticalScroll)
        result.scroll_relative(y=direction * max(result.size.height - 1, 1), animate=False)


def _bounded(text: str) -> Content:
    """Return a text as the terminal may have it, of many lines only the first."""
    lines = text.split("\n")
    more = len(lines) - MOST_LINES
    if more > 0:
        lines = [*lines[:MOST_LINES], f"… and {more:,} more lines"]
    return Content(clean("\n".join(lines)))
