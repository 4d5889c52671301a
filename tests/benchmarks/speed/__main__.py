"""``python -m benchmarks.speed [ROW…]``: measure, and write the table as text, JSON and a plot."""

import argparse
import gc
import os
import time
from pathlib import Path

from benchmarks.speed import curves, guard, report
from benchmarks.speed.places import BENCH_VENV, PEERS_VENV, RESULTS, SCREENSHOTS
from benchmarks.speed.results import Result, conclude
from benchmarks.speed.rounds import measure
from benchmarks.speed.scale import machine_limit
from benchmarks.speed.sizes import FULL, QUICK, Sizes
from benchmarks.speed.subjects import PAPA_1, Subject, ours
from benchmarks.speed.table import ROWS

RESULTS_HELP = f"where speed.txt and speed.json go (default: {RESULTS}, but nowhere where rows are named)"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only the rows whose names begin like this, or `curves`")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often (default: 5)")
    parser.add_argument("--quick", action="store_true", help="just enough to see that it works, one round")
    parser.add_argument("--working-tree", action="store_true", help="our kernel from the repository, not installed")
    parser.add_argument("--results", type=Path, metavar="DIR", help=RESULTS_HELP)
    parser.add_argument("--plot", action="store_true", help="write speed.svg and speed.png too")
    parser.add_argument("--pictures", type=Path, default=SCREENSHOTS, metavar="DIR", help="where pictures go")
    parser.add_argument("--readme", action="store_true", help="write the README's table too")
    parser.add_argument("--list", action="store_true", help="list the rows")
    return parser.parse_args()


def _selected(prefixes: list[str]) -> dict[str, list[str]]:
    """Return the keys of the rows wanted, by bench."""
    rows: dict[str, list[str]] = {}
    for row in ROWS:
        if not prefixes or any(row.key.startswith(prefix) for prefix in prefixes):
            rows.setdefault(row.bench, []).append(row.key)
    if not rows:
        raise SystemExit(f"No row begins like {' or '.join(prefixes)}; --list lists them")
    return rows


def _check_environments(*, working_tree: bool) -> None:
    needed = [PEERS_VENV / "bin" / "papa"] + ([] if working_tree else [BENCH_VENV / "bin" / "papa"])
    for program in needed:
        if not program.exists():
            raise SystemExit(f"{program} is missing: run `make bench`, or `make peers` and use --working-tree")


def _notes(sizes: Sizes) -> list[str]:
    count, bound = machine_limit(sizes.scale)
    notes = [
        "Round trips and lists: client and kernel share a CPU.",
        f"papa 1.0.6 holds {PAPA_1.most} processes where more are named: it has a thread for each.",
    ]
    if bound:
        notes.append(f"This machine's {bound} bounds the number of processes at {count:,}.")
    return notes


def _draw_curves(options: argparse.Namespace, subject: Subject) -> None:
    """Measure growth and write its pictures and its JSON."""
    from benchmarks.speed.curve_plot import write as write_curves

    pictures = curves.measure(subject, QUICK if options.quick else FULL, 1 if options.quick else options.rounds)
    folder = options.results or RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "growth.json").write_text(curves.document(pictures))
    write_curves(pictures, options.pictures)


def _measure(options: argparse.Namespace, subject: Subject) -> tuple[list[Result], report.Setting]:
    sizes = QUICK if options.quick else FULL
    rounds = 1 if options.quick else options.rounds
    when, before = time.strftime("%Y-%m-%d %H:%M"), os.getloadavg()[0]
    results = conclude(measure(_selected(options.rows), subject, sizes, rounds))
    kernel = "our kernel from the working tree" if options.working_tree else "our kernel as installed from a wheel"
    return results, report.Setting(when, rounds, kernel, before, os.getloadavg()[0], _notes(sizes))


def main() -> None:
    """Measure and write."""
    options = _arguments()
    if options.list:
        print("\n".join(f"{row.key:<24} {row.title}" for row in ROWS))
        return
    _check_environments(working_tree=options.working_tree)
    guard.prepare()
    gc.disable()
    try:
        _run(options, ours(working_tree=options.working_tree))
    finally:
        guard.end_children()


def _run(options: argparse.Namespace, subject: Subject) -> None:
    if options.rows == ["curves"]:
        _draw_curves(options, subject)
        return
    results, setting = _measure(options, subject)
    if folder := options.results or (None if options.rows else RESULTS):
        report.write(folder, results, setting)
    print(report.text(results, setting))
    if options.plot:
        from benchmarks.speed.plot import write as write_plot  # matplotlib takes a while to import

        write_plot(results, options.pictures)
    if options.readme:
        report.write_readme(results, setting)


if __name__ == "__main__":
    main()
