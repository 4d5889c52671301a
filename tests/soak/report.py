"""The figures of a run, as tables."""

from collections import Counter
from collections.abc import Sequence

from soak.plans import MIB
from soak.rounds import Figures
from soak.vitals import Vitals

_HEAD = ("round", "actions", "MiB", "upgrades", "most MiB", "idle MiB", "most fds", "idle fds", "most children")


def _table(rows: Sequence[Sequence[object]]) -> str:
    """Return rows as text, the first as a heading; the first column to the left, the others to the right."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return "\n".join("  ".join(map(_place, row, widths, range(len(row)))) for row in texts)


def _place(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column else cell.ljust(width)


def _mib(number: int) -> str:
    return f"{number / MIB:,.1f}"


def _row(title: str, figures: Figures) -> tuple[object, ...]:
    after = figures.after
    return (
        title, f"{figures.actions.total():,}", _mib(figures.bytes.total()), figures.actions["upgrades"],
        _mib(figures.most_resident), _mib(after.resident), figures.most_descriptors,
        after.descriptors.total(), figures.most_children,
    )  # fmt: skip


def over_time(fresh: Vitals, rounds: Sequence[Figures]) -> str:
    """Return a table with a row for each round."""
    first = ("before", 0, 0, 0, "", _mib(fresh.resident), "", fresh.descriptors.total(), "")
    titles = ["1 (warm-up)", *map(str, range(2, len(rounds) + 1))]
    return _table([_HEAD, first, *map(_row, titles, rounds)])


def by_actor(rounds: Sequence[Figures]) -> str:
    """Return a table with a row for each kind of actor."""
    actions, checked = Counter[str](), Counter[str]()
    for figures in rounds:
        actions.update(figures.actions)
        checked.update(figures.bytes)
    rows = [(kind, f"{actions[kind]:,}", _mib(checked[kind])) for kind in sorted(actions)]
    total = ("all", f"{actions.total():,}", _mib(checked.total()))
    return _table([("actor", "actions", "MiB checked"), *rows, total])
