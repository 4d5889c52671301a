"""The top line: which kernel this is, how it is doing, and what it holds in all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from papa_console.dashboard.held.snapshot import Connection, Snapshot
from papa_console.dashboard.widgets.looks import ink
from papa_console.text import clean_line, duration, shorten, size, width


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the line: its text, its component class, and when it is left out (the highest rank first)."""

    text: str
    look: str = ""
    rank: int = 0


_STATES = {
    Connection.CONNECTING: ("◌ connecting", "header--warning"),
    Connection.UP: ("● up", "header--good"),
    Connection.LOST: ("✗ lost", "header--bad"),
    Connection.ABSENT: ("○ no kernel", "header--bad"),
    Connection.REFUSED: ("✗ refused", "header--bad"),
}
_GAP = "  "


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}{'es' if word.endswith('s') else 's'}"


def _failed(snapshot: Snapshot) -> int:
    return sum(1 for info in snapshot.processes.values() if info.get("status", 0) != 0)


def parts(snapshot: Snapshot, now: float, notes: Iterable[Part] = ()) -> list[Part]:
    """Return the pieces of the line, from the left."""
    kernel = snapshot.kernel
    text, look = _STATES[kernel.connection]
    found = [Part("papa", "header--title"), Part(clean_line(kernel.endpoint), "", 2), Part(text, look)]
    info = kernel.info
    if kernel.connection is Connection.UP and "started" in info:
        found.append(Part(duration(now - info["started"]), "header--muted", 5))
    if "version" in info:
        found.append(Part(f"v{clean_line(info['version'])} pid {info.get('pid', '?')}", "header--muted", 7))
    found += _counts(snapshot)
    found += notes
    return found


def _counts(snapshot: Snapshot) -> Iterable[Part]:
    info = snapshot.kernel.info
    yield Part(_count(info.get("processes", len(snapshot.processes)), "process"), "", 1)
    if failed := _failed(snapshot):
        yield Part(f"✗ {failed} failed", "header--bad", 3)
    yield Part(_count(info.get("sockets", len(snapshot.sockets)), "socket"), "", 4)
    yield Part(_count(info.get("values", len(snapshot.values)), "value"), "", 4)
    if "buffered" in info:
        yield Part(f"{size(info['buffered'])} buffered", "header--muted", 6)
    if dropped := info.get("dropped", 0):
        yield Part(f"{size(dropped)} dropped", "header--warning", 5)


def fit(found: list[Part], columns: int) -> list[Part]:
    """Return those pieces that fit into so many columns; those of the highest rank go first."""
    kept = list(found)
    while sum(width(part.text) + len(_GAP) for part in kept) > columns and any(part.rank for part in kept):
        worst = max(part.rank for part in kept)
        index = max(i for i, part in enumerate(kept) if part.rank == worst)
        kept.pop(index)
    return kept


class Header(Widget):
    """The top line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "header--title", "header--good", "header--bad", "header--warning", "header--muted", "header--note",
    }  # fmt: skip
    DEFAULT_CSS = """
    Header {
        height: 1; background: $panel; color: $foreground;
        & > .header--title { color: $primary; text-style: bold; }
        & > .header--good { color: $text-success; }
        & > .header--bad { color: $text-error; text-style: bold; }
        & > .header--warning { color: $text-warning; }
        & > .header--muted { color: $text-muted; }
        & > .header--note { color: $text-accent; text-style: bold; }
    }
    """
    line: reactive[tuple[Part, ...]] = reactive(())

    def show(self, snapshot: Snapshot, now: float, notes: Iterable[Part] = ()) -> None:
        """Show a kernel; nothing is drawn where nothing has changed."""
        self.line = tuple(parts(snapshot, now, notes))

    def _style(self, look: str) -> Style:
        return ink(self, look) if look else Style()

    def render(self) -> Text:
        """Draw the line."""
        room = self.size.width - 1
        text = Text(" ", no_wrap=True, overflow="ellipsis")
        for part in fit(list(self.line), room):
            text.append(shorten(part.text, max(room, 1)), self._style(part.look))
            text.append(_GAP)
        return text
