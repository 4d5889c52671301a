"""Selecting text with the mouse: offsets name an entry and a character of its text, so that nothing shifts them."""

import re

from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip

from papa_console.dashboard.widgets.line_art import Artist, Drawn

_WORD = re.compile(r"[\w./:@%+~=-]+")  # paths, addresses and settings are words


def with_offsets(drawn: Drawn, number: int) -> Strip:
    """Return the strip of a row as Textual asks for it under the mouse: each piece tells its place in the text."""
    segments = list(drawn.strip)
    at = drawn.start - sum(len(segment.text) for segment in segments[: drawn.gutter])
    for index, (text, style, _) in enumerate(segments[: drawn.gutter + drawn.pieces]):
        meta = Style.from_meta({"offset": (at, number)})
        segments[index] = Segment(text, style + meta if style else meta)
        at += len(text)
    return Strip(segments, drawn.strip.cell_length)


def word(text: str, at: int) -> tuple[int, int]:
    """Return where the word around a character begins and ends."""
    for match in _WORD.finditer(text):
        if match.start() <= at < match.end():
            return match.span()
    return at, min(at + 1, len(text))


def extract(artist: Artist, selection: Selection, visible: range) -> str:
    """Return the selected text; an end outside of the pane stands for the edge of the screen."""
    if not visible:
        return ""
    view = artist.view
    first, start = (selection.start.y, selection.start.x) if selection.start else (visible[0], 0)
    last, end = (selection.end.y, selection.end.x) if selection.end else (visible[-1], None)
    texts = [artist.text(number) for number in range(max(first, view.first), min(last + 1, view.next))]
    if not texts:
        return ""
    if last < view.next:
        texts[-1] = texts[-1][: None if end is None else max(end, 0)]
    if first >= view.first:
        texts[0] = texts[0][max(start, 0) :]
    return "\n".join(texts)
