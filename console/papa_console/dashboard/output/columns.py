"""Text in columns of a terminal: how wide it is, where it wraps, and what a window of columns shows.

A character takes 0, 1 or 2 columns, each by itself: ``ansi`` leaves out what would make the width of one depend on
another. A wide character is never cut in half.
"""

from functools import lru_cache

from rich.cells import cell_len


@lru_cache(4096)
def _columns(character: str) -> int:
    return cell_len(character)


def columns_of(text: str) -> int:
    """Return how many columns a text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def has_wide(text: str) -> bool:
    """Whether a text has a character that takes two columns."""
    return not text.isascii() and 2 in map(_columns, text)


def breaks(text: str, columns: int) -> list[int]:
    """Return where the rows begin when a text is wrapped, as indices; the first is 0."""
    if text.isascii():
        return list(range(0, max(len(text), 1), columns))
    found, used = [0], 0
    for index, size in enumerate(map(_columns, text)):
        if used + size > columns and index > found[-1]:
            found.append(index)
            used = 0
        used += size
    return found
