"""Bytes of a line as text that is safe on a terminal, with spans of style: of its control sequences only SGR survives.

Other sequences vanish. A sequence that has no end, and any lone control character, shows as a visible replacement, so
that nothing of a line is hidden by what only looks like a sequence. Characters that join or vary others are left out,
because terminals disagree on how wide the result is; those that reorder a line are replaced.
"""

import re
from typing import NamedTuple

from rich.style import Style

from papa_console.dashboard.output.columns import columns_of
from papa_console.dashboard.output.sgr import PLAIN, apply

_TAB_STOP = 8
_JOINING = (
    "\u00ad\u034f\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufe00-\ufe0f\ufeff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_REORDERING = "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff"
_CONTROL = "\x00-\x08\x0a-\x0c\x0e-\x1f\x7f-\x9f"
_LONE = "\x00-\x08\x0a-\x0c\x0e-\x1a\x1c-\x1f\x7f-\x8f\x91-\x97\x99\x9a"  # those that begin no sequence
_UNUSUAL = re.compile(f"[\t\r{_CONTROL}{_JOINING}{_REORDERING}]")

# Repetitions are possessive, and bodies end where another sequence begins: no line takes more than one pass. A pattern
# begins with the characters that it is about, which lets ``re`` pass over all others quickly.
_CSI = r"[0-?]*+[ -/]*+[@-~]?"
_BODY = "[^\n\x07\x1b\x90\x98\x9b-\x9f]*+"
_ESCAPED = rf"\]{_BODY}(?:\x07|\x1b\\|\x9c)|[PX^_]{_BODY}(?:\x1b\\|\x9c)|[ -/]*+[0-OQ-WYZ\\`-~]"
_TOKEN = re.compile(
    rf"[\t\r{_CONTROL}{_JOINING}{_REORDERING}](?:"
    rf"(?:(?<=\x1b)\[|(?<=\x9b))(?:([0-9:;]*+)m|{_CSI}())"
    rf"|(?<=\x1b)(?:{_ESCAPED})()"
    rf"|(?<=\x9d){_BODY}(?:\x07|\x1b\\|\x9c)()"
    rf"|(?<=[\x90\x98\x9e\x9f]){_BODY}(?:\x1b\\|\x9c)()"
    rf"|(?<=[{_JOINING}])()"
    rf"|(?<=\r)()|(?<=\t)()|(?<=[{_REORDERING}])()|(?<=[{_LONE}])[{_LONE}]*+|)"
)
_SGR, _RETURN, _TAB, _REORDERS = 1, 7, 8, 9  # groups; the others vanish, and without any it is to be seen
_BYTES_BODY = rb"(?:[^\n\x07\x1b\xc2]|\xc2(?![\x90\x98\x9b-\x9f]))*+"
_SEQUENCES = re.compile(
    rb"\x1b(?:\[[0-?]*+[ -/]*+[@-~]?"
    rb"|\]" + _BYTES_BODY + rb"(?:\x07|\x1b\\|\xc2\x9c)"
    rb"|[PX^_]" + _BYTES_BODY + rb"(?:\x1b\\|\xc2\x9c)"
    rb"|[ -/]*+[0-OQ-WYZ\\`-~])"
    rb"|\xc2(?:\x9b[0-?]*+[ -/]*+[@-~]?"
    rb"|\x9d" + _BYTES_BODY + rb"(?:\x07|\x1b\\|\xc2\x9c)"
    rb"|[\x90\x98\x9e\x9f]" + _BYTES_BODY + rb"(?:\x1b\\|\xc2\x9c))"
)
# Marks above and below a letter take no column, so a heap of them would not be cut off at the edge of the screen.
_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_HEAP = re.compile(f"([{_MARKS}]{{8}})[{_MARKS}]+")
_SHORT = 200  # characters of a line in which no heap does any harm
_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


class Styled(NamedTuple):
    """Text without any control character, and where it has which style: spans in order that do not overlap."""

    text: str
    spans: tuple[tuple[int, int, Style], ...] = ()


def parse(data: bytes) -> Styled:
    """Return what a line shows: it is one line, whatever its bytes are.

    Tabs become spaces, and a carriage return begins the line anew, so that the last text of a progress bar stays.
    """
    text = data.decode("utf-8", "replace")
    if text.isascii() and text.isprintable():
        return Styled(text)
    text = text.rstrip("\r")
    if len(text) > _SHORT and not text.isascii():
        text = _HEAP.sub(r"\1", text)
    if _UNUSUAL.search(text) is None:
        return Styled(text)
    writer = _Writer(has_tabs="\t" in text)
    end = 0
    for token in _TOKEN.finditer(text):
        writer.write(text[end : token.start()])
        writer.take(token)
        end = token.end()
    writer.write(text[end:])
    return writer.result()


def strip(data: bytes) -> bytes:
    """Return a line as it is searched: without control sequences, and after the last carriage return."""
    if b"\x1b" in data or b"\xc2" in data:
        data = _SEQUENCES.sub(b"", data)
    if b"\r" in data:
        data = data.rstrip(b"\r").rpartition(b"\r")[2]
    return data


def strip_lines(blob: bytes) -> bytes:
    """Return lines, separated by line feeds, each as ``strip`` would have it."""
    if b"\x1b" in blob or b"\xc2" in blob:
        blob = _SEQUENCES.sub(b"", blob)
    if b"\r" in blob:
        blob = b"\n".join(map(strip, blob.split(b"\n")))
    return blob


class _Writer:
    """Puts text and spans together from pieces."""

    def __init__(self, *, has_tabs: bool) -> None:
        self._has_tabs = has_tabs
        self._pieces: list[str] = []
        self._length = self._column = 0
        self._spans: list[tuple[int, int, Style]] = []
        self._style = PLAIN
        self._returned = False

    def write(self, text: str) -> None:
        """Add text in the current style."""
        if not text:
            return
        if self._returned:
            self._returned = False
            self._pieces.clear()
            self._spans.clear()
            self._length = self._column = 0
        end = self._length + len(text)
        if self._style is not PLAIN:
            self._add_span(end)
        self._pieces.append(text)
        self._length = end
        if self._has_tabs:
            self._column += columns_of(text)

    def _add_span(self, end: int) -> None:
        last = self._spans[-1] if self._spans else None
        if last is not None and last[1] == self._length and last[2] == self._style:
            self._spans[-1] = (last[0], end, self._style)
        else:
            self._spans.append((self._length, end, self._style))

    def take(self, token: re.Match[str]) -> None:
        """Take in what is not text."""
        kind = token.lastindex
        if kind == _SGR:
            self._style = apply(self._style, token[_SGR])
        elif kind == _RETURN:
            self._returned = True
        elif kind == _TAB:
            self.write(" " * (_TAB_STOP - (0 if self._returned else self._column) % _TAB_STOP))
        elif kind == _REORDERS:
            self.write("\ufffd")
        elif kind is None:
            self.write(token[0].translate(_PICTURES))

    def result(self) -> Styled:
        return Styled("".join(self._pieces), tuple(self._spans))
