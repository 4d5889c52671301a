"""A bar of one line to type into: a search, a filter or a command, with a label, a count and an error."""

from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from papa_console.dashboard.widgets.late_keys import pass_on, take
from papa_console.text import clean_line, width

_REMEMBERED = 50


class Field(Input):
    """What is typed into: it ends at once, so that the keys after it go elsewhere."""

    async def _on_key(self, event: events.Key) -> None:
        if pass_on(self, event):
            return
        if event.key in {"enter", "escape"} and isinstance(bar := self.parent, InputBar):
            take(event)
            bar.end(kept=event.key == "enter")
        else:
            await super()._on_key(event)


class InputBar(Horizontal):
    """The bar, hidden until it is opened.

    Enter keeps what was typed and closes, Esc clears it and closes, up and down recall earlier texts.
    """

    DEFAULT_CSS = """
    InputBar {
        height: 1; display: none; background: $panel; color: $foreground;
        & > #bar-label { width: auto; max-width: 50%; padding: 0 1; color: $primary; text-style: bold; }
        & > Input { width: 1fr; background: $panel; }
        & > Input:focus { background-tint: $foreground 0%; }
        & > #bar-info { width: 2; max-width: 60%; padding: 0 1; color: $text-muted; }
        &.-wrong > #bar-info { color: $text-error; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "end(False)", "Clear", show=True),
        Binding("up", "recall(-1)", "Earlier", show=False),
        Binding("down", "recall(1)", "Later", show=False),
    ]

    class Typed(Message):
        """The text has changed.

        Args:
            bar: the bar.
            text: what is there now.
        """

        def __init__(self, bar: "InputBar", text: str) -> None:
            super().__init__()
            self.bar = bar
            self.text = text

        @property
        def control(self) -> "InputBar":
            """The bar, so that handlers can name it."""
            return self.bar

    class Closed(Typed):
        """The bar has closed; the text is "" where it was cleared."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self.purpose = ""
        self._history: dict[str, list[str]] = {}
        self._recalled = 0
        self._info = ("", False)
        self._before: Widget | None = None

    def compose(self) -> ComposeResult:
        """Make the parts."""
        yield Static(id="bar-label", markup=False)
        field = Field(compact=True)
        field.cursor_blink = False  # a timer that repaints for ever
        yield field
        yield Static(id="bar-info", markup=False)

    @property
    def field(self) -> Input:
        """What is typed into."""
        return self.query_one(Input)

    @property
    def is_open(self) -> bool:
        """Whether it is on the screen."""
        return self.display

    def open(self, purpose: str, label: str, text: str = "", placeholder: str = "") -> None:
        """Show the bar and give it the focus.

        Args:
            purpose: what it is for, such as "search"; each purpose has texts of its own to recall.
            label: what is shown before the text.
            text: what is there at first; typing replaces it.
            placeholder: what is shown while it is empty.
        """
        self.purpose = purpose
        self.query_one("#bar-label", Static).update(Content(label))
        self._recalled = len(self._history.get(purpose, ()))
        field = self.field
        with field.prevent(Input.Changed):
            field.value = text
        field.placeholder = placeholder
        self.set_info("")
        if not self.is_open:
            self._before = self.screen.focused
        self.display = True
        self.screen.set_focus(field)  # at once: the next keys may be waiting already

    def close(self) -> None:
        """Hide the bar, and give the focus back to what had it before."""
        self.display = False
        if self._before is not None and self._before.is_attached:
            self.screen.set_focus(self._before)

    def set_info(self, text: str, *, wrong: bool = False) -> None:
        """Show a count, or what is wrong, at the right."""
        if (text, wrong) != self._info:
            self._info = (text, wrong)
            info, shown = self.query_one("#bar-info", Static), clean_line(text)
            info.update(Content(shown))
            # said outright: where another layout comes between two texts, Textual keeps the width of the first
            info.styles.width = width(shown) + 2
            self.set_class(wrong, "-wrong")

    def recall_from(self, purpose: str, texts: Iterable[str]) -> None:
        """Set what up and down recall for a purpose, the oldest first."""
        self._history[purpose] = list(texts)[-_REMEMBERED:]

    def _remember(self, text: str) -> None:
        texts = self._history.setdefault(self.purpose, [])
        if text:
            if text in texts:
                texts.remove(text)
            texts.append(text)
            del texts[:-_REMEMBERED]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say that the text has changed."""
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(self, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the text and close."""
        event.stop()
        self.end(kept=True)

    def action_end(self, kept: bool) -> None:
        """Close."""
        self.end(kept=kept)

    def end(self, *, kept: bool) -> None:
        """Close, and keep the text or clear it."""
        if self.is_open:
            self._remember(self.field.value)
            self.close()
            self.post_message(self.Closed(self, self.field.value if kept else ""))

    def action_recall(self, step: int) -> None:
        """Put an earlier text, or a later one, into the field."""
        texts = self._history.get(self.purpose, [])
        self._recalled = min(max(self._recalled + step, 0), len(texts))
        self.field.value = texts[self._recalled] if self._recalled < len(texts) else ""
        self.field.cursor_position = len(self.field.value)
