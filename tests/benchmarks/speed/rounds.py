"""Rounds: each bench measures our kernel, papa 1.0.6 and the limit one after the other, in another order each time."""

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.speed.benches import BENCHES
from benchmarks.speed.guard import deadline
from benchmarks.speed.requests import Found
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.subjects import PAPA_1, Subject

COLUMNS = ("ours", "papa1", "limit")


@dataclass
class Cell:
    """What one subject reached in one row.

    Args:
        rounds: its value in each round, None where it failed.
        failure: why it failed last.
    """

    rounds: list[float | None] = field(default_factory=list)
    failure: str = ""


Cells = dict[str, dict[str, Cell]]


def measure(rows: dict[str, list[str]], ours: Subject, sizes: Sizes, rounds: int) -> Cells:
    """Return what every row (by key) and column reached.

    Args:
        rows: the keys of the rows wanted of each bench.
        ours: our kernel.
        sizes: how much.
        rounds: how often.
    """
    cells: Cells = {key: {} for keys in rows.values() for key in keys}
    for number in range(rounds):
        for bench, keys in rows.items():
            if number < BENCHES[bench].rounds:
                started = time.monotonic()
                _measure_bench(cells, bench, keys, _rotated(ours, number), sizes)
                took = time.monotonic() - started
                print(f"round {number + 1} of {rounds}: {bench}, {took:.1f} s", file=sys.stderr, flush=True)
    return cells


def _rotated(ours: Subject, number: int) -> list[Subject | None]:
    """Return the subjects, None for the limit, beginning with another one each time."""
    subjects: list[Subject | None] = [ours, PAPA_1, None]
    start = number % len(subjects)
    return subjects[start:] + subjects[:start]


def _measure_bench(cells: Cells, bench: str, keys: Iterable[str], subjects: list[Subject | None], sizes: Sizes) -> None:
    for subject in subjects:
        found, failure = _try(bench, subject, sizes)
        column = subject.key if subject else "limit"
        for key in keys:
            if failure or key in found:
                cell = cells[key].setdefault(column, Cell())
                cell.rounds.append(found.get(key))
                cell.failure = failure or cell.failure


def _try(bench: str, subject: Subject | None, sizes: Sizes) -> tuple[Found, str]:
    """Measure once; return what was found, or why nothing was."""
    way = BENCHES[bench]
    if subject is None and way.limit is None:
        return {}, ""
    try:
        with deadline(way.seconds):
            return (way.limit(sizes) if way.limit else {}) if subject is None else way.measure(subject, sizes), ""
    except Exception as error:  # noqa: BLE001 - whatever fails for one subject is said in the table
        return {}, f"{type(error).__name__}: {error}".strip()[:120]
