"""Figures in few columns."""

import pytest

from papa_console.dashboard.widgets.figures import age, amount, bar, percentage, share, soon, sparkline


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "–"), (0, "0"), (-3, "0"), (532, "532"), (1023, "1023"), (1023.6, "1k"), (1024, "1k"), (1300, "1.3k"),
        (10_189, "10k"), (65_536, "64k"), (1_048_064, "1m"), (1_047_000, "1022k"), (5 << 20, "5m"), (1 << 30, "1g"),
        (1 << 60, "1024p"),
    ],
)  # fmt: skip
def test_amounts(count: float | None, text: str) -> None:
    assert amount(count) == text


@pytest.mark.parametrize("count", [*range(0, 5000, 7), *(7**power for power in range(20))])
def test_amounts_take_five_columns_at_most(count: int) -> None:
    assert len(amount(count)) <= 5


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"), (-5, "0s"), (0.9, "0s"), (9.99, "9s"), (59.9, "59s"), (60, "1m00s"), (3599, "59m59s"),
        (3600, "1h00m"), (86_400 * 99, "99d00h"), (86_400 * 100, "100d"), (86_400 * 9999, "9999d"),
    ],
)  # fmt: skip
def test_ages(seconds: float | None, text: str) -> None:
    assert age(seconds) == text
    assert len(text) <= 6


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (38.2, "38s"), (99.9, "99s"), (100, "1m"), (5999, "99m"), (6000, "1h"), (400_000, "4d"), (1e9, "99d")],
)
def test_times_to_go(seconds: float, text: str) -> None:
    assert soon(seconds) == text


@pytest.mark.parametrize(
    ("percent", "text"), [(None, "–"), (0, "0.0"), (3.21, "3.2"), (9.96, "10"), (88.4, "88"), (1600, "1600")]
)
def test_percents_of_a_processor(percent: float | None, text: str) -> None:
    assert percentage(percent) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 100, "0%"), (1, 1000, "<1%"), (1, 100, "1%"), (999, 1000, "99%"), (1000, 1000, "100%"), (5, 0, "0%")],
)
def test_a_full_buffer_and_no_other_is_at_100_percent(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0, "    "), (0.001, "▏   "), (0.25, "█   "), (0.5, "██  "),
        (0.54, "██▏ "), (0.97, "███▉"), (1, "████"), (7, "████"),
    ],
)  # fmt: skip
def test_bars_are_drawn_in_eighths(fraction: float, text: str) -> None:
    assert bar(fraction, 4) == text


@pytest.mark.parametrize(
    ("rates", "text"),
    [
        ([], ""),
        ([0, 0, 0], "   "),
        ([5, 5], "▆▆"),
        ([0, 1, 50, 100], " ▁▃▆"),
        ([1e-9, 1e9], "▁▆"),
        ([0.1 + 0.2, 0.3], "▆▆"),
    ],
)
def test_sparklines_reach_as_high_as_the_greatest_rate(rates: list[float], text: str) -> None:
    assert sparkline(rates) == text
