"""Entries of a view as strips of a terminal: the gutter, then the text with its colours, or a rule across the pane.

A line is parsed once while it stays on the screen, and a row is drawn once for each look; only rows that are asked for
are drawn at all.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from papa_console.dashboard.output import ansi
from papa_console.dashboard.output.columns import breaks, columns_of
from papa_console.dashboard.output.lines import Line, Source
from papa_console.dashboard.output.search import Matcher
from papa_console.dashboard.output.severity import Severity, severity
from papa_console.dashboard.output.view import Entry, View, entry_of
from papa_console.dashboard.widgets import cells, gutter
from papa_console.dashboard.widgets.gutter import Times
from papa_console.dashboard.widgets.line_looks import NAMES, Looks
from papa_console.text import clean_line, width

_KEPT = 256
_ACKNOWLEDGED = "acknowledged up to here"
_SEVERITIES = {
    Severity.CRITICAL: "critical",
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.DEBUG: "debug",
}
_RULES = {Source.GAP: ("gap", "~"), Source.NOTE: ("note", "┄"), Source.END: ("ended", "─")}


class Drawn(NamedTuple):
    """A row: its strip, how many of the segments are gutter and then text, and which characters these show."""

    strip: Strip
    gutter: int
    pieces: int
    start: int


class Parsed(NamedTuple):
    """A line made ready: what it was made of, its text, the spans of its colours, and the style below them."""

    entry: Entry
    text: str
    spans: Sequence[cells.Span]
    style: Style
    matches: Sequence[cells.Span]
    begins: Sequence[int]


@dataclass(slots=True)
class Look:
    """How entries are drawn, apart from the colours; strips are good for one look only.

    Args:
        columns: how wide the pane is, without its scrollbar.
        left: how many columns of the text are scrolled out at the left.
        wrap: whether long lines go on in the next row.
        times: how times are shown.
        names: how many columns the names take; 0 for none.
        search: what to highlight.
        chosen: the entry that is marked, such as the current match.
        now: what ages are counted from, in whole seconds; only where ages are shown.
        settled: for each process, the number of the last line that is acknowledged.
    """

    columns: int = 0
    left: int = 0
    wrap: bool = False
    times: Times = Times.OFF
    names: int = 0
    search: Matcher | None = None
    chosen: int | None = None
    now: int = 0
    settled: Mapping[str, int] = field(default_factory=dict)

    @property
    def gutter(self) -> int:
        """How many columns stand before the text."""
        times = self.times.columns + 1 if self.times.columns else 0
        return 1 + times + (self.names + 1 if self.names else 0) + 2

    @property
    def room(self) -> int:
        """How many columns are there for text."""
        return max(self.columns - self.gutter, 1)


class Artist:
    """Draws the entries of one view."""

    def __init__(self, view: View, look: Look, looks: Looks) -> None:
        self.view = view
        self.look = look
        self.looks = looks
        self._colours = colours([store.name for store in view.stores])
        self._parsed: LRUCache[int, Parsed] = LRUCache(_KEPT)
        self._drawn: LRUCache[tuple[int, int], tuple[Entry, Drawn]] = LRUCache(_KEPT)

    def redraw(self, *, parse: bool = False) -> None:
        """Forget what was drawn, and what was parsed too where that has changed."""
        self._drawn.clear()
        if parse:
            self._parsed.clear()

    def text(self, number: int) -> str:
        """Return the text of an entry, as it may be copied; "" where it has gone."""
        entry = entry_of(self.view, number)
        return self._parse(number, entry).text if entry is not None else ""

    def match(self, number: int) -> tuple[int, int, int]:
        """Return in which row of an entry its first match begins, and from which to which column of the text it is."""
        entry = entry_of(self.view, number)
        parsed = self._parse(number, entry) if entry is not None else None
        if parsed is None or not parsed.matches:
            return 0, 0, 0
        first, last, _ = parsed.matches[0]
        return bisect_right(parsed.begins, first) - 1, columns_of(parsed.text[:first]), columns_of(parsed.text[:last])

    def draw(self, number: int, entry: Entry, part: int, selected: tuple[int, int] | None = None) -> Drawn:
        """Return a row of an entry.

        Args:
            number: of the entry.
            entry: what it is now.
            part: which of its rows, where it is wrapped.
            selected: from which character to which the user has selected; -1 for the end.
        """
        known = self._drawn.get((number, part))
        if known is not None and selected is None and known[0] == entry:
            return known[1]
        drawn = self._draw(number, entry, part, selected)
        if selected is None:
            self._drawn[number, part] = (entry, drawn)
        return drawn

    def _parse(self, number: int, entry: Entry) -> Parsed:
        known = self._parsed.get(number)
        if known is None or known.entry != entry:
            known = self._parsed[number] = self._prepare(entry)
        return known

    def _prepare(self, entry: Entry) -> Parsed:
        line = entry.line
        styled = ansi.parse(line.data)
        parts, style = self.looks.parts, Style.null()
        if not styled.spans and (kind := _SEVERITIES.get(severity(line.data))):
            style = parts[kind]
        search = self.look.search
        matches = [(first, last, parts["match"]) for first, last in search.spans(styled.text)] if search else []
        begins = breaks(styled.text, self.look.room) if self.look.wrap else [0]
        return Parsed(entry, styled.text, styled.spans, style, matches, begins)

    def _draw(self, number: int, entry: Entry, part: int, selected: tuple[int, int] | None) -> Drawn:
        below = self.looks.base
        if number == self.look.chosen:
            below += self.looks.parts["row"]
        parsed = self._parse(number, entry)
        if entry.line.source in _RULES:
            text, start = self._rule(entry, parsed, below), 0
        else:
            if self._is_settled(entry):
                below += self.looks.parts["settled"]
            text, start = self._window(number, parsed, part, below, selected)
        before = self._gutter(number, entry, part, below)
        if start and not self.look.wrap:
            before[-1] = (before[-1][0][:-1] + "‹", before[-1][1] + self.looks.parts["cut"])
        return self._compose(before, text, start, below, self._label(entry, parsed, part))

    def _is_settled(self, entry: Entry) -> bool:
        return entry.number <= self.look.settled.get(entry.store.name, -1)

    def _window(
        self, number: int, parsed: Parsed, part: int, below: Style, selected: tuple[int, int] | None
    ) -> tuple[list[cells.Run], int]:
        """Return the runs of text of a row, and the index of its first character."""
        look, text = self.look, parsed.text
        blank = 0
        if look.wrap:
            ends = [*parsed.begins[1:], len(text)]
            start, end = (parsed.begins[part], ends[part]) if part < len(ends) else (len(text), len(text))
        else:
            start, end, blank = cells.window(text, look.left, look.room)
        found = cells.runs(text, parsed.spans, start, end, below + parsed.style)
        if parsed.matches:
            found = cells.overlay(found, start, self._matches(number, parsed))
        if selected is not None:
            last = len(text) if selected[1] < 0 else selected[1]
            found = cells.overlay(found, start, [(max(selected[0], 0), last, self.looks.selected)])
        if blank:
            found.insert(0, (" " * blank, below))
        if not look.wrap and end < len(text):
            found = self._cut(found)
        return found, start

    def _matches(self, number: int, parsed: Parsed) -> Sequence[cells.Span]:
        if number != self.look.chosen:
            return parsed.matches
        current = self.looks.parts["current"]
        return [(first, last, current) for first, last, _ in parsed.matches]

    def _cut(self, found: list[cells.Run]) -> list[cells.Run]:
        """Return the runs with a mark in the last column that the line goes on."""
        text, style = found[-1]
        room = self.look.room - sum(columns_of(run) for run, _ in found[:-1])
        while columns_of(text) > room - 1:
            text = text[:-1]
        mark = (" " * (room - 1 - columns_of(text)) + "›", self.looks.base + self.looks.parts["cut"])
        return [*found[:-1], (text, style), mark] if text else [*found[:-1], mark]

    def _rule(self, entry: Entry, parsed: Parsed, below: Style) -> list[cells.Run]:
        """Return a rule across the room for text that says something about the output."""
        kind, stroke = _RULES[entry.line.source]
        if entry.line.source is Source.END and entry.store.amount(entry.number) != 0:
            kind, stroke = "failed", "━"
        style = below + self.looks.parts[kind]
        text = f"{stroke * 2} {parsed.text} "
        start, end, _ = cells.window(text, 0, self.look.room)
        rest = self.look.room - columns_of(text[start:end])
        return [(text[start:end] + stroke * rest, style)]

    def _gutter(self, number: int, entry: Entry, part: int, below: Style) -> list[cells.Run]:
        look, parts, line = self.look, self.looks.parts, entry.line
        chosen = number == look.chosen and part == 0
        found = [(gutter.CHOSEN, below + parts["chosen"]) if chosen else (" ", below)]
        if look.times.columns:
            text = self._time(number, line) if part == 0 else ""
            found.append((text.rjust(look.times.columns) + " ", below + parts["time"]))
        if look.names:
            name = entry.store.name if part == 0 else ""
            style = self.looks.names[self._colours[entry.store.name]]
            found.append((gutter.name_cell(name, look.names) + " ", below + style))
        mark = gutter.bar(line.source)
        return [*found, (mark, below + parts["bar"]), (" ", below)] if mark != " " else [*found, ("  ", below)]

    def _time(self, number: int, line: Line) -> str:
        times = self.look.times
        if times is Times.CLOCK:
            return gutter.clock(line.time)
        if times is Times.RELATIVE:
            return gutter.age(self.look.now - line.time)
        before = entry_of(self.view, number - 1)
        return gutter.delta(line.time - before.line.time) if before is not None else ""

    def _label(self, entry: Entry, parsed: Parsed, part: int) -> str:
        """Return what stands at the right end of the last line that is acknowledged."""
        if entry.number != self.look.settled.get(entry.store.name, -1) or part != len(parsed.begins) - 1:
            return ""
        return f"{clean_line(entry.store.name)} {_ACKNOWLEDGED}" if self.look.names else _ACKNOWLEDGED

    def _compose(self, before: list[cells.Run], text: list[cells.Run], start: int, below: Style, label: str) -> Drawn:
        columns = self.look.columns
        segments = [Segment(piece, style) for piece, style in before]
        segments += [Segment(piece, style) for piece, style in text]
        used = self.look.gutter + sum(columns_of(piece) for piece, _ in text)
        if label:
            segments = self._labelled(segments, used, label, below)
        elif used < columns:
            segments.append(Segment(" " * (columns - used), below))
        elif used > columns:
            segments = list(Strip(segments, used).crop(0, columns))
        return Drawn(self.strip(segments), len(before), len(text), start)

    def strip(self, segments: list[Segment]) -> Strip:
        """Return segments that fill the room as the strip of a row."""
        return Strip(self.looks.finish(segments), self.look.columns)

    def _labelled(self, segments: list[Segment], used: int, label: str, below: Style) -> list[Segment]:
        columns, style = self.look.columns, below + self.looks.parts["label"]
        free = columns - used - 1
        end = f"✓ {label}" if free >= width(label) + 4 else "✓"
        if free >= 2:
            rule = " " + "─" * (free - width(end) - 2) + " " if free >= width(end) + 2 else " " * (free - width(end))
            return [*segments, Segment(rule + end + " ", style)]
        kept = Strip(segments, used).adjust_cell_length(max(columns - 2, 0), below)
        return list(Strip([*kept, Segment("✓ ", style)]).crop(0, columns))


def colours(names: Sequence[str]) -> dict[str, int]:
    """Return the colour of each name: always the same one unless another name has it, and there are others left."""
    found: dict[str, int] = {}
    for name in names:
        wanted = crc32(name.encode("utf-8", "replace"))
        free = [colour for colour in range(NAMES) if colour not in found.values()] or range(NAMES)
        found[name] = wanted % NAMES if wanted % NAMES in free else free[wanted % len(free)]
    return found
