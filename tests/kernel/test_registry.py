"""What is held is found by name, pattern and number, in order, whatever came and went before."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_kernel.registry import Registry
from support.texts import TEXTS


def filled(things: Mapping[str, int]) -> Registry[int]:
    registry: Registry[int] = Registry()
    for name, thing in things.items():
        registry[name] = thing
    return registry


HELD = filled({"web.a": 1, "web.b": 2, "job": 3, "7": 4, "star*": 5})
BY_NUMBER = {7: "web.a", 30: "job", 0: "web.b"}


@pytest.mark.parametrize(
    ("words", "found", "missing"),
    [
        ([], ["7", "job", "star*", "web.a", "web.b"], []),
        (["*"], ["7", "job", "star*", "web.a", "web.b"], []),
        (["web.*"], ["web.a", "web.b"], []),
        (["web*", "job"], ["job", "web.a", "web.b"], []),
        (["job", "job"], ["job"], []),
        (["30"], ["job"], []),
        (["7"], ["7"], []),
        (["0"], ["web.b"], []),
        (["star*"], ["star*"], []),
        (["nosuch*"], [], []),
        (["nosuch", "job", "99"], ["job"], ["nosuch", "99"]),
        (["-1", "٣", "1" * 30, ""], [], ["-1", "٣", "1" * 30, ""]),
    ],
)
def test_words_stand_for_names_then_patterns_then_numbers(
    words: list[str], found: list[str], missing: list[str]
) -> None:
    selected, not_found = HELD.select(words, BY_NUMBER)

    assert list(selected) == found
    assert not_found == missing


@given(st.lists(st.tuples(TEXTS, st.booleans())), TEXTS)
def test_a_pattern_finds_every_name_that_begins_so_after_any_changes(
    changes: list[tuple[str, bool]], prefix: str
) -> None:
    registry: Registry[int] = Registry()
    for number, (name, stays) in enumerate(changes):
        registry[name] = number
        if not stays:
            del registry[name]

    assert registry.matching(prefix + "*") == sorted(name for name in registry if name.startswith(prefix))
    for name in registry:
        assert name in registry.matching(name[:1] + "*")


def test_a_name_that_is_given_again_is_there_once() -> None:
    registry = filled({"a": 1})

    registry["a"] = 2

    assert registry.select([], {}) == ({"a": 2}, [])


def test_what_is_not_there_cannot_go() -> None:
    registry = filled({"a": 1})

    with pytest.raises(KeyError):
        del registry["b"]

    assert registry.matching("*") == ["a"]


def test_what_is_added_at_once_is_found_in_order_like_the_rest() -> None:
    registry: Registry[int] = Registry()
    registry["b.1"] = 1

    registry.fill({"b.3": 3, "a": 0, "b.2": 2})
    registry["b.0"] = 9
    del registry["b.3"]

    assert registry.matching("b.*") == ["b.0", "b.1", "b.2"]
    assert registry.matching("*") == ["a", "b.0", "b.1", "b.2"]
