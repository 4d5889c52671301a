"""Which lines are settled: acknowledged, so that the kernel holds them no more."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping

from papa_console.dashboard.output.lines import LineStore, Source


class Settled:
    """Finds the last acknowledged line of each process, and again only when it can have moved."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int, int]] = {}

    def numbers(self, stores: Iterable[LineStore], acknowledged: Mapping[str, int]) -> dict[str, int]:
        """Return for each process the number of its last acknowledged line, where there is one."""
        found = {}
        for store in stores:
            position = acknowledged.get(store.name, 0)
            if position > 0 and (number := self._number(store, position)) >= store.first:
                found[store.name] = number
        return found

    def _number(self, store: LineStore, position: int) -> int:
        known = self._known.get(store.name)
        if known is not None and known[0] == position and known[1] <= store.position and position <= known[1]:
            return known[2]
        number = last_settled(store, position)
        self._known[store.name] = position, store.position, number
        return number


def last_settled(store: LineStore, position: int) -> int:
    """Return the number of the last line that ends at or before a position; the one before the first if none does."""
    start = _begin_of_run(store)
    return bisect_right(range(start, store.next), position, key=lambda number: store.line(number).position) + start - 1


def _begin_of_run(store: LineStore) -> int:
    """Return the first line of the process that has the name now: positions begin anew after a remark at 0."""
    sources = store.sources(store.first, store.next)
    index = len(sources)
    while (index := sources.rfind(bytes([Source.NOTE]), 0, index)) >= 0:
        if store.line(store.first + index).position == 0:
            return store.first + index
    return store.first
