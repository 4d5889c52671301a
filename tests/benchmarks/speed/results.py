"""From what was measured to what is told: medians, ratios within rounds, and whether goals are met."""

from dataclasses import dataclass
from statistics import median

from benchmarks.speed.rounds import Cell, Cells
from benchmarks.speed.table import ROWS, Against, Goal, Row


@dataclass(frozen=True)
class Result:
    """One row, measured.

    Args:
        row: what it is.
        cells: by column.
        medians: by column, where it did not fail.
        ratios: ours beside papa 1.0.6 (``papa1``), the limit and the row that the goal names.
        met: whether the goal is met; None where there is none or it could not be measured.
    """

    row: Row
    cells: dict[str, Cell]
    medians: dict[str, float]
    ratios: dict[str, float]
    met: bool | None


def conclude(cells: Cells) -> list[Result]:
    """Return the results of the rows that were measured."""
    return [_conclude(row, cells) for row in ROWS if cells.get(row.key)]


def _conclude(row: Row, cells: Cells) -> Result:
    mine = cells[row.key]
    medians = {column: middle for column, cell in mine.items() if (middle := _median(cell)) is not None}
    others = {"papa1": mine.get("papa1"), "limit": mine.get("limit")}
    if row.goal and row.goal.against is Against.ROW:
        others["row"] = cells.get(row.goal.row, {}).get("ours")
    ratios = {name: ratio for name, other in others.items() if (ratio := _ratio(mine.get("ours"), other)) is not None}
    return Result(row, mine, medians, ratios, _met(row, medians, ratios))


def _median(cell: Cell) -> float | None:
    values = [value for value in cell.rounds if value is not None]
    return median(values) if values else None


def _ratio(mine: Cell | None, other: Cell | None) -> float | None:
    """Return the median of the ratios within rounds."""
    if mine is None or other is None:
        return None
    pairs = zip(mine.rounds, other.rounds, strict=False)
    ratios = [value / beside for value, beside in pairs if value is not None and beside]
    return median(ratios) if ratios else None


def _met(row: Row, medians: dict[str, float], ratios: dict[str, float]) -> bool | None:
    if row.goal is None:
        return None
    found = medians.get("ours") if row.goal.against is Against.ITSELF else ratios.get(row.goal.against.value)
    if found is None:
        return None
    return found >= row.goal.bound if row.more else found <= row.goal.bound


def is_told(result: Result) -> bool:
    """Whether the README and the picture show it: figures with a goal, and the client's."""
    return result.row.goal is not None or result.row.bench == "client"


def goal_text(row: Row) -> str:
    """Return a goal in words."""
    return "" if row.goal is None else f"{'≥' if row.more else '≤'} {_bound_text(row.goal, row.unit)}"


def _bound_text(goal: Goal, unit: str) -> str:
    if goal.against is Against.ITSELF:
        return f"{goal.bound:,g} {unit}".strip()
    beside = {Against.PAPA_1: "papa 1.0.6", Against.LIMIT: "limit", Against.ROW: "without others"}
    return f"{goal.bound:g} x {beside[goal.against]}"


def ratio_text(ratio: float) -> str:
    """Return two decimals, or one digit of what is smaller."""
    return f"{ratio:.2f}" if ratio >= 0.01 else f"{ratio:.1g}"


def number_text(value: float) -> str:
    """Return three significant digits, without an exponent."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
