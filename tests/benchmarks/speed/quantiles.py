"""Medians and percentiles."""

from collections.abc import Sequence


def part(values: Sequence[float], share: float) -> float:
    """Return a quantile: 0.5 for the median, 0.99 for the 99th percentile."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
