"""Values as people read them."""

import pytest

from papa_console.dashboard.screens.pretty import broken, changes, pretty


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"a": [1, "ü"]}', '{\n  "a": [\n    1,\n    "ü"\n  ]\n}'),
        (" [] ", "[]"),
        ("{broken", "{broken"),
        ("12", "12"),
        ('"text"', '"text"'),
        ("[" * 100_000, "[" * 100_000),
        ("", ""),
    ],
)
def test_json_is_laid_out_and_all_else_left_alone(text: str, shown: str) -> None:
    assert pretty(text) == shown


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("abcdef", 3, ["abc", "def"]),
        ("ab\n\ncd", 3, ["ab", "", "cd"]),
        ("日本語", 4, ["日本", "語"]),
        ("a\x1b[31mb", 20, [r"a\x1b[31mb"]),
        ("\ta", 20, ["    a"]),
        ("", 5, [""]),
    ],
)
def test_long_lines_are_broken_where_they_fit(text: str, columns: int, lines: list[str]) -> None:
    assert broken(text, columns) == lines


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        ("a", "a", []),
        ("a", "b", [("-", "a"), ("+", "b")]),
        ('{"a": 1, "b": 2}', '{"a": 1, "b": 3}',
         [(" ", '  "a": 1,'), ("-", '  "b": 2'), ("+", '  "b": 3'), (" ", "}")]),
        ("1\n2\n3\n4\n5\n6", "x\n2\n3\n4\n5\ny",
         [("-", "1"), ("+", "x"), (" ", "2"), ("…", ""), (" ", "5"), ("-", "6"), ("+", "y")]),
        ("a", "\x1b]0;x\x07", [("-", "a"), ("+", r"\x1b]0;x\x07")]),
    ],
)  # fmt: skip
def test_what_changed_is_told_line_by_line(before: str, after: str, rows: list[tuple[str, str]]) -> None:
    assert changes(before, after) == rows
