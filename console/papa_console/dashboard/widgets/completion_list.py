"""The list of what a word can become: a few rows, above or below the line that is typed."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from papa_console.dashboard.widgets.looks import ink
from papa_console.repl.candidate import Candidate
from papa_console.text import clean_line, shorten, width

_GAP = 2


def first_row(index: int | None, count: int, rows: int, first: int) -> int:
    """Return which candidate the first row shows, so that the chosen one is among ``rows``; little is moved."""
    if index is not None:
        first = min(max(first, index - rows + 1), index)
    return max(min(first, count - rows), 0)


class CompletionList(Widget):
    """Candidates, one a row, one of them chosen or none; hidden where there are none."""

    ROWS = 8
    COMPONENT_CLASSES: ClassVar[set[str]] = {"completion--chosen", "completion--help"}
    DEFAULT_CSS = """
    CompletionList {
        display: none; height: auto; max-height: 9; background: $panel; color: $foreground; padding: 0 1;
        & > .completion--chosen {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        & > .completion--help { color: $foreground-muted; }
        &:ansi { background: ansi_default; color: ansi_default; }
        &:ansi > .completion--chosen { background: ansi_default; color: ansi_default; text-style: bold reverse; }
        &:ansi > .completion--help { color: ansi_default; text-style: dim; }
    }
    """
    candidates: reactive[Sequence[Candidate]] = reactive((), layout=True)
    index: reactive[int | None] = reactive(None)

    class Picked(Message):
        """A candidate was clicked on."""

        def __init__(self, candidate: Candidate) -> None:
            super().__init__()
            self.candidate = candidate

    def __init__(self) -> None:
        super().__init__()
        self._first = 0

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose from."""
        return bool(self.candidates)

    @property
    def chosen(self) -> Candidate | None:
        """The candidate that is chosen."""
        return None if self.index is None else self.candidates[self.index]

    def offer(self, candidates: Sequence[Candidate]) -> None:
        """Show other candidates, none of them chosen; hide where there are none."""
        self.index = None
        self._first = 0
        self.candidates = tuple(candidates)
        # said outright: where another layout comes between two lists, Textual keeps the height of the first
        self.styles.height = self.get_content_height()
        self.display = bool(candidates)

    def close(self) -> None:
        """Hide."""
        self.offer(())

    def move(self, step: int) -> None:
        """Choose the next candidate, or the one before; after the last comes none, then the first."""
        count = len(self.candidates)
        at = (-1 if self.index is None else self.index) + step
        at = (at + 1) % (count + 1) - 1
        self.index = None if at < 0 else at
        self._first = first_row(self.index, count, self.ROWS, self._first)
        self.refresh()

    def _labels(self) -> list[str]:
        return [_label(candidate) for candidate in self.candidates]

    def _wide(self, columns: int) -> int:
        """Return how many columns the words take."""
        return min(max(map(width, self._labels()), default=0), max(columns * 2 // 3, 1))

    def render(self) -> Text:
        """Draw the rows."""
        columns = self.size.width
        wide = self._wide(columns)
        shown = range(self._first, min(self._first + self.ROWS, len(self.candidates)))
        lines = [self._row(number, wide, columns) for number in shown]
        if len(self.candidates) > self.ROWS:
            count = f"{self._first + 1}–{shown.stop} of {len(self.candidates)}"
            lines.append(Text(f"  {count}", ink(self, "completion--help")))
        return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)

    def _row(self, number: int, wide: int, columns: int) -> Text:
        candidate, label = self.candidates[number], _label(self.candidates[number])
        chosen = number == self.index
        label = shorten(label, wide)
        label += " " * (wide - width(label) + _GAP)
        about = shorten(clean_line(candidate.help), max(columns - wide - _GAP - 2, 0)) if candidate.help else ""
        row = Text("› " if chosen else "  ")
        row.append(label)
        row.append(about, "" if chosen else ink(self, "completion--help"))
        if chosen:
            row.pad_right(max(columns - row.cell_len, 0))
            row.stylize(self.get_component_rich_style("completion--chosen"))
        return row

    @property
    def wanted_columns(self) -> int:
        """How many columns the rows take, without the padding."""
        helps = max((width(clean_line(candidate.help)) for candidate in self.candidates), default=0)
        count = len(f"  1–{self.ROWS} of {len(self.candidates)}") if len(self.candidates) > self.ROWS else 0
        return max(2 + max(map(width, self._labels()), default=0) + (_GAP + helps if helps else 0), count)

    def get_content_height(self, *_: object) -> int:
        """Return how many rows there are to show."""
        count = len(self.candidates)
        return min(count, self.ROWS) + (count > self.ROWS)

    def on_click(self, event: Click) -> None:
        """Pick what was clicked on."""
        event.stop()
        row = event.get_content_offset_capture(self).y
        if 0 <= row < self.ROWS and self._first + row < len(self.candidates):
            self.post_message(self.Picked(self.candidates[self._first + row]))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Show later candidates."""
        self._scroll(event, 1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Show earlier candidates."""
        self._scroll(event, -1)

    def _scroll(self, event: MouseScrollDown | MouseScrollUp, step: int) -> None:
        event.stop()
        self._first = first_row(None, len(self.candidates), self.ROWS, self._first + step)
        self.refresh()


def _label(candidate: Candidate) -> str:
    return clean_line(candidate.display or candidate.text)
