"""The rows of a table: their order, what a filter lets through, the cursor and the marks. Pure.

Rows are known by their keys. The cursor stays on its key while rows come, go and change places; where its row goes, it
comes to the next one that stays, else to the one before.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

_DIGITS = re.compile(r"([0-9]{1,18})")
NameKey = tuple[list[str | int], str]
Pair = tuple[str, str]
Heir = Callable[[str], str | None]


def natural(name: str) -> NameKey:
    """Return what to sort a name by: ``web.2`` comes before ``web.10``, whatever the case."""
    parts: list[str | int] = list(_DIGITS.split(name.casefold()))
    parts[1::2] = [int(part) for part in parts[1::2]]
    return parts, name


def ordered(names: Sequence[str], order: Callable[[str], Any], *, falling: bool) -> list[str]:
    """Return names sorted by ``order``, those for which it is None last; equal ones stay in order."""
    values = dict(zip(names, map(order, names), strict=True))
    unknown = [name for name, value in values.items() if value is None]
    for name in unknown:
        del values[name]
    return sorted(values, key=values.__getitem__, reverse=falling) + unknown


class Filter:
    """A text that names have to contain, whatever the case; ``!`` before it turns that round.

    Args:
        text: what was typed.
    """

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.inverted = text.startswith("!")
        self.needle = text.removeprefix("!").casefold()

    def __bool__(self) -> bool:
        return bool(self.needle)

    def passing(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Return the pairs of a name and its casefolded form that pass."""
        needle = self.needle
        return [pair for pair in pairs if (needle in pair[1]) is not self.inverted]

    def narrows(self, other: "Filter") -> bool:
        """Whether nothing passes this that does not pass the other."""
        return not self.inverted and not other.inverted and other.needle in self.needle


class Names:
    """All names there are, in natural order, and the ones that a filter lets through."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self.longest = 0
        self._keys: dict[str, NameKey] = {}
        self._pairs: list[Pair] = []  # made once: ten thousand new tuples at each key would wake the garbage collector
        self._passed: tuple[Filter, list[Pair], list[str]] | None = None  # the last filter, and what it let through
        self._taken: Collection[str] = ()

    def take(self, names: Collection[str]) -> bool:
        """Take the names that there are now, never to be changed; whether they are others than before."""
        if names is self._taken or set(names) == self._keys.keys():
            self._taken = names
            return False
        self._taken, old = names, self._keys
        self._keys = {name: old[name] if name in old else natural(name) for name in names}
        kept = [name for name in self.all if name in self._keys]
        kept += [name for name in names if name not in old]
        self.all = sorted(kept, key=self._keys.__getitem__)
        self._passed, self._pairs = None, []
        self.longest = max(map(len, names), default=0)
        return True

    def __contains__(self, name: str) -> bool:
        return name in self._keys

    def passing(self, wanted: Filter) -> list[str]:
        """Return the names that pass a filter, in natural order."""
        if not wanted:
            return self.all
        last = self._passed
        if last is None or wanted.text != last[0].text:
            self._pairs = self._pairs or [(name, name.casefold()) for name in self.all]
            pairs = wanted.passing(last[1] if last is not None and wanted.narrows(last[0]) else self._pairs)
            last = self._passed = wanted, pairs, [name for name, _ in pairs]
        return last[2]


class Rows:
    """What a table shows."""

    def __init__(self) -> None:
        self.keys: Sequence[str] = []
        self.cursor: str | None = None
        self.at = -1
        """The number of the row with the cursor, -1 where there is none."""
        self.marks: dict[str, None] = {}
        self._chosen: str | None = None

    def __len__(self) -> int:
        return len(self.keys)

    def place(self, keys: Sequence[str], *, recall: bool = False, heir: Heir | None = None) -> None:
        """Show other rows, or the same ones in another order.

        Args:
            keys: the rows.
            recall: whether the cursor goes back to the row that the user chose last, if that is among them again.
            heir: tells to which row, rather than to a neighbour, the cursor goes when its own goes.
        """
        old, was_at, self.keys = self.keys, self.at, keys
        if recall and self._chosen in keys:
            self.cursor = self._chosen
        elif self.cursor not in keys:
            wanted = heir(self.cursor) if heir is not None and self.cursor is not None else None
            self.cursor = wanted if wanted in keys else self._neighbour(old, was_at)
        self.at = keys.index(self.cursor) if self.cursor is not None else -1

    def _neighbour(self, old: Sequence[str], at: int) -> str | None:
        have = set(self.keys)
        around = [*old[at + 1 :], *reversed(old[:at])] if at >= 0 else []
        return next((key for key in around if key in have), self.keys[0] if self.keys else None)

    def number(self, key: str) -> int | None:
        """Return which row has a key."""
        return self.keys.index(key) if key in self.keys else None

    def go(self, number: int) -> None:
        """Move the cursor to a row, to the first or last one where there is no such number."""
        if self.keys:
            self.at = min(max(number, 0), len(self.keys) - 1)
            self.cursor = self._chosen = self.keys[self.at]

    def toggle_mark(self, key: str) -> None:
        """Mark a row, or unmark it."""
        if key in self.marks:
            del self.marks[key]
        else:
            self.marks[key] = None

    def keep_marks(self, keep: Callable[[str], bool]) -> bool:
        """Unmark what is not to be kept; whether there was any."""
        gone = [key for key in self.marks if not keep(key)]
        for key in gone:
            del self.marks[key]
        return bool(gone)

    def set_marks(self, keys: Iterable[str]) -> None:
        """Mark these and no others."""
        self.marks = dict.fromkeys(keys)
