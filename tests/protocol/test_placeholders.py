"""Placeholders become numbers, several in one argument, and bad ones are named."""

import pytest
from hypothesis import given

from papa_protocol.errors import CommandError
from papa_protocol.placeholders import substitute
from support.texts import TEXTS

NUMBERS = {
    ("web", "fileno"): 7,
    ("web", "port"): 8080,
    ("a.b.c", "port"): 1,
    ("", "fileno"): 2,
    ("two words", "port"): 3,
}


def lookup(name: str, field: str) -> int:
    if (name, field) not in NUMBERS:
        raise CommandError(f"There is no socket {name}")
    return NUMBERS[name, field]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("$(socket.web.fileno)", "7"),
        ("fd://$(socket.web.fileno)", "fd://7"),
        ("$(socket.web.port)$(socket.web.fileno)", "80807"),
        ("a$(socket.web.port)b$(socket.a.b.c.port)c", "a8080b1c"),
        ("$(socket..fileno)", "2"),
        ("$(socket.two words.port)", "3"),
        ("$(date)", "$(date)"),
        ("$(socket)", "$(socket)"),
        ("$(socket.web.port", "$(socket.web.port"),
        ("$(Socket.web.port)", "$(Socket.web.port)"),
        ("$$(socket.web.port)", "$8080"),
        ("$(socket.$(socket.web.port)", "$(socket.8080"),
    ],
)
def test_every_placeholder_is_replaced_and_nothing_else(text: str, filled: str) -> None:
    assert substitute(text, lookup) == filled


@pytest.mark.parametrize("text", ["$(socket.web)", "$(socket.web.host)", "$(socket.)", "$(socket.web.Port)"])
def test_a_bad_placeholder_is_named_with_what_is_expected(text: str) -> None:
    with pytest.raises(CommandError) as caught:
        substitute(f"x{text}y", lookup)

    assert str(caught.value).startswith(f"Bad placeholder {text}: ")
    assert "expected $(socket.NAME.fileno) or $(socket.NAME.port)" in str(caught.value)


def test_an_error_of_the_lookup_is_passed_on() -> None:
    with pytest.raises(CommandError, match="There is no socket nosuch"):
        substitute("$(socket.nosuch.port)", lookup)


@given(TEXTS.filter(lambda text: "$(socket." not in text))
def test_text_without_a_placeholder_is_left_alone(text: str) -> None:
    assert substitute(text, lookup) == text
