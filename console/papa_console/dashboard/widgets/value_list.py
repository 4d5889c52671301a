"""The list of values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType

from papa_console.dashboard.actions import Where, bindings
from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Snapshot
from papa_console.dashboard.widgets.columns import Cell, Column, tidy
from papa_console.dashboard.widgets.figures import UNKNOWN, age
from papa_console.dashboard.widgets.held_list import HeldList, Vitals
from papa_console.dashboard.widgets.table import VirtualTable
from papa_console.dashboard.widgets.table_model import Model

_SORTED_BY = 64  # characters of a value


@dataclass(frozen=True)
class ValueFacts:
    """What is known now.

    Args:
        values: what the kernel holds.
        changes: when each was seen to become what, the oldest first; the first is how it was found.
        now: the time, in seconds since 1970.
    """

    values: Mapping[str, str]
    changes: Mapping[str, Sequence[tuple[float, str]]]
    now: float

    def age(self, name: str) -> float | None:
        """Return how long ago a value changed, None where no change was seen."""
        seen = self.changes.get(name, ())
        return self.now - seen[-1][0] if len(seen) > 1 else None


def _name(_: ValueFacts, key: str, __: int) -> Cell:
    return ((tidy(key), "name"),)


def _value(facts: ValueFacts, key: str, width: int) -> Cell:
    text = facts.values.get(key, "")
    return ((tidy(text[: width + 1]), "") if text else ('""', "muted"),)


def _age(facts: ValueFacts, key: str, _: int) -> Cell:
    seconds = facts.age(key)
    return ((UNKNOWN if seconds is None else age(seconds), "muted"),)


COLUMNS: tuple[Column[ValueFacts], ...] = (
    Column("name", "Name", _name, lambda _, key: key, least=6, steady=True),
    Column("value", "Value", _value, lambda facts, key: facts.values.get(key, "")[:_SORTED_BY], least=10, most=999),
    Column("age", "Change", _age, ValueFacts.age, least=7, rank=1, right=True),
)


class ValueTable(VirtualTable[ValueFacts]):
    """The table."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Where.VALUES))
    kind = "values"

    def __init__(self) -> None:
        super().__init__(Model(COLUMNS, "name"), "no values")


class ValueList(HeldList):
    """The values."""

    kind = "values"
    heading = "3 Values"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.table = ValueTable()

    def show(self, snapshot: Snapshot, history: History, vitals: Vitals, now: float) -> None:  # noqa: ARG002
        """Show what the kernel holds."""
        self.table.show(ValueFacts(snapshot.values, history.values, now), snapshot.values)
        self.retitle()
