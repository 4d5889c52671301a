"""The pane of output: the lines of one or several processes, a title that says what is shown, and a bar to search."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message

from papa_console.dashboard.actions import Where, bindings
from papa_console.dashboard.output import ansi
from papa_console.dashboard.output.lines import LineStore, Source
from papa_console.dashboard.output.view import View, entry_of
from papa_console.dashboard.widgets.gutter import clock, name_columns
from papa_console.dashboard.widgets.line_log import LineLog
from papa_console.dashboard.widgets.output_search import Searches, compiled
from papa_console.dashboard.widgets.output_title import Title, modes
from papa_console.dashboard.widgets.settled import Settled
from papa_console.dashboard.widgets.viewport import Place
from papa_console.text import clean_line, shorten

_LATE = 5  # thousand lines
_STREAMS = (
    ("", frozenset({Source.OUT, Source.ERR})),
    ("stdout", frozenset({Source.OUT})),
    ("stderr", frozenset({Source.ERR})),
)


class CopyAsked(Message):
    """The user wants text in the clipboard.

    Args:
        text: what to copy.
        what: what it is, such as ``12 lines``.
    """

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what


class OutputPane(Searches):
    """The pane.

    Args:
        id: what the widget is called.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.OUTPUT)]
    DEFAULT_CSS = """
    OutputPane {
        border: round $border-blurred; border-title-color: $foreground; border-title-style: bold;
        border-subtitle-color: $text-muted; background: $surface;
        &:focus-within { border: heavy $primary; border-title-color: $primary; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.stores: tuple[LineStore, ...] = ()
        self.acknowledged: Mapping[str, int] = {}
        self.title_facts = ""
        self.status = ""
        self._stream = 0
        self._settled = Settled()
        self._places: dict[tuple[str, ...], Place | None] = {}
        self._placeholder = ""
        self.lines.why_empty = self._empty
        self._titled: tuple[Title, str, int] | None = None
        self._resting: object = None

    # what the screen tells the pane

    @property
    def names(self) -> tuple[str, ...]:
        """The processes whose output is shown."""
        return tuple(store.name for store in self.stores)

    def show(self, stores: Sequence[LineStore]) -> None:
        """Show the output of these, with the settings that are in force, where it was left."""
        if tuple(stores) == self.stores:
            return
        self._places[self.names] = self.lines.port.place()
        self.stores = tuple(stores)
        self.view = View(self.stores)
        self.view.set_streams(_STREAMS[self._stream][1])
        self.view.set_filter(compiled(self.filtered), self.context)
        self.view.set_search(self.lines.look.search)
        self.lines.look.names = self._name_columns()
        self.lines.show(self.view, self._places.get(self.names))
        self._entitle()

    def _name_columns(self) -> int:
        return name_columns(self.names, self.size.width)

    def set_placeholder(self, text: str) -> None:
        """Set what is shown where there is no line."""
        self._placeholder = text

    def set_status(self, text: str) -> None:
        """Set what stands at the lower border, such as ``unacknowledged 12k``."""
        self.status = text

    def tick(self, now: float, budget: float) -> bool:
        """Take in what has come and paint if anything differs; return whether it does."""
        state = self._state(now)
        if state == self._resting:
            return False
        changed = self._tick(now, budget)
        self._resting = state if state == self._state(now) and not self.view.behind and self.view.search_done else None
        return changed

    def _state(self, now: float) -> object:
        """Return what a turn depends on besides what is painted at once: while it stays, there is nothing to do."""
        revisions = sum(store.revision for store in self.stores)
        return self.view, self.view.revision, revisions, int(now), self.acknowledged, self.status, self._placeholder

    def _tick(self, now: float, budget: float) -> bool:
        settled = self._settled.numbers(self.stores, self.acknowledged)
        if settled != self.lines.look.settled:
            self.lines.look.settled = settled
            self.lines.artist.redraw()
        changed = self.lines.tick(now, budget)
        self.show_found()
        return self._entitle() or changed

    def _empty(self) -> str:
        if self.filtered and self.matches() == 0:
            kind = "line is without" if self.filtered.startswith("!") else "line contains"
            return f"no {kind} '{shorten(self.filtered.lstrip('!'), 30)}' — Esc clears the filter"
        if self.view.next > self.view.first:
            return ""
        if self._stream and any(store.next > store.first for store in self.stores):
            return f"nothing on {_STREAMS[self._stream][0]} — o shows both streams"
        return self._placeholder

    # what the screen asks the pane

    def seen(self) -> dict[str, int]:
        """Return the position of the last line that was on the screen, of each process."""
        return self.lines.seen.positions()

    def back(self) -> bool:
        """End the selection, or the search, or the filter; return whether one was there to end."""
        if self.lines.text_selection is not None:
            self.screen.clear_selection()
        elif self.searched:
            self.set_search("", None)
        elif self.filtered:
            self.set_filter("", None)
        else:
            return False
        return True

    def selected_text(self) -> str:
        """Return the text that the user has selected here; "" for none."""
        selection = self.lines.text_selection
        found = self.lines.get_selection(selection) if selection is not None else None
        return found[0] if found else ""

    def visible_text(self) -> str:
        """Return the lines that are on the screen, whole."""
        return "\n".join(self.lines.artist.text(number) for number in self.lines.port.entries())

    def lines_text(self, *, times: bool = False, plain: bool = False) -> Iterator[bytes]:
        """Yield every line that the streams and the filter let through, as it was written.

        Args:
            times: whether each begins with its time, and the name where several processes are shown.
            plain: whether control sequences are left out.
        """
        view = self.view
        for number in range(view.first, view.next):
            entry = entry_of(view, number)
            if entry is None:
                continue  # it went meanwhile
            data = ansi.strip(entry.line.data) if plain else entry.line.data
            if times:
                name = f" {clean_line(entry.store.name)}" if len(self.stores) > 1 else ""
                data = f"{clock(entry.line.time)}{name} {entry.line.source.name.lower()}: ".encode() + data
            yield data

    # actions

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        look = self.lines.look
        look.left = 0

        def turn() -> None:
            look.wrap = not look.wrap

        self.lines.change(turn)
        self._entitle()

    def action_times(self) -> None:
        """Show times in the next way."""
        look = self.lines.look

        def turn() -> None:
            look.times = look.times.next

        self.lines.change(turn)
        self._entitle()

    def action_streams(self) -> None:
        """Show standard output, standard error, or both."""
        self._stream = (self._stream + 1) % len(_STREAMS)
        self.lines.forget_numbers()
        self.lines.change(lambda: self.view.set_streams(_STREAMS[self._stream][1]))
        self._entitle()

    def action_copy(self) -> None:
        """Ask for the selected text to be copied; without one for the chosen line, else for the topmost."""
        if text := self.selected_text():
            self.post_message(CopyAsked(text, "selection"))
            return
        entries = self.lines.port.entries()
        if entries:
            chosen = self.lines.look.chosen
            number = chosen if chosen is not None and chosen in entries else entries[0]
            self.post_message(CopyAsked(self.lines.artist.text(number), "line"))

    def action_copy_all(self) -> None:
        """Ask for every line on the screen to be copied."""
        if count := len(self.lines.port.entries()):
            self.post_message(CopyAsked(self.visible_text(), f"{count} lines"))

    # the title

    def on_line_log_moved(self, message: LineLog.Moved) -> None:
        """Say in the title whether the newest line is followed."""
        message.stop()
        self._entitle()

    def on_resize(self) -> None:
        """Fit the title and the names into the new size."""
        if (names := self._name_columns()) != self.lines.look.names:
            self.lines.look.names = names
            self.lines.change(lambda: None)
        self._entitle()

    def _entitle(self) -> bool:
        """Set the title and the status if they differ; return whether they do."""
        look = self.lines.look
        found = f"/{self.searched} {self.found()}" if self.searched and not self.bar.is_open else ""
        behind = self.view.behind // 1000
        others = ("wrap" if look.wrap else "", look.times.value, f"{behind:,}k lines behind" if behind >= _LATE else "")
        kinds = modes(_STREAMS[self._stream][0], shorten(self.filtered, 24), self.context, others)
        title = Title(self.names, self.title_facts, self.lines.port.following, kinds, found)
        wanted = (title, self.status, self.size.width)
        if wanted == self._titled:
            return False
        self._titled = wanted
        columns = self.size.width - 4
        self._border_title = title.content(columns)
        self._border_subtitle = Content(shorten(clean_line(self.status), max(columns, 1)))
        borders = (-1, self.size.height)  # only these: the setters of Textual have the whole pane painted
        self.refresh(*(Region(-1, y, self.outer_size.width, 1) for y in borders))
        return True
