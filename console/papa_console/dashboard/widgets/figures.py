"""Figures of a table: amounts, ages, bars and sparklines in few columns. Pure."""

import math
from collections.abc import Sequence

from papa_console.text import duration

UNKNOWN = "–"
_UNITS = ("", "k", "m", "g", "t", "p")
_SPARKS = " ▁▂▃▄▅▆"  # taller blocks would run into the row above
_EIGHTHS = " ▏▎▍▌▋▊▉"
_DAY = 86400


def amount(count: float | None) -> str:
    """Return a count of bytes in at most five columns: ``532``, ``9.8k``, ``121m``."""
    if count is None:
        return UNKNOWN
    scaled, power = max(float(count), 0.0), 0
    while scaled >= 1023.5 and power < len(_UNITS) - 1:
        scaled, power = scaled / 1024, power + 1
    digits = 1 if power and scaled < 9.95 else 0
    return f"{scaled:.{digits}f}".removesuffix(".0") + _UNITS[power]


def age(seconds: float | None) -> str:
    """Return a length of time in at most six columns, in whole seconds, so that a still list stands still."""
    if seconds is None:
        return UNKNOWN
    whole = int(max(seconds, 0))
    if whole < 60:
        return f"{whole}s"
    return duration(whole) if whole < 100 * _DAY else f"{whole // _DAY}d"


def soon(seconds: float) -> str:
    """Return how long something has yet, in at most three columns: ``38s``, ``12m``, ``3h``."""
    whole = int(max(seconds, 0))
    for unit, size in (("s", 1), ("m", 60), ("h", 3600)):
        if whole < 100 * size:
            return f"{whole // size}{unit}"
    return f"{min(whole // _DAY, 99)}d"


def percentage(percent: float | None) -> str:
    """Return percents of a processor in at most five columns."""
    if percent is None:
        return UNKNOWN
    return f"{percent:.1f}" if percent < 9.95 else f"{percent:.0f}"


def share(part: float, whole: float) -> str:
    """Return a part of a whole in percent; 0 and 100 are told only of none and all of it."""
    if whole <= 0 or part <= 0:
        return "0%"
    return "<1%" if part * 100 < whole else f"{min(int(100 * part / whole), 100)}%"


def bar(fraction: float, columns: int) -> str:
    """Return a bar in eighths of columns, padded; what is not empty shows at least one eighth."""
    eighths = min(max(math.floor(fraction * columns * 8), 1 if fraction > 0 else 0), columns * 8)
    whole, rest = divmod(eighths, 8)
    return ("█" * whole + (_EIGHTHS[rest] if rest else "")).ljust(columns)


def sparkline(rates: Sequence[float]) -> str:
    """Return a column for each rate, the greatest of them the tallest."""
    top = max(rates, default=0.0)
    steps = len(_SPARKS) - 1
    return "".join(_SPARKS[min(math.ceil(steps * rate / top), steps)] if rate > 0 else " " for rate in rates)
