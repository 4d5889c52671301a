"""Columns of a table: what a cell looks like, and which columns fit into a width. Pure.

Where there is no room for all, the columns of the greatest rank go first, and those of rank 0 never. What is left over
is given to the columns that may grow, from the left, and the rest of it to the first.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from papa_console.dashboard.output.columns import columns_of
from papa_console.dashboard.widgets.cells import window
from papa_console.text import clean_line

F = TypeVar("F")
Piece = tuple[str, str]
"""Text, cleaned, and what it looks like: "", "name", "good", "warn", "bad", "alert", "muted", "bar" ..."""
Cell = Sequence[Piece]

GAP = 1
ROOMY = 64  # from this width on a column is dropped rather than squeezed
# A name may take this much of the width before other columns get more than they need, or are dropped for it.
_NAME_SHARE = {True: 0.25, False: 0.4}
_NAME_MOST = 32
# Characters that join others or change how wide they are: each terminal takes them differently, and rows would shift.
_JOINING = re.compile(
    "[\u00ad\u034f\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True, slots=True)
class Column(Generic[F]):
    """A column.

    Args:
        id: what it is called in settings.
        title: what the header shows.
        draw: returns the cell of a row, from the facts, the key of the row and the width.
        order: returns what to sort by, None where it is not known; without it nothing sorts by this column.
        least: the columns of the terminal that it needs where there are few.
        good: those that it needs where there are many.
        most: those that it can make use of.
        roomy: from which width of the table on there are many.
        rank: the order in which columns are dropped, the greatest first; 0 for never.
        right: whether it is aligned at the right.
        falling: whether the greatest comes first, unless reversed.
        steady: whether the order of the rows can change only together with their names.
    """

    id: str
    title: str
    draw: Callable[[F, str, int], Cell]
    order: Callable[[F, str], Any] | None = None
    least: int = 4
    good: int = 0
    most: int = 0
    roomy: int = ROOMY
    rank: int = 0
    right: bool = False
    falling: bool = False
    steady: bool = False


@dataclass(frozen=True, slots=True)
class Place(Generic[F]):
    """Where a column is drawn: from ``start``, ``width`` wide."""

    column: Column[F]
    start: int
    width: int


def fit(columns: Sequence[Column[F]], width: int, longest: int, wanted: str = "") -> list[Place[F]]:
    """Return which columns are shown in ``width``, and where.

    Args:
        columns: all there are; the first shows names.
        width: how much room there is.
        longest: how wide the longest name is.
        wanted: the id of the column that goes last of those that may go.
    """
    needs = {column.id: _need(column, width) for column in columns[1:]}
    first = columns[0]
    needs[first.id] = max(min(longest, int(width * _NAME_SHARE[width >= ROOMY]), _NAME_MOST), first.least)
    kept = _keep(columns, needs, width, wanted)
    spare = width - _total(kept, needs)
    for column in kept:
        most = min(longest, _NAME_MOST) if column is first else column.most
        more = min(max(most - needs[column.id], 0), max(spare, 0))
        needs[column.id] += more
        spare -= more
    needs[first.id] = max(needs[first.id] + spare, 1)
    return list(_places(kept, needs))


def _need(column: Column[F], width: int) -> int:
    return max(column.good, column.least) if width >= column.roomy else column.least


def _total(columns: Sequence[Column[F]], needs: dict[str, int]) -> int:
    return sum(needs[column.id] for column in columns) + GAP * (len(columns) - 1)


def _keep(columns: Sequence[Column[F]], needs: dict[str, int], width: int, wanted: str) -> list[Column[F]]:
    kept = list(columns)
    while _total(kept, needs) > width:
        worst = max(kept, key=lambda column: min(column.rank, 0.5) if column.id == wanted else column.rank)
        if not worst.rank:
            break
        kept.remove(worst)
    return kept


def _places(columns: Iterable[Column[F]], needs: dict[str, int]) -> Iterable[Place[F]]:
    start = 0
    for column in columns:
        yield Place(column, start, needs[column.id])
        start += needs[column.id] + GAP


def tidy(text: str) -> str:
    """Return text from outside on one line, as a table may have it: each character as wide as it is by itself."""
    cleaned = clean_line(text)
    return cleaned if cleaned.isascii() else _JOINING.sub("·", cleaned)


def cut(text: str, columns: int) -> str:
    """Return as much of ``text`` as there is room for, with an ellipsis where it goes on."""
    if columns_of(text) <= columns:
        return text
    return text[: window(text, 0, columns - 1)[1]] + "…" if columns > 0 else ""


def cut_start(text: str, columns: int) -> str:
    """Return the end of ``text``, with an ellipsis where it began: the end of a path says more."""
    if columns_of(text) <= columns:
        return text
    if columns <= 0:
        return ""
    kept = text[max(len(text) - columns + 1, 0) :]
    while columns_of(kept) > columns - 1:
        kept = kept[1:]
    return "…" + kept


def fill(cell: Cell, width: int, right: bool) -> list[Piece]:
    """Return the pieces of a cell, cut or padded to exactly ``width`` columns."""
    pieces: list[Piece] = []
    room = width
    for text, look in cell:
        shown = cut(text, room)
        room -= columns_of(shown)
        pieces.append((shown, look))
        if shown != text:
            break
    if room:
        pieces.insert(0 if right else len(pieces), (" " * room, ""))
    return pieces
