"""Times, names and columns before and in lines of output."""

import pytest
from rich.style import Style

from papa_console.dashboard.widgets.cells import overlay, runs, window
from papa_console.dashboard.widgets.gutter import Times, age, clock, delta, name_cell, name_columns

RED, BOLD, BASE = Style(color="red"), Style(bold=True), Style()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (-5, "0s"), (9.9, "9s"), (59.9, "59s"), (89, "1m29s"), (3600 * 30, "1d06h")]
)
def test_ages_fit_their_column(seconds: float, text: str) -> None:
    assert age(seconds) == text
    assert len(text) <= Times.RELATIVE.columns


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, ""), (0.013, "+0.013s"), (99.9994, "+99.999s"), (100, "+1m40s"), (-1, "")]
)
def test_times_between_lines_fit_their_column(seconds: float, text: str) -> None:
    assert delta(seconds) == text
    assert len(text) <= Times.DELTA.columns


def test_the_clock_shows_milliseconds() -> None:
    assert clock(1_700_000_000.26).endswith(":20.260")
    assert len(clock(0.0)) == Times.CLOCK.columns


@pytest.mark.parametrize(
    ("names", "room", "columns"),
    [
        (("web.1",), 80, 0),
        (("a", "web.1"), 80, 5),
        (("a", "x" * 40), 80, 16),
        (("a", "x" * 40), 20, 5),
        (("a", ""), 2, 1),
    ],
)
def test_the_column_of_names_is_as_wide_as_is_needed(names: tuple[str, ...], room: int, columns: int) -> None:
    assert name_columns(names, room) == columns


@pytest.mark.parametrize(
    ("name", "cell"),
    [("web", "web   "), ("worker.mail", "….mail"), ("漢字漢字", "…漢字 "), ("\x1b[m", "\\x1b[m")],
)
def test_names_fill_their_column(name: str, cell: str) -> None:
    assert name_cell(name, 6) == cell


@pytest.mark.parametrize(
    ("text", "left", "shown"),
    [
        ("abcdefgh", 0, (0, 4, 0)),
        ("abcdefgh", 6, (6, 8, 0)),
        ("ab", 6, (6, 2, 0)),
        ("漢字漢字", 0, (0, 2, 0)),
        ("漢字漢字", 2, (1, 3, 0)),
        ("漢字漢字", 1, (1, 2, 1)),
        ("a漢字", 0, (0, 2, 0)),
    ],
)
def test_a_window_shows_whole_characters(text: str, left: int, shown: tuple[int, int, int]) -> None:
    assert window(text, left, 4) == shown


def test_runs_cover_a_window_of_a_line() -> None:
    spans = [(0, 2, RED), (4, 6, BOLD)]

    assert runs("abcdefgh", spans, 1, 8, BASE) == [("b", RED), ("cd", BASE), ("ef", BOLD), ("gh", BASE)]


def test_styles_laid_over_runs_keep_what_is_below() -> None:
    below = [("abc", RED), ("def", BASE)]

    assert overlay(below, 10, [(8, 11, BOLD), (12, 14, BOLD), (20, 21, BOLD)]) == [
        ("a", RED + BOLD),
        ("b", RED),
        ("c", RED + BOLD),
        ("d", BASE + BOLD),
        ("ef", BASE),
    ]
