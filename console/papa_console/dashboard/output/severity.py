"""How grave a line is, judged by the words at its beginning; cheap, so that it can be done for every line."""

import re
from collections.abc import Sequence
from enum import IntEnum

from papa_console.dashboard.output.ansi import strip, strip_lines

_LOOKED_AT = 200
_STRIPPED = 8192  # of a line with control sequences so much is looked at for these


class Severity(IntEnum):
    """The level of a line; ``NONE`` where it does not tell one."""

    NONE = 0
    TRACE = 1
    DEBUG = 2
    INFO = 3
    WARNING = 4
    ERROR = 5
    CRITICAL = 6


_WORDS = {
    Severity.TRACE: "trace trc",
    Severity.DEBUG: "debug dbg verbose",
    Severity.INFO: "info inf information notice",
    Severity.WARNING: "warn warning wrn",
    Severity.ERROR: "error err severe traceback",
    Severity.CRITICAL: "critical crit fatal ftl panic panicked emerg emergency alert",
}
_LEVELS = {
    form.encode(): level
    for level, words in _WORDS.items()
    for word in words.split()
    for form in (word, word.upper(), word.title())
}
_KNOWN = frozenset(_LEVELS)
_LETTERS = dict(zip(b"TDVINWEFC", (1, 2, 2, 3, 3, 4, 5, 6, 6), strict=True))
_WORD = re.compile(rb"\w+")
_BEFORE = re.compile(rb"(?i:level|lvl|severity)\"?\s?[=:]\s?\"?$")  # level=error, "level":"error"
_AFTER = re.compile(rb"[\])>|]|:(?:\s|$)|\s\(most recent")  # [warn], <notice>, Error: …
_FIRST = re.compile(rb"(?:[A-Za-z_][\w.]*)?(?:Error|Exception)(?::\s|$)|([DIWEF])\d{4} |([TDVIWEFC])/[\w.-]+[(:\s]")
_NUMBER = re.compile(rb"\"level\": ?([1-6]0)\b")
_BRACKETED = re.compile(rb"\[([TDVINWEFC])[\] ]")

# What a line of an error has in it, in small letters: most pieces of output have none of these, which is quickly seen.
_HINTS = tuple(b"err sever crit fatal ftl panic emerg alert traceback exception".split())
_NUMBERS = tuple(b'"level":%s%d' % (space, digit) for space in (b"", b" ") for digit in (5, 6))
_LETTER = re.compile(rb"\[[efc][\] ]|\n[efc][/\d]")


def severity(data: bytes) -> Severity:
    """Return the level that the beginning of a line tells."""
    if b"\x1b" in data or b"\r" in data:
        data = strip(data[:_STRIPPED])
    data = data[:_LOOKED_AT]
    if not _KNOWN.isdisjoint(_WORD.findall(data)):
        for word in _WORD.finditer(data):
            level = _LEVELS.get(word[0])
            if level is not None and _is_level(data, word):
                return level
    return _by_form(data)


def _is_level(data: bytes, word: re.Match[bytes]) -> bool:
    """Whether a word is meant as a level: in capitals, or with the signs around it that set levels off."""
    text, start = word[0], word.start()
    if text.isupper() or text == b"panicked":
        return True
    if _BEFORE.search(data, max(start - 16, 0), start):
        return True
    return (
        text.isalpha() and _AFTER.match(data, word.end()) is not None and (not start or data[start - 1] in b" \t[(<|")
    )


def _by_form(data: bytes) -> Severity:
    """Judge by other forms: ``"level":50``, ``ValueError: …``, klog's ``E0312 …``, logcat's ``E/tag``, ``[E]``."""
    if b'"level":' in data and (number := _NUMBER.search(data)):
        return Severity(int(number[1]) // 10)
    found = _FIRST.match(data) or (_BRACKETED.search(data) if b"[" in data else None)
    if found is None:
        return Severity.NONE
    return Severity(_LETTERS[ord(found[found.lastindex])]) if found.lastindex else Severity.ERROR


def errors(lines: Sequence[bytes]) -> list[int]:
    """Return the indices of the lines whose severity is ERROR or above."""
    blob = strip_lines(b"\n".join((b"", *lines))).lower()
    hints = [hint for hint in _HINTS if hint in blob]
    if b'"level":' in blob:
        hints += [hint for hint in _NUMBERS if hint in blob]
    letters = _LETTER.search(blob)
    if not hints and not letters:
        return []
    return [
        index
        for index, line in enumerate(blob.split(b"\n")[1:])
        if (any(hint in line for hint in hints) or (letters and _LETTER.search(b"\n" + line)))
        and severity(lines[index]) >= Severity.ERROR
    ]
