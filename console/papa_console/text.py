"""Text from outside on its way to a terminal: control characters escaped, widths measured, numbers made readable."""

import re
import time
from functools import cache

# Control characters, those that reorder or break lines of a terminal, and surrogates, which stand for stray bytes.
_UNSAFE = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f\ufeff\ud800-\udfff]"
_LETTERS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNITS = "kmgtp"


@cache
def _unsafe() -> re.Pattern[str]:
    return re.compile(_UNSAFE)  # 1 ms, which a script that writes to a pipe is spared


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _LETTERS:
        return _LETTERS[character]
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def clean(text: str) -> str:
    r"""Return ``text`` as a terminal may have it: line ends and tabs stay, other control becomes ``\xHH``."""
    return text if text.isascii() and text.isprintable() else _unsafe().sub(_escape, text)


def clean_line(text: str) -> str:
    """Return ``text`` on one line, as a terminal may have it."""
    return clean(text).replace("\n", "\\n").replace("\t", "\\t")


def width(text: str) -> int:
    """Return how many columns ``text``, which is clean, takes."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth  # noqa: PLC0415 - 12 ms, and few names need it

    return max(int(wcswidth(text)), 0)


def shorten(text: str, columns: int) -> str:
    """Return at most ``columns`` columns of ``text``, with an ellipsis where it goes on."""
    if width(text) <= columns:
        return text
    while text and width(text) > columns - 1:
        text = text[: columns - 1] if len(text) >= columns else text[:-1]
    return text + "…"


def fill(text: str, columns: int) -> list[str]:
    """Return ``text``, which is clean, broken between words into lines of at most so many columns.

    A word that is longer stands whole on a line of its own, so that it can be copied.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, *words = paragraph.split(" ")
        for word in words:
            if width(line) + 1 + width(word) > columns:
                lines.append(line)
                line = word
            else:
                line += " " + word
        lines.append(line)
    return lines


def duration(seconds: float) -> str:
    """Return a length of time: ``0.3s``, ``12s``, ``3m12s``, ``2h05m``, ``3d04h``."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f}s"
    whole = round(seconds)
    for unit, smaller, size, part in (("d", "h", 86400, 3600), ("h", "m", 3600, 60), ("m", "s", 60, 1)):
        if whole >= size:
            return f"{whole // size}{unit}{whole % size // part:02}{smaller}"
    return f"{whole}s"


def size(count: int) -> str:
    """Return a count of bytes: ``532``, ``64k``, ``1.2m``."""
    if count < 1024:
        return str(count)
    amount, power = count / 1024, 0
    while amount >= 1023.95 and power < len(_UNITS) - 1:
        amount, power = amount / 1024, power + 1
    return f"{amount:.1f}".removesuffix(".0") + _UNITS[power]


def clock(when: float, *, date: bool = False) -> str:
    """Return an instant, in seconds since 1970, as the local time of day: ``16:13:40``; with ``date`` before it."""
    return time.strftime("%Y-%m-%d %H:%M:%S" if date else "%H:%M:%S", time.localtime(when))
