"""The table as a picture: how many times as good as papa 1.0.6 and as the limit, on a logarithmic scale.

The only module, with ``curve_plot``, that needs matplotlib.
"""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.speed.results import Result
from benchmarks.speed.table import Against

INK, FAINT, GRID = "#1f2933", "#7b8794", "#e4e7eb"
MET, MISSED, PLAIN, GOAL = "#2f855a", "#c05621", "#829ab1", "#1f2933"
TITLES = {"papa1": "beside papa 1.0.6", "limit": "beside the physical limit"}


def write(results: Sequence[Result], folder: Path) -> None:
    """Write speed.svg and speed.png."""
    shown = [result for result in results if any(_times(result, against) for against in TITLES)]
    figure = Figure(figsize=(11, 1.5 + 0.27 * len(shown)), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    for axis, against in zip(axes, TITLES, strict=True):
        _panel(axis, shown, against)
    axes[0].set_yticks(range(len(shown)), [result.row.title for result in shown], fontsize=8.5, color=INK)
    axes[0].invert_yaxis()
    figure.suptitle("papa 2: times as good  (▎goal; green met, orange missed, blue without a goal)", color=INK)
    save(figure, folder, "speed")


def save(figure: Figure, folder: Path, name: str) -> None:
    """Write a figure as SVG and PNG."""
    for kind in ("svg", "png"):
        figure.savefig(
            folder / f"{name}.{kind}", dpi=150, facecolor="white", metadata={"Date": None} if kind == "svg" else None
        )


def _times(result: Result, against: str) -> float | None:
    """Return how many times as good ours is; more is better, whatever the unit."""
    ratio = result.ratios.get(against)
    if not ratio:
        return None
    return ratio if result.row.more else 1 / ratio


def _panel(axis: Axes, results: Sequence[Result], against: str) -> None:
    for line, result in enumerate(results):
        if times := _times(result, against):
            _bar(axis, line, times, _colour(result, against))
            _mark_goal(axis, line, result, against)
    axis.set_xscale("log")
    low, high = axis.get_xlim()
    axis.set_xlim(min(low, 0.5) / 1.6, max(high, 2) * 2.2)
    axis.axvline(1, color=FAINT, linewidth=1)
    axis.set_title(TITLES[against], fontsize=10, color=INK)
    tidy(axis)


def _bar(axis: Axes, line: int, times: float, colour: str) -> None:
    """Draw a bar from 1 to the ratio, with the ratio beside its end."""
    axis.barh(line, times - 1, left=1, height=0.62, color=colour)
    beside = 4 if times >= 1 else -4
    axis.annotate(
        _times_text(times),
        (times, line),
        xytext=(beside, 0),
        textcoords="offset points",
        ha="left" if times >= 1 else "right",
        va="center",
        fontsize=7.5,
        color=INK,
    )


def _times_text(times: float) -> str:
    return f"{times:,.0f}" if times >= 10 else f"{times:.2g}"


def _colour(result: Result, against: str) -> str:
    """Return green or orange where the goal is against this, blue elsewhere."""
    if result.row.goal is None or result.row.goal.against is not Against(against):
        return PLAIN
    return MET if result.met else MISSED


def _mark_goal(axis: Axes, line: int, result: Result, against: str) -> None:
    goal = result.row.goal
    if goal is not None and goal.against is Against(against):
        at = goal.bound if result.row.more else 1 / goal.bound
        axis.plot([at, at], [line - 0.42, line + 0.42], color=GOAL, linewidth=2.5, solid_capstyle="butt")


def tidy(axis: Axes) -> None:
    """Leave only what is read: no box, a faint grid."""
    axis.spines[:].set_visible(False)
    axis.grid(axis="x", color=GRID, linewidth=0.8)
    axis.set_axisbelow(True)
    axis.tick_params(axis="both", length=0, labelsize=8.5, labelcolor=FAINT)
