"""Patterns stand for names, and dialect 1 has no place for some of them."""

import pytest
from hypothesis import given

from papa_protocol.errors import CommandError
from papa_protocol.names import check_name, is_pattern, matches
from papa_protocol.words import Dialect
from support.texts import TEXTS


@pytest.mark.parametrize(
    ("name", "word", "expected"),
    [("web", "web", True), ("web", "we*", True), ("web", "*", True), ("web", "web*", True), ("web", "w", False),
     ("a*b", "a*b", True), ("axb", "a*b", False)],
)  # fmt: skip
def test_only_a_final_star_is_a_pattern(name: str, word: str, expected: bool) -> None:
    assert matches(name, word) is expected
    assert is_pattern(word) is word.endswith("*")


@given(TEXTS)
def test_dialect_2_has_no_bad_names(name: str) -> None:
    assert check_name(name, "value", Dialect.V2) == name


@pytest.mark.parametrize(
    ("name", "what"),
    [("a b", "a space"), ("a\tb", "a tab"), ("a\rb", "a carriage return"), ("\x1b", "'\\x1b'"), ("\udcff", "udcff")],
)
def test_dialect_1_says_which_character_a_name_cannot_hold(name: str, what: str) -> None:
    with pytest.raises(CommandError) as caught:
        check_name(name, "process", Dialect.V1)

    assert what in str(caught.value)
    assert "A process's name" in str(caught.value)
    assert "protocol 2" in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["web", "web.1", "a:b", "é", "7", "x=y", "😀"])
def test_dialect_1_has_ordinary_names(name: str) -> None:
    assert check_name(name, "socket", Dialect.V1) == name
