"""What one pane shows: lines of one or several stores in one order, filtered, wrapped and searched.

Entries have absolute numbers: those of others stay when the oldest go. What the stores got is taken in by ``update``
within a budget of time, so that a flood makes the view late but never the screen. Lines of several stores are merged by
time; one that comes late is put where it belongs, and only entries after it get other numbers. A merge reaches back as
far as all of its stores do.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from time import perf_counter
from typing import NamedTuple

from papa_console.dashboard.output.feed import STREAMS, Sieve, split_key
from papa_console.dashboard.output.index import Index
from papa_console.dashboard.output.intake import Intake
from papa_console.dashboard.output.lines import Line, LineStore, Source
from papa_console.dashboard.output.rows import Rows, measure
from papa_console.dashboard.output.search import Matcher
from papa_console.dashboard.output.trouble import judge

_MEASURED = 1024  # lines at once


class Entry(NamedTuple):
    """A line in a view: whose, which, its content, and whether it is there by itself and not as context."""

    store: LineStore
    number: int
    line: Line
    match: bool


class View:
    """The lines of some stores as a pane shows them.

    Attributes:
        stores: whose lines; several are merged by time.
        revision: changes with every change.
        wrapped: whether the last search went on at the other end.
    """

    def __init__(self, stores: Sequence[LineStore]) -> None:
        self.stores = tuple(stores)
        self.revision = 0
        self.wrapped = False
        self._intake = Intake(stores)
        self._order = self._intake.order
        self._rows: Rows | None = None
        self._search: Index | None = None
        self._errors: Index | None = None

    # entries

    @property
    def first(self) -> int:
        """The number of the oldest entry."""
        return self._order.first

    @property
    def next(self) -> int:
        """The number after that of the newest entry."""
        return self._order.next

    @property
    def behind(self) -> int:
        """How many lines wait to be taken in."""
        return self._intake.behind

    def entry(self, number: int) -> Entry:
        """Return an entry.

        Raises:
            IndexError: there is none of this number, or its line has just gone.
        """
        if not self.first <= number < self.next:
            raise IndexError(number)
        place, line, match = split_key(self._order.keys[number - self.first])
        store = self.stores[place]
        return Entry(store, line, store.line(line), match)

    def at_time(self, when: float) -> int:
        """Return the first entry at an instant or after it."""
        return self._order.at_time(when)

    def update(self, budget: float = 0.01) -> bool:
        """Take in what the stores got, for about ``budget`` seconds; return whether anything has changed."""
        deadline = perf_counter() + budget
        changed = self._drop()
        for number in self._intake.grown():
            self._grow(number)
            changed = True
        while (start := self._intake.round()) is not None:
            self._renew(start)
            changed = True
            if perf_counter() > deadline:
                break
        for index in self._indices():
            changed |= index.advance(self.next, deadline)
        self.revision += changed
        return changed

    # filtering

    def set_streams(self, sources: frozenset[Source]) -> None:
        """Show the lines of these streams; what we have to say ourselves is always shown."""
        sieve = self._intake.sieve
        self._restart(Sieve(sources & STREAMS, sieve.matcher, sieve.context))

    def set_filter(self, matcher: Matcher | None, context: int = 0) -> None:
        """Show lines that match, and so many lines of the same process around each of them."""
        self._restart(Sieve(self._intake.sieve.streams, matcher, context))

    # searching

    def set_search(self, matcher: Matcher | None) -> None:
        """Look for something; ``update`` counts the matches little by little."""
        self._search = None
        if matcher is not None:
            intake = self._intake
            self._search = Index(lambda start, stop: _plus(start, matcher.select(intake.data(start, stop))), self.first)
        self.revision += 1

    @property
    def match_count(self) -> int:
        """How many entries match, as far as they have been searched."""
        return len(self._search.found) if self._search else 0

    @property
    def search_done(self) -> bool:
        """Whether all entries have been searched."""
        return self._search is None or self._search.done >= self.next

    def match_index(self, number: int) -> int | None:
        """Return the place of an entry among the matches found so far, from 1 on; None where it is none of them."""
        place = self._search.place(number) if self._search else None
        return None if place is None else place + 1

    def find(self, start: int, direction: int) -> int | None:
        """Return the nearest match at ``start`` or beyond, in the direction 1 or -1, from the other end if need be."""
        return self._find(self._search, start, direction) if self._search else None

    def next_error(self, start: int, direction: int) -> int | None:
        """Return the nearest line of an error in the same way.

        That is a line that tells a level of ERROR or above, the first of a run of lines of standard error, an end with
        a status other than 0, and a gap.
        """
        if self._errors is None:
            self._errors = Index(partial(judge, self._intake), self.first)
        return self._find(self._errors, start, direction)

    # rows

    def set_width(self, columns: int | None) -> None:
        """Wrap lines after so many columns; None for no wrapping, where a row is an entry."""
        if columns is None:
            self._rows = None
        elif self._rows is not None:
            self._rows.resize(columns)
        else:
            self._drop()
            self._rows = Rows(columns, self._bytes)
            self._measure(self.first)
        self.revision += 1

    @property
    def columns(self) -> int:
        """How many columns a row has; 0 for no wrapping."""
        return 0 if self._rows is None else self._rows.columns

    @property
    def first_row(self) -> int:
        """The first row."""
        return self.first if self._rows is None else self._rows.first

    @property
    def next_row(self) -> int:
        """The row after the last."""
        return self.next if self._rows is None else self._rows.next

    def locate(self, row: int) -> tuple[int, int]:
        """Return the entry in a row, and which of its rows this is, from 0 on."""
        if self._rows is None:
            return row, 0
        index, part = self._rows.locate(row)
        return self.first + index, part

    def row_of(self, entry: int) -> int:
        """Return the first row of an entry."""
        return entry if self._rows is None else self._rows.row_of(entry - self.first)

    # following what changes

    def _indices(self) -> Iterator[Index]:
        return (index for index in (self._search, self._errors) if index is not None)

    def _restart(self, sieve: Sieve) -> None:
        if sieve != self._intake.sieve:
            count = self.next - self.first
            self._intake.restart(sieve)
            self._forget(count)
            self.revision += 1

    def _drop(self) -> bool:
        count = self._intake.drop()
        if count:
            self._forget(count)
        return count > 0

    def _forget(self, count: int) -> None:
        """Take in that the oldest entries have gone."""
        for index in self._indices():
            index.cut(self.first)
        if self._rows is not None:
            self._rows.cut(count)

    def _renew(self, start: int) -> None:
        """Take in that entries from ``start`` on are others."""
        for index in self._indices():
            index.truncate(start)
        if self._rows is not None:
            self._rows.truncate(start - self.first)
            self._measure(start)

    def _grow(self, number: int) -> None:
        for index in self._indices():
            index.change(number)
        if self._rows is not None:
            self._rows.change(number - self.first, measure(self._intake.output(number, number + 1))[0])

    def _bytes(self, index: int) -> bytes | None:
        found = entry_of(self, self.first + index)
        return None if found is None else found.line.data

    def _measure(self, start: int) -> None:
        """Give rows to the entries from ``start`` on."""
        assert self._rows is not None
        for low in range(start, self.next, _MEASURED):
            self._rows.extend(measure(self._intake.output(low, min(low + _MEASURED, self.next))))

    def _find(self, index: Index, start: int, direction: int) -> int | None:
        self._drop()
        found = index.find(start, direction, self.first, self.next)
        self.wrapped = index.wrapped
        return found


def entry_of(view: View, number: int) -> Entry | None:
    """Return an entry; None where its line has gone since the view was brought up to date."""
    try:
        return view.entry(number)
    except IndexError:
        return None


def _plus(start: int, indices: list[int]) -> list[int]:
    return [start + index for index in indices]
