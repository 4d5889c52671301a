"""What is held of one kind, by name, and how words find it."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence

from papa_protocol.hints import TypeVar
from papa_protocol.names import is_pattern

T = TypeVar("T")


class Registry(dict[str, T]):
    """Things by name. It keeps the names in order, so that a pattern costs what it finds, however much is held.

    Things come by assignment or ``fill`` and go by ``del``; dict's other ways of changing it know nothing of the order.
    """

    __slots__ = ("_names",)

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []

    def __setitem__(self, name: str, thing: T) -> None:
        if name not in self:
            insort(self._names, name)
        super().__setitem__(name, thing)

    def fill(self, things: Mapping[str, T]) -> None:
        """Add many things at once, which takes a fraction of the time."""
        super().update(things)
        self._names = sorted(self)

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        del self._names[bisect_left(self._names, name)]

    def matching(self, pattern: str) -> list[str]:
        """Return the names that begin with what is before the pattern's final star, in order."""
        prefix = pattern[:-1]
        first = bisect_left(self._names, prefix)
        end = bisect_right(self._names, prefix, lo=first, key=lambda name: name[: len(prefix)])
        return self._names[first:end]

    def select(self, words: Sequence[str], by_number: Mapping[int, str]) -> tuple[dict[str, T], list[str]]:
        """Find what ``words`` (names, patterns or numbers) stand for.

        Args:
            words: names, patterns and numbers; none at all stands for everything.
            by_number: the names by PID or file number; a name goes before a number.

        Returns:
            What was found, ordered by name, and the words, patterns aside, that stand for nothing.
        """
        found: list[str] = []
        missing: list[str] = []
        for word in words or ("*",):
            if is_pattern(word):
                found += self.matching(word)
            elif (name := self._find(word, by_number)) is not None:
                found.append(name)
            else:
                missing.append(word)
        if len(words) > 1:
            found.sort()
        return {name: self[name] for name in found}, missing

    def _find(self, word: str, by_number: Mapping[int, str]) -> str | None:
        if word in self:
            return word
        return by_number.get(int(word)) if word.isascii() and word.isdigit() and len(word) < 20 else None
