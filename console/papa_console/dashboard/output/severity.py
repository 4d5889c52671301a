"""How grave a line is, judged by the words at its beginning; cheap, so that it can be done for every line."""

import re
from enum import IntEnum

from papa_console.dashboard.output.ansi import strip

_LOOKED_AT = 200


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
    Severity.TRACE: "trace trc 10",
    Severity.DEBUG: "debug dbg verbose 20",
    Severity.INFO: "info inf information notice 30",
    Severity.WARNING: "warn warning wrn 40",
    Severity.ERROR: "error err severe traceback 50",
    Severity.CRITICAL: "critical crit fatal ftl panic panicked emerg emergency alert 60",
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
_BEFORE = re.compile(rb"(?i:level|lvl|severity)\"?\s?[=:]\s?\"?$")  # level=error, "level":"error", "level":50
_AFTER = re.compile(rb"[\])>|]|:(?:\s|$)|\s\(most recent")  # [warn], <notice>, Error: …
_FIRST = re.compile(rb"(?:[A-Za-z_][\w.]*)?(?:Error|Exception)(?::\s|$)|([DIWEF])\d{4} |([TDVIWEFC])/[\w.-]+[(:\s]")
_BRACKETED = re.compile(rb"\[([TDVINWEFC])[\] ]")


def severity(data: bytes) -> Severity:
    """Return the level that the beginning of a line tells."""
    data = data[:_LOOKED_AT]
    if b"\x1b" in data:
        data = strip(data)
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
    """Judge by other forms: ``ValueError: …``, klog's ``E0312 …``, logcat's ``E/tag``, ``[E]``."""
    found = _FIRST.match(data) or (_BRACKETED.search(data) if b"[" in data else None)
    if found is None:
        return Severity.NONE
    return Severity(_LETTERS[ord(found[found.lastindex])]) if found.lastindex else Severity.ERROR
