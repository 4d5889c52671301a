"""Names, namespaces and patterns.

A name is unique among the sockets, the values or the processes; what stands before its last dot is
its namespace. A pattern is a prefix followed by ``*``.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from papa_protocol.errors import CommandError
from papa_protocol.words import Dialect

T = TypeVar("T")


def is_pattern(word: str) -> bool:
    """Whether ``word`` stands for every name that begins with what is before its final ``*``."""
    return word.endswith("*")


def matches(name: str, word: str) -> bool:
    """Whether ``word``, a name or a pattern, stands for ``name``."""
    return name.startswith(word[:-1]) if is_pattern(word) else name == word


def check_name(name: str, kind: str, dialect: Dialect) -> str:
    """Return ``name`` if something may be called that.

    Raises:
        CommandError: dialect 1 cannot carry the name in its rows.
    """
    if dialect is Dialect.V1 and (" " in name or not name.isprintable()):
        bad = next(character for character in name if character == " " or not character.isprintable())
        raise CommandError(f"A {kind}'s name cannot hold {_NAMES.get(bad, ascii(bad))} here; after 'protocol 2' it can")
    return name


_NAMES = {" ": "a space", "\t": "a tab", "\r": "a carriage return"}


def select(
    registry: Mapping[str, T], words: Iterable[str], by_number: Mapping[int, str]
) -> tuple[dict[str, T], list[str]]:
    """Find what ``words`` (names, patterns or numbers) stand for.

    Args:
        registry: what there is, by name.
        words: names, patterns and numbers; none at all stands for everything.
        by_number: the names by PID or file number; a name goes before a number.

    Returns:
        What was found, ordered by name, and the words, patterns aside, that stand for nothing.
    """
    words = list(words)
    if not words:
        words = ["*"]
    found: set[str] = set()
    missing: list[str] = []
    for word in words:
        if is_pattern(word):
            found.update(name for name in registry if matches(name, word))
        elif (name := _find(registry, word, by_number)) is not None:
            found.add(name)
        else:
            missing.append(word)
    return {name: registry[name] for name in sorted(found)}, missing


def _find(registry: Mapping[str, T], word: str, by_number: Mapping[int, str]) -> str | None:
    if word in registry:
        return word
    return by_number.get(int(word)) if word.isascii() and word.isdigit() and len(word) < 20 else None
