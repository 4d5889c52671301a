"""What a table shows, without a screen: names, filter, order, cursor and marks together. Pure."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Generic

from papa_console.dashboard.widgets.columns import Column, F
from papa_console.dashboard.widgets.table_rows import Filter, Names, Rows, ordered


class Model(Generic[F]):
    """The rows of a table and why they are these, in this order.

    Args:
        columns: all columns there are; the first shows names.
        sort: the id of the column to sort by at first.
    """

    def __init__(self, columns: Sequence[Column[F]], sort: str) -> None:
        self.columns = columns
        self.by = next(column for column in columns if column.id == sort)
        self.backwards = False
        self.names = Names()
        self.filter = Filter()
        self.rows = Rows()
        self.facts: F | None = None

    def take(self, facts: F, names: Collection[str]) -> bool:
        """Take what columns draw from and the names that there are now; whether rows have to be ordered again."""
        self.facts = facts
        return self.names.take(names) or not self.by.steady

    def order(self, *, recall: bool = False) -> bool:
        """Sort and filter; whether there are other rows now, or another order.

        Args:
            recall: whether the cursor goes back to where the user had it, if it may.
        """
        keys = self.in_order(self.names.passing(self.filter))
        changed = keys != self.rows.keys
        if changed:
            self.rows.place(keys, recall=recall, heir=self.heir)
        self.rows.keep_marks(self.knows)
        return changed

    def in_order(self, names: list[str]) -> list[str]:
        """Return the rows to show for some names, in order."""
        return self.by_column(names)

    def by_column(self, keys: list[str]) -> list[str]:
        """Return rows, which are in the order of their names, in that of the column that sorts."""
        facts, order = self.facts, self.by.order
        if facts is None or order is None:
            return keys
        if self.by is self.columns[0]:
            return keys[::-1] if self.backwards else keys
        return ordered(keys, partial(order, facts), falling=self.falling)

    @property
    def falling(self) -> bool:
        """Whether the greatest comes first."""
        return self.by.falling != self.backwards

    @property
    def arrow(self) -> str:
        """The sign of the direction in which rows are sorted."""
        return "▼" if self.falling else "▲"

    def sort_by(self, column_id: str, *, backwards: bool) -> None:
        """Sort by a column from now on; ids that are not known are not heeded."""
        for column in self.columns:
            if column.id == column_id and column.order:
                self.by, self.backwards = column, backwards

    def following(self) -> str:
        """Return the id of the column to sort by after this one."""
        able = [column.id for column in self.columns if column.order]
        return able[(able.index(self.by.id) + 1) % len(able)]

    def set_filter(self, text: str) -> None:
        """Let only names through that contain ``text``, or, after ``!``, do not."""
        self.filter = Filter(text)

    def heir(self, key: str) -> str | None:  # noqa: ARG002 - for subclasses
        """Return the row to which the cursor goes first of all when the row with ``key`` goes."""
        return None

    def knows(self, key: str) -> bool:
        """Whether there is such a row, though perhaps a filter hides it."""
        return key in self.names
