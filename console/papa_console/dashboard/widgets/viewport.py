"""Which rows of a view are on the screen: following the newest line, or holding still where the user reads.

Rows have absolute numbers, so nothing moves when old lines go. Where a filter, the width or the streams change, all
rows are numbered anew: a place, which names a line, finds its row again, as soon as the view has got that far.
"""

from typing import NamedTuple

from papa_console.dashboard.output.view import View, entry_of

_SAME_TIME = 20_000  # so many lines of one instant are looked at for a place


class Place(NamedTuple):
    """Where somebody reads: a line, by its time, process and number; whether the newest lines are followed; how far in.

    That is counted in columns of the line, since in another width it has other rows.
    """

    time: float
    name: str
    number: int
    following: bool
    columns: int


class Viewport:
    """The rows on the screen.

    Args:
        view: what is shown.
        height: how many rows fit.
    """

    def __init__(self, view: View, height: int = 0) -> None:
        self.view = view
        self.height = height
        self.top = view.first_row
        self.following = True
        self._held = view.next
        self._wanted: Place | None = None

    @property
    def end(self) -> int:
        """The top row at which the newest line is in view."""
        return max(self.view.next_row - self.height, self.view.first_row)

    @property
    def arrived(self) -> int:
        """How many lines have come since the newest was no longer followed."""
        return 0 if self.following else max(self.view.next - max(self._held, self.view.first), 0)

    @property
    def rows(self) -> range:
        """The rows on the screen."""
        return range(self.top, min(self.top + self.height, self.view.next_row))

    def at(self, y: int) -> tuple[int, int] | None:
        """Return the entry in a row of the screen, and which of its rows; None below the last."""
        row = self.top + y
        return self.view.locate(row) if self.view.first_row <= row < self.view.next_row else None

    def entries(self) -> range:
        """Return the entries on the screen."""
        rows = self.rows
        return range(self.view.locate(rows[0])[0], self.view.locate(rows[-1])[0] + 1) if rows else range(0)

    def settle(self) -> None:
        """Find the place again after the view has changed."""
        if self._wanted is not None:
            self._find(self._wanted)
        if self.following:
            self.top = self.end
        else:
            self.top = min(max(self.top, self.view.first_row), max(self.end, self.view.first_row))

    def go(self, row: int) -> None:
        """Put a row at the top; the end of what there is follows, any other place holds still."""
        self._wanted = None
        self.top = min(max(row, self.view.first_row), self.end)
        self.follow(self.top >= self.end)

    def follow(self, following: bool) -> None:
        """Follow the newest line, or hold still here."""
        if self.following and not following:
            self._held = self.view.next
        self.following = following
        if following:
            self._wanted = None
            self.top = self.end

    def reveal(self, entry: int, part: int = 0) -> None:
        """Bring a row of an entry into view, a third from the top where it is not there yet, and hold still."""
        row = self.view.row_of(entry) + part
        if row not in self.rows:
            self.top = min(max(row - self.height // 3, self.view.first_row), self.end)
        self._wanted = None
        self.follow(False)

    def place(self) -> Place | None:
        """Return where somebody reads; None where nothing is shown."""
        if self._wanted is not None:
            return self._wanted
        rows = self.rows
        if not rows:
            return None
        number, part = self.view.locate(rows[0])
        entry = entry_of(self.view, number)
        far = part * self.view.columns
        return entry and Place(entry.line.time, entry.store.name, entry.number, self.following, far)

    def want(self, place: Place | None) -> None:
        """Go to a place once the view has got there: for when rows are numbered anew."""
        self._wanted = place
        if place is not None:
            self.following = place.following

    def _find(self, place: Place) -> None:
        view = self.view
        if view.next == view.first:
            return
        nearest = self._nearest(place)
        self.top = view.row_of(nearest)
        entry = entry_of(view, nearest)
        if place.columns and view.columns and entry is not None and entry.number == place.number:
            self.top = min(self.top + place.columns // view.columns, view.row_of(nearest + 1) - 1)
        if not view.behind:
            self._wanted = None
            self._held = view.next

    def _nearest(self, place: Place) -> int:
        """Return the entry of a place, or the first one after it where that is not shown."""
        view = self.view
        first = min(view.at_time(place.time), view.next - 1)
        for number in range(first, min(first + _SAME_TIME, view.next)):
            entry = entry_of(view, number)
            if entry is None:
                continue
            if entry.line.time > place.time:
                break
            if entry.store.name == place.name and entry.number >= place.number:
                return number
        return first
