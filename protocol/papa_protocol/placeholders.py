"""Placeholders in arguments: ``$(socket.NAME.fileno)`` and ``$(socket.NAME.port)``."""

import re
from collections.abc import Callable

from papa_protocol.errors import CommandError

FIELDS = ("fileno", "port")
_PLACEHOLDER = re.compile(r"\$\(socket\.([^()]*)\)")


def _parts(match: re.Match[str]) -> tuple[str, str]:
    name, dot, field = match[1].rpartition(".")
    if not dot or field not in FIELDS:
        raise CommandError(f"Bad placeholder {match[0]}: expected $(socket.NAME.fileno) or $(socket.NAME.port)")
    return name, field


def substitute(text: str, lookup: Callable[[str, str], int]) -> str:
    """Return ``text`` with every placeholder replaced by ``lookup(name, field)``.

    Raises:
        CommandError: a placeholder with neither ``fileno`` nor ``port``, or what ``lookup`` raises.
    """
    if "$(socket." not in text:
        return text
    return _PLACEHOLDER.sub(lambda match: str(lookup(*_parts(match))), text)
