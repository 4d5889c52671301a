"""The table as a picture: how many times as good as papa 1.0.6 and as the limit, on a logarithmic scale.

The only module, with ``curve_plot``, that needs matplotlib.
"""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from benchmarks.speed.results import Result, is_told
from benchmarks.speed.table import Against

INK, FAINT, GRID = "#1f2933", "#7b8794", "#e4e7eb"
MET, MISSED, PLAIN = "#2f855a", "#dd6b20", "#829ab1"
TITLES = {"papa1": "times as good as papa 1.0.6", "limit": "times as good as the physical limit"}


def write(results: Sequence[Result], folder: Path) -> None:
    """Write speed.svg and speed.png: the rows with a goal, and the client's."""
    shown = [result for result in results if _is_shown(result)]
    figure = Figure(figsize=(11, 1.4 + 0.26 * len(shown)), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    for axis, against in zip(axes, TITLES, strict=True):
        _panel(axis, shown, against)
    axes[0].set_yticks(range(len(shown)), [result.row.title for result in shown], fontsize=8.5)
    axes[0].tick_params(axis="y", labelcolor=INK)
    axes[0].set_ylim(len(shown) - 0.4, -0.6)
    figure.legend(handles=_legend(), loc="outside upper center", ncols=4, frameon=False, fontsize=9, labelcolor=INK)
    save(figure, folder, "speed")


def _is_shown(result: Result) -> bool:
    return is_told(result) and any(_times(result, against) for against in TITLES)


def _legend() -> list[Patch | Line2D]:
    colours = {"goal met": MET, "goal missed": MISSED, "no goal": PLAIN}
    patches: list[Patch | Line2D] = [Patch(color=colour, label=label) for label, colour in colours.items()]
    goal = Line2D([], [], color=INK, marker="|", markersize=12, markeredgewidth=2.5, linestyle="none")
    goal.set_label("the goal, where it is beside this")
    return [*patches, goal]


def save(figure: Figure, folder: Path, name: str) -> None:
    """Write a figure as SVG and PNG."""
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    figure.savefig(folder / f"{name}.png", dpi=150)


def _times(result: Result, against: str) -> float | None:
    """Return how many times as good ours is; more is better, whatever the unit."""
    ratio = result.ratios.get(against)
    if not ratio:
        return None
    return ratio if result.row.more else 1 / ratio


def _goal(result: Result, against: str) -> float | None:
    """Return the goal in the same measure, where it is beside this."""
    goal = result.row.goal
    if goal is None or goal.against is not Against(against):
        return None
    return goal.bound if result.row.more else 1 / goal.bound


def _panel(axis: Axes, results: Sequence[Result], against: str) -> None:
    for line, result in enumerate(results):
        if times := _times(result, against):
            _bar(axis, line, times, {True: MET, False: MISSED, None: PLAIN}[result.met])
            _marks(axis, line, times, _goal(result, against))
    axis.set_xscale("log")
    low, high = axis.get_xlim()
    axis.set_xlim(min(low, 0.5) / 2, max(high, 2) * 2.5)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.xaxis.set_minor_locator(NullLocator())
    axis.axvline(1, color=FAINT, linewidth=1)
    axis.set_title(TITLES[against], fontsize=10, color=INK, loc="left")
    tidy(axis)


def _bar(axis: Axes, line: int, times: float, colour: str) -> None:
    """Draw a bar from 1 to the ratio."""
    axis.barh(line, times - 1, left=1, height=0.62, color=colour)


def _marks(axis: Axes, line: int, times: float, goal: float | None) -> None:
    """Mark the goal, and write the ratio beyond both."""
    if goal is not None:
        axis.plot([goal, goal], [line - 0.42, line + 0.42], color=INK, linewidth=2.5, solid_capstyle="butt")
    right = times >= 1
    beyond = times if goal is None else (max if right else min)(times, goal)
    axis.annotate(
        _times_text(times),
        (beyond, line),
        xytext=(5 if right else -5, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center",
        fontsize=7.5,
        color=INK,
    )


def _times_text(times: float) -> str:
    if times >= 10:
        return f"{times:,.0f}"
    return f"{times:.2g}" if times >= 0.001 else f"{times:.0e}"


def tidy(axis: Axes) -> None:
    """Leave only what is read: no box, a faint grid."""
    axis.spines[:].set_visible(False)
    axis.grid(axis="x", color=GRID, linewidth=0.8)
    axis.set_axisbelow(True)
    axis.tick_params(axis="both", which="both", length=0, labelsize=8.5, labelcolor=FAINT)
