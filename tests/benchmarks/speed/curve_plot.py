"""The growth curves as pictures: one panel for each figure, one line for each subject, named at its end."""

from pathlib import Path
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator

from benchmarks.speed.curves import Points, medians
from benchmarks.speed.plot import FAINT, INK, save, tidy

PANELS = {
    "get": "get and wait, µs",
    "delay": "from a write to its watcher, ms",
    "spawn": "starting processes, per second",
    "memory": "resident memory of the kernel, MiB",
    "replies": "replies per second, all clients",
    "p99": "wait for a reply, p99, ms",
}
TITLES = {"growth-processes": "processes held", "growth-clients": "clients, each asking and waiting"}
LINES = {
    "ours": ("papa 2", "#2b6cb0", 2.4),
    "papa1": ("papa 1.0.6", "#c05621", 1.8),
    "limit": ("limit", "#7b8794", 1.2),
}


def write(pictures: dict[str, Points], folder: Path) -> None:
    """Write a picture for each kind of growth."""
    for name, points in pictures.items():
        rows = (len(points) + 1) // 2
        figure = Figure(figsize=(10, 0.7 + 3.1 * rows), layout="constrained")
        shown = [what for what in PANELS if what in points]
        for axis, what in zip(figure.subplots(rows, 2).flat, shown, strict=False):
            _panel(axis, PANELS[what], points[what])
            axis.set_xlabel(TITLES[name], fontsize=8.5, color=FAINT)
        figure.legend(handles=_legend(), loc="outside upper center", ncols=3, frameon=False, labelcolor=INK)
        save(figure, folder, name)


def _legend() -> list[Line2D]:
    return [
        Line2D([], [], color=colour, linewidth=width, linestyle=_dashes(key), marker="o", markersize=4, label=name)
        for key, (name, colour, width) in LINES.items()
    ]


def _dashes(key: str) -> Literal["--", "-"]:
    return "--" if key == "limit" else "-"


def _panel(axis: Axes, title: str, curves: dict[str, dict[int, list[float]]]) -> None:
    for key, (_, colour, width) in LINES.items():
        if key in curves:
            places, values = medians(curves[key])
            axis.plot(places, values, _dashes(key), color=colour, linewidth=width, marker="o", markersize=4)
    axis.set_xscale("log")
    axis.set_yscale("log")
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_formatter(FuncFormatter(plain))
        side.set_minor_formatter(FuncFormatter(lambda *_: ""))
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_title(title, fontsize=10, color=INK, loc="left")
    axis.margins(y=0.15)
    _widen(axis)
    tidy(axis)
    axis.grid(axis="y", color="#e4e7eb", linewidth=0.8)


def _widen(axis: Axes) -> None:
    """Show a factor of ten at least, so that small differences look small."""
    low, high = axis.get_ylim()
    missing = 10 * low / high
    if missing > 1:
        axis.set_ylim(low / missing**0.5, high * missing**0.5)


def plain(value: float, _: int | None = None) -> str:
    """Return a tick's number without an exponent."""
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
