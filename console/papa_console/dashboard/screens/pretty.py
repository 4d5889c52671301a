"""Values as people read them: JSON laid out, long lines broken, and what changed between two of them. Pure."""

import difflib
import json
from collections.abc import Iterator

from papa_console.text import clean_line, width


def pretty(text: str) -> str:
    """Return JSON, where ``text`` is an object or a list of it, laid out; anything else as it is."""
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def broken(text: str, columns: int) -> list[str]:
    """Return the lines of ``text``, as a terminal may have them, none wider than ``columns``."""
    return [piece for line in text.split("\n") for piece in _pieces(clean_line(line.replace("\t", "    ")), columns)]


def _pieces(line: str, columns: int) -> Iterator[str]:
    columns, start = max(columns, 2), 0
    while len(line) - start > columns or width(line[start:]) > columns:
        end = start + columns
        while width(line[start:end]) > columns:
            end -= 1
        yield line[start:end]
        start = end
    yield line[start:]


def changes(before: str, after: str, context: int = 1) -> list[tuple[str, str]]:
    """Return what changed between two versions of a value, JSON laid out.

    Returns:
        Lines, each with ``+`` where it is new, ``-`` where it is gone, a blank where it is near one of these, and
        ``…`` where lines are left out.
    """
    old, new = pretty(before).split("\n"), pretty(after).split("\n")
    rows: list[tuple[str, str]] = []
    for number, line in enumerate(difflib.unified_diff(old, new, lineterm="", n=context)):
        if number < 2:
            continue  # the names of files
        if line.startswith("@@"):
            rows += [("…", "")] if rows else []
        else:
            rows.append((line[0], clean_line(line[1:])))
    return rows
