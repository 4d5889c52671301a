"""Medians and percentiles."""

import math
from collections.abc import Sequence


def part(values: Sequence[float], share: float) -> float:
    """Return a quantile, the nearest rank: 0.5 for the median, 0.99 for the 99th percentile."""
    return sorted(values)[math.ceil(len(values) * share) - 1]
