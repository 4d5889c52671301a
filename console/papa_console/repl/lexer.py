"""Colours for the line being typed, from the resolver that everything else uses."""

from collections.abc import Callable, Collection
from functools import lru_cache

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from papa_console.repl.hints import is_leaving
from papa_console.repl.local import is_local, resolve_local, split_local
from papa_protocol.errors import CommandError
from papa_protocol.highlight import Kind, Span, spans

STYLES = {
    "prompt": "bold",
    "endpoint": "",
    "down": "ansired",
    "ghost": "ansibrightblack",
    "note": "ansibrightblack",
    Kind.COMMAND.value: "bold",
    Kind.NAME.value: "ansicyan",
    Kind.OPTION.value: "ansigreen",
    Kind.PLACEHOLDER.value: "ansimagenta",
    Kind.ERROR.value: "ansired underline",
}


class LineLexer(Lexer):
    """Colours lines.

    Args:
        aliases: first words that stand for others.
    """

    def __init__(self, aliases: Collection[str] = ()) -> None:
        self._aliases = aliases

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """Return what colours the line of a given number."""
        lines = document.lines
        return lambda number: self.colour(lines[number]) if number < len(lines) else []

    def colour(self, line: str) -> StyleAndTextTuples:
        """Return a line in pieces, each with its style."""
        if is_local(line):
            return _fragments(line, tuple(_local_spans(line)))
        first = line.split(" ", 1)[0]
        if first in self._aliases or is_leaving(line):
            return _fragments(line, (Span(0, len(first), Kind.COMMAND),))
        return _known_fragments(line)


def _local_spans(line: str) -> list[Span]:
    word, _ = split_local(line)
    start = line.index(":")
    try:
        resolve_local(word)
    except CommandError:
        kind = Kind.COMMAND if len(word) == 1 else Kind.ERROR
    else:
        kind = Kind.COMMAND
    return [Span(start, start + len(word), kind)]


@lru_cache(maxsize=64)
def _known_fragments(line: str) -> StyleAndTextTuples:
    return _fragments(line, tuple(spans(line)))


def _fragments(line: str, pieces: tuple[Span, ...]) -> StyleAndTextTuples:
    found: StyleAndTextTuples = []
    done = 0
    for span in pieces:
        found += [("", line[done : span.start]), (f"class:{span.kind.value}", line[span.start : span.end])]
        done = span.end
    return [*found, ("", line[done:])]
