"""The help page: made from the table of actions, at every width."""

import re

import pytest

from papa_console.dashboard.actions import ACTIONS, Action, Where
from papa_console.dashboard.screens.help_page import found, keys_of, page


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("width", [56, 76, 110])
def test_every_action_is_shown_exactly_once_under_its_place(width: int) -> None:
    for where in Where:
        inside = [action for action in ACTIONS if action.where is where]

        text = page(inside, {}, width).plain

        assert text.startswith(where.value)
        for action in inside:
            assert words(text).count(words(f"{keys_of(action, {})} {action.help}")) == 1


def rows_of(text: str) -> list[str]:
    return [line[:12].strip() for line in text.split("\n") if line[:12].strip()]


def test_in_one_column_each_row_is_one_action() -> None:
    text = page(ACTIONS, {}, 80).plain

    headings = {where.value[:12].strip() for where in Where}
    keys = [row for row in rows_of(text) if row not in headings]

    assert sorted(keys) == sorted(keys_of(action, {})[:12].strip() for action in ACTIONS)


@pytest.mark.parametrize(("width", "places"), [(80, 1), (114, 2), (180, 3)])
def test_a_wider_page_has_more_columns(width: int, places: int) -> None:
    first = page(ACTIONS, {}, width).plain.split("\n")[0]

    assert len(re.split(r" {3,}", first.strip())) == places


@pytest.mark.parametrize("width", [40, 56, 80, 114, 180, 300])
def test_no_line_is_wider_than_the_page(width: int) -> None:
    assert max(map(len, page(ACTIONS, {}, width).plain.split("\n"))) <= width


def test_keys_are_shown_as_the_user_has_bound_them() -> None:
    zoom = next(action for action in ACTIONS if action.id == "zoom")

    assert keys_of(zoom, {}) == "z"
    assert keys_of(zoom, {"everywhere.zoom": "ctrl+f,plus"}) == "^f +"
    assert "^f +" in page(ACTIONS, {"everywhere.zoom": "ctrl+f,plus"}, 80).plain


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("zoom", ["zoom"]),
        ("ZOOM", ["zoom"]),
        ("pager", ["pager"]),
        ("^g", ["picture"]),
        ("values go", ["pane_values"]),
        ("nothing of the kind", []),
    ],
)
def test_what_is_looked_for_is_found(wanted: str, ids: list[str]) -> None:
    assert [action.id for action in found(ACTIONS, {}, wanted)] == ids


def test_without_a_match_the_page_says_so() -> None:
    assert page(ACTIONS, {}, 80, "xyzzy").plain == "Nothing here contains 'xyzzy'"


def test_keys_that_are_too_many_for_their_column_get_a_line() -> None:
    many = Action("x", "ctrl+a,ctrl+b,ctrl+c,ctrl+d,ctrl+e", "X", "Do it", Where.OUTPUT)

    assert page([many], {}, 60).plain.split("\n") == [Where.OUTPUT.value, "^a ^b ^c ^d ^e", " " * 12 + "Do it"]
