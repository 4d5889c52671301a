"""What each piece of a typed line is, so that it can be coloured: read from the same resolver as everything else.

A word that is still being typed, at the end of the line, is wrong only where nothing can complete it.
"""

import re
from collections.abc import Iterator, Sequence
from enum import Enum

from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Argument, Takes
from papa_protocol.errors import CommandError
from papa_protocol.hints import NamedTuple
from papa_protocol.typed import TypedError, Word, assign, check, full_word, locate, split_typed

_PLACEHOLDER = re.compile(r"\$\(socket\.[^() ]*\)")
_NAMES = frozenset({Takes.SOCKET, Takes.VALUE, Takes.PROCESS, Takes.NEW_NAME})


class Kind(Enum):
    """What a piece of a line is."""

    COMMAND = "command"
    NAME = "name"
    OPTION = "option"
    TEXT = "text"
    PLACEHOLDER = "placeholder"
    ERROR = "error"


class Span(NamedTuple):
    """``line[start:end]`` and what it is."""

    start: int
    end: int
    kind: Kind


def spans(line: str) -> list[Span]:
    """Return the pieces of ``line`` in order; blanks are in none of them."""
    words = split_typed(line)
    wrong = _settled_error(line) if words else None
    found = [*_command_spans(line, words), *_argument_spans(line, words)]
    if wrong is None:
        return found
    return [Span(s.start, s.end, Kind.ERROR if wrong.start <= s.start < wrong.end else s.kind) for s in found]


def _settled_error(line: str) -> TypedError | None:
    """Return what is wrong with ``line``, None where typing on may still mend it."""
    try:
        check(line)
    except TypedError as error:
        if error.start >= len(line.rstrip()):
            return None  # something is missing, not wrong
        if error.end < len(line):
            return error
        place = locate(line)
        typed = place.typed.lower()
        return error if place.choices and not any(choice.startswith(typed) for choice in place.choices) else None
    return None


def _command_length(line: str, words: Sequence[Word]) -> int:
    """Return how many words at the start are a command's, known or not."""
    count = 0
    for word in words[:3]:
        if full_word(line[: word.end]) is None and not (locate(line[: word.end]).choices and count < 2):
            break
        count += 1
    return count


def _command_spans(line: str, words: Sequence[Word]) -> Iterator[Span]:
    for word in words[: _command_length(line, words)]:
        yield Span(word.start, word.end, Kind.COMMAND)


def _argument_spans(line: str, words: Sequence[Word]) -> Iterator[Span]:
    try:
        resolved = COMMANDS.resolve([word.text for word in words])
    except CommandError:
        yield from (Span(word.start, word.end, Kind.TEXT) for word in words[_command_length(line, words) :])
        return
    if resolved.command.words == ("help",):
        yield from (Span(word.start, word.end, Kind.TEXT) for word in words[_command_length(line, words) :])
        return
    roles, _ = assign(resolved.command, resolved.rest)
    for word, role in zip(words[len(resolved.command.words) :], roles, strict=True):
        yield from _word_spans(word, role)


def _word_spans(word: Word, role: Argument | None) -> Iterator[Span]:
    start = word.start
    if role is None:
        yield Span(start, word.end, Kind.ERROR)
        return
    if role.takes is Takes.OPTION and "=" in word.raw:
        start += word.raw.index("=") + 1
        yield Span(word.start, start, Kind.OPTION)
    kind = Kind.NAME if role.takes in _NAMES else Kind.TEXT
    for match in _PLACEHOLDER.finditer(word.raw, start - word.start):
        if start < word.start + match.start():
            yield Span(start, word.start + match.start(), kind)
        start = word.start + match.end()
        yield Span(word.start + match.start(), start, Kind.PLACEHOLDER)
    if start < word.end:
        yield Span(start, word.end, kind)
