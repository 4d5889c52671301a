"""Text in columns of a terminal."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from papa_console.dashboard.output.columns import breaks, columns_of, has_wide

TEXTS = st.text(alphabet="ab é漢字́😀", max_size=40)


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("", 5, [0]),
        ("abcde", 5, [0]),
        ("abcdef", 5, [0, 5]),
        ("漢字漢字", 5, [0, 2]),
        ("a漢字", 2, [0, 1, 2]),
        ("漢", 1, [0]),
        ("e\u0301e\u0301", 1, [0, 2]),
    ],
)
def test_rows_begin_where_the_one_before_is_full(text: str, columns: int, expected: list[int]) -> None:
    assert breaks(text, columns) == expected


@given(TEXTS, st.integers(2, 12))
def test_every_row_fits_and_nothing_is_left_out(text: str, columns: int) -> None:
    edges = [*breaks(text, columns), len(text)]

    rows = [text[low:high] for low, high in pairwise(edges)]

    assert "".join(rows) == text
    assert all(columns_of(row) <= columns for row in rows)
    assert all(columns_of(row) + columns_of(after[:1]) > columns for row, after in pairwise(rows))


@given(TEXTS)
def test_columns_are_those_of_the_screen(text: str) -> None:
    assert columns_of(text) == cell_len(text)
    assert has_wide(text) == any(cell_len(character) == 2 for character in text)
