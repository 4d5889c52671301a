"""The names that stand for those of typing: tuples made with them are what typing would have made."""

import typing
from typing import Any

import pytest

from papa_protocol import hints


def made_with(base: Any) -> Any:
    """Return a class of tuples, made with a ``NamedTuple``."""

    class Place(base):  # type: ignore[misc]
        """Where something is."""

        row: int
        column: int = 0
        names: tuple[str, ...] = ()

        @property
        def text(self) -> str:
            """As people write it."""
            return f"{self.row}:{self.column}"

        def moved(self, rows: int) -> Any:
            """Return a place further down."""
            return self._replace(row=self.row + rows)

    return Place


OURS, THEIRS = made_with(hints.NamedTuple), made_with(typing.NamedTuple)


@pytest.mark.parametrize(
    "name",
    ["__name__", "__qualname__", "__module__", "__doc__", "__bases__", "__annotations__", "_fields", "_field_defaults"],
)
def test_a_class_of_tuples_is_what_typing_makes(name: str) -> None:
    assert getattr(OURS, name) == getattr(THEIRS, name)


def test_its_tuples_are_what_typing_makes() -> None:
    ours, theirs = OURS(1, names=("a",)), THEIRS(1, names=("a",))

    assert ours == theirs == (1, 0, ("a",))
    assert repr(ours) == repr(theirs)
    assert (ours.text, ours.moved(2)) == (theirs.text, theirs.moved(2)) == ("1:0", (3, 0, ("a",)))
    with pytest.raises(TypeError):
        OURS()
    with pytest.raises(AttributeError):
        ours.row = 2


def test_a_class_without_fields_makes_empty_tuples() -> None:
    class Nothing(hints.NamedTuple):
        """Nothing at all."""

    assert Nothing() == ()
    assert Nothing.__doc__ == "Nothing at all."


def test_a_dictionary_with_known_keys_is_a_dictionary() -> None:
    class Row(hints.TypedDict, total=False):
        """A row."""

        name: str

    row: Row = {"name": "x"}

    assert Row(name="x") == row == {"name": "x"}
