"""The order of rows, filters, and how cursor and marks stay with their rows."""

import pytest

from papa_console.dashboard.widgets.table_rows import Filter, Names, Rows, natural, ordered


def placed(*keys: str, cursor: str = "") -> Rows:
    rows = Rows()
    rows.place(keys)
    if cursor:
        rows.go(keys.index(cursor))
    return rows


@pytest.mark.parametrize(
    "names",
    [
        ["web.1", "web.2", "web.10"],
        ["API", "api", "Web", "worker"],
        ["", "1", "a", "a.1", "a.b"],
        ["x" + "0" * 100, "x" + "9" * 5000],
        ["a1b2", "a1b10", "a2"],
        ["x٣", "x٤"],
    ],
)
def test_names_sort_as_people_expect(names: list[str]) -> None:
    backwards = names[::-1]

    assert sorted(backwards, key=natural) == names


@pytest.mark.parametrize(("falling", "names"), [(False, ["b", "d", "a", "c"]), (True, ["a", "b", "d", "c"])])
def test_rows_sort_by_a_value_and_unknown_ones_come_last(falling: bool, names: list[str]) -> None:
    values = {"a": 2, "b": 1, "c": None, "d": 1}

    assert ordered("abcd", values.__getitem__, falling=falling) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["API", "db", "web.1", "web.2"]),
        ("web", ["web.1", "web.2"]),
        ("WEB", ["web.1", "web.2"]),
        ("api", ["API"]),
        ("!web", ["API", "db"]),
        ("!", ["API", "db", "web.1", "web.2"]),
        (".", ["web.1", "web.2"]),
        ("nothing", []),
    ],
)
def test_a_filter_is_a_part_of_a_name_whatever_the_case(text: str, names: list[str]) -> None:
    held = Names()
    held.take({"web.2": 0, "API": 0, "web.1": 0, "db": 0})

    assert held.passing(Filter(text)) == names


def test_a_filter_typed_letter_by_letter_lets_the_same_through_as_a_whole_one() -> None:
    held = Names()
    held.take([f"{kind}.{number}" for kind in ("web", "worker") for number in range(30)])
    typed = ["w", "we", "web", "web.", "web.1", "web.12", "web.1", "web", "!web", "!we", "!wez", "e", ""]

    for text in typed:
        fresh = Names()
        fresh.take(held.all)
        assert held.passing(Filter(text)) == fresh.passing(Filter(text)), text


def test_names_are_told_apart_from_those_before() -> None:
    held = Names()

    assert held.take({"b": 1, "a": 1})
    assert not held.take({"a": 2, "b": 2})
    assert held.take({"a": 2, "c": 2})
    assert held.all == ["a", "c"]
    assert held.take({})
    assert held.all == []


def test_a_filter_lets_new_names_through() -> None:
    held = Names()
    held.take(["web.1"])
    assert held.passing(Filter("web")) == ["web.1"]

    held.take(["web.1", "web.2"])

    assert held.passing(Filter("web")) == ["web.1", "web.2"]


@pytest.mark.parametrize(
    ("before", "cursor", "after", "then"),
    [
        ("abcd", "b", "abcd", "b"),
        ("abcd", "b", "dcba", "b"),
        ("abcd", "b", "xaybz", "b"),
        ("abcd", "b", "acd", "c"),
        ("abcd", "b", "ad", "d"),
        ("abcd", "b", "a", "a"),
        ("abcd", "d", "abc", "c"),
        ("abcd", "b", "xyz", "x"),
    ],
)
def test_the_cursor_stays_on_its_row_or_comes_to_a_neighbour(before: str, cursor: str, after: str, then: str) -> None:
    rows = placed(*before, cursor=cursor)

    rows.place(list(after))

    assert rows.cursor == then
    assert rows.keys[rows.at] == then


def test_there_is_no_cursor_without_rows_and_one_with_the_first() -> None:
    rows = placed("a", "b", cursor="b")

    rows.place([])
    rows.go(0)
    assert [rows.cursor, rows.at] == [None, -1]

    rows.place(["c", "d"])
    assert [rows.cursor, rows.at] == ["c", 0]


def test_a_filter_that_ends_brings_the_cursor_back_to_where_the_user_was() -> None:
    rows = placed("a", "b", "c", cursor="b")
    rows.place(["c"], recall=True)
    assert rows.cursor == "c"

    rows.place(["a", "b", "c"], recall=True)

    assert rows.cursor == "b"


def test_an_heir_goes_before_a_neighbour() -> None:
    rows = placed("a", "b", "c", cursor="b")

    rows.place(["a", "c", "d"], heir={"b": "d"}.get)

    assert rows.cursor == "d"


@pytest.mark.parametrize(("number", "cursor"), [(-5, "a"), (0, "a"), (1, "b"), (2, "c"), (99, "c")])
def test_the_cursor_stops_at_the_ends(number: int, cursor: str) -> None:
    rows = placed("a", "b", "c")

    rows.go(number)

    assert rows.cursor == cursor


def test_marks_stay_until_their_rows_go_and_keep_their_order() -> None:
    rows = placed("a", "b", "c")
    for key in "cab":
        rows.toggle_mark(key)
    rows.toggle_mark("a")

    rows.place(["b", "c"])
    assert list(rows.marks) == ["c", "b"]

    assert rows.keep_marks({"b"}.__contains__)
    assert list(rows.marks) == ["b"]
    assert not rows.keep_marks({"b"}.__contains__)
