"""Names, namespaces and patterns.

A name is unique among the sockets, the values or the processes; what stands before its last dot is
its namespace. A pattern is a prefix followed by ``*``.
"""

from papa_protocol.errors import CommandError
from papa_protocol.words import Dialect


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
