"""The report: as text, as JSON, and as a table in the README."""

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.speed.places import README
from benchmarks.speed.results import Result, goal_text, is_told, number_text, ratio_text

HEADINGS = ("measured", "papa 2", "papa 1.0.6", "limit", "x papa 1.0.6", "x limit", "goal", "met")
BEGIN, END = "<!-- speed table: written by make bench -->", "<!-- end of the speed table -->"


@dataclass(frozen=True)
class Setting:
    """When and where it was measured."""

    when: str
    rounds: int
    kernel: str
    load_before: float
    load_after: float
    notes: list[str]
    cpus: int = os.cpu_count() or 0
    python: str = platform.python_version()
    system: str = f"{platform.system()} {platform.release()}"

    def text(self) -> str:
        """Return it in one paragraph."""
        return (
            f"{self.when}, {self.kernel}, {self.rounds} rounds; Python {self.python}, {self.system}, {self.cpus} CPUs,"
            f" load {self.load_before:.1f} before and {self.load_after:.1f} after. {' '.join(self.notes)}"
        ).strip()


def _cells(result: Result) -> list[str]:
    """Return the columns of a row."""
    columns = [_cell(result, column) for column in ("ours", "papa1", "limit")]
    ratios = [ratio_text(result.ratios[name]) if name in result.ratios else "" for name in ("papa1", "limit")]
    met = {True: "yes", False: "NO", None: ""}[result.met]
    goal = goal_text(result.row)
    if "row" in result.ratios:
        goal += f" ({ratio_text(result.ratios['row'])})"
    return [result.row.title, *columns, *ratios, goal, met]


def _cell(result: Result, column: str) -> str:
    cell = result.cells.get(column)
    if cell is None:
        return ""
    if column not in result.medians:
        return "failed"
    return f"{number_text(result.medians[column])} {result.row.unit}".strip()


def text(results: list[Result], setting: Setting) -> str:
    """Return the table for a terminal, with what failed below it."""
    rows = [list(HEADINGS), *(_cells(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(_padded(row, widths)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    judged = [result.met for result in results if result.met is not None]
    summary = f"{judged.count(True)} of {len(judged)} goals met."
    return "\n".join([*lines, "", summary, setting.text(), *_failures(results), ""])


def _padded(row: list[str], widths: list[int]) -> list[str]:
    """Align words to the left and numbers to the right."""
    left = {0, 6, 7}
    return [
        cell.ljust(width) if column in left else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def _failures(results: list[Result]) -> list[str]:
    failed = {
        (column, result.row.bench, cell.failure): cell.rounds.count(None)
        for result in results
        for column, cell in result.cells.items()
        if cell.failure
    }
    names = {"ours": "papa 2", "papa1": "papa 1.0.6", "limit": "limit"}
    return [f"{names[column]}, {bench}: failed {count} x: {why}" for (column, bench, why), count in failed.items()]


def document(results: list[Result], setting: Setting) -> str:
    """Return everything as JSON."""
    rows: list[dict[str, Any]] = []
    for result in results:
        row = asdict(result.row) | {"goal": goal_text(result.row), "met": result.met, "ratios": result.ratios}
        row["columns"] = {
            column: asdict(cell) | {"median": result.medians.get(column)} for column, cell in result.cells.items()
        }
        rows.append(row)
    return json.dumps({"setting": asdict(setting), "rows": rows}, indent=1, ensure_ascii=False) + "\n"


def write(folder: Path, results: list[Result], setting: Setting) -> None:
    """Write speed.txt and speed.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "speed.txt").write_text(text(results, setting))
    (folder / "speed.json").write_text(document(results, setting))


def write_readme(results: list[Result], setting: Setting) -> None:
    """Replace the README's table, between its two marks."""
    rows = [
        list(HEADINGS),
        ["---", "--:", "--:", "--:", "--:", "--:", "---", "---"],
        *map(_cells, filter(is_told, results)),
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    before, begin, rest = README.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{README} has no lines {BEGIN} and {END}")
    README.write_text(f"{before}{begin}\n\n{table}\n\n{setting.text()}\n\n{end}{after}")
