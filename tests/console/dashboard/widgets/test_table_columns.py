"""Which columns of a table fit into a width, and what is cut."""

from itertools import pairwise

import pytest
from rich.cells import cell_len

from papa_console.dashboard.widgets.columns import Column, cut, cut_start, fill, fit, tidy


def blank(_: None, __: str, ___: int) -> tuple[()]:
    return ()


COLUMNS: tuple[Column[None], ...] = (
    Column("name", "Name", blank, least=6),
    Column("state", "State", blank, least=5, good=9),
    Column("rate", "Rate", blank, least=5, rank=1),
    Column("curve", "Curve", blank, least=4, good=8, most=20, rank=2),
)


@pytest.mark.parametrize(
    ("width", "longest", "shown"),
    [
        (40, 10, {"name": 10, "state": 5, "rate": 5, "curve": 17}),
        (40, 16, {"name": 16, "state": 5, "rate": 5, "curve": 11}),
        (28, 30, {"name": 11, "state": 5, "rate": 5, "curve": 4}),
        (24, 8, {"name": 12, "state": 5, "rate": 5}),
        (16, 8, {"name": 10, "state": 5}),
        (3, 8, {"name": 1, "state": 5}),
        (70, 8, {"name": 33, "state": 9, "rate": 5, "curve": 20}),
        (100, 90, {"name": 63, "state": 9, "rate": 5, "curve": 20}),
    ],
)
def test_columns_are_dropped_by_rank_and_what_is_left_over_is_shared(
    width: int, longest: int, shown: dict[str, int]
) -> None:
    places = fit(COLUMNS, width, longest)

    assert {place.column.id: place.width for place in places} == shown


@pytest.mark.parametrize("width", [24, 40, 63, 64, 100, 300])
@pytest.mark.parametrize("longest", [0, 5, 20, 200])
def test_columns_fill_the_width_exactly_and_never_touch(width: int, longest: int) -> None:
    places = fit(COLUMNS, width, longest)

    for place, following in pairwise(places):
        assert following.start == place.start + place.width + 1
    assert places[-1].start + places[-1].width == width


def test_the_column_that_sorts_goes_last_of_those_that_may_go() -> None:
    assert [place.column.id for place in fit(COLUMNS, 24, 8, wanted="curve")] == ["name", "state", "curve"]
    assert [place.column.id for place in fit(COLUMNS, 12, 8, wanted="curve")] == ["name", "state"]


@pytest.mark.parametrize(
    ("text", "columns", "start", "end"),
    [
        ("short", 10, "short", "short"),
        ("exactly", 7, "exactly", "exactly"),
        ("too long", 5, "too …", "…long"),
        ("日本語", 6, "日本語", "日本語"),
        ("日本語", 5, "日本…", "…本語"),
        ("日本語", 4, "日…", "…語"),
        ("abc", 1, "…", "…"),
        ("abc", 0, "", ""),
    ],
)
def test_text_is_cut_at_its_end_or_at_its_start(text: str, columns: int, start: str, end: str) -> None:
    assert (cut(text, columns), cut_start(text, columns)) == (start, end)


@pytest.mark.parametrize("text", ["", "a", "web.1", "日本語", "wide 日本 mix", "x" * 300, "▁▂▃"])
@pytest.mark.parametrize("width", [1, 4, 5, 20])
@pytest.mark.parametrize("right", [True, False])
def test_a_cell_is_as_wide_as_its_column(text: str, width: int, right: bool) -> None:
    pieces = fill(((text, "name"), (text, "muted")), width, right)

    assert cell_len("".join(piece for piece, _ in pieces)) == width


def test_a_cell_is_padded_on_the_side_away_from_its_edge() -> None:
    assert fill((("12", ""),), 4, right=True) == [("  ", ""), ("12", "")]
    assert fill((("12", ""),), 4, right=False) == [("12", ""), ("  ", "")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\\nlines\\tand a tab"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("[bold]not markup[/]", "[bold]not markup[/]"),
        ("👩\u200d👧", "👩·👧"),
        ("❤\ufe0f", "❤·"),
        ("zero\u200bwidth", "zero·width"),
        ("日本語", "日本語"),
    ],
)
def test_text_from_outside_is_on_one_line_with_characters_of_a_known_width(text: str, shown: str) -> None:
    tidied = tidy(text)

    assert tidied == shown
    assert cell_len(tidied) == sum(map(cell_len, tidied))
