"""Keys are named as Textual names them, whichever way a user writes them."""

import pytest
from textual.keys import Keys, _character_to_key

from papa_console.dashboard.actions import ACTIONS
from papa_console.dashboard.files.bindings import KeyNameError, key_name


@pytest.mark.parametrize("character", list("abzAZ019!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~äÖ€"))
def test_a_character_is_called_what_textual_calls_it(character: str) -> None:
    assert key_name(character) == _character_to_key(character)


@pytest.mark.parametrize("name", sorted({name for action in ACTIONS for name in action.keys.split(",")}))
def test_the_usual_keys_stay_what_they_are(name: str) -> None:
    assert key_name(name) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ctrl+F", "ctrl+f"),
        ("shift+Tab", "shift+tab"),
        ("F5", "f5"),
        ("Enter", "enter"),
        ("alt+?", "alt+question_mark"),
        ("+", "plus"),
        ("ctrl++", "ctrl+plus"),
        ("shift+ctrl+left", "ctrl+shift+left"),
        ("ctrl+alt+x", "alt+ctrl+x"),
        ("ctrl+left", "ctrl+left"),
    ],
)
def test_modifiers_and_names_may_be_written_in_any_case_and_order(written: str, name: str) -> None:
    assert key_name(written) == name


@pytest.mark.parametrize(
    "text", ["", " ", "f25", "return", "control+a", "a+b", "ctrl+", "++", "ctrl+shift", "\x1b", "ctrl+i", "Ctrl+H"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(KeyNameError, match=r"^expected "):
        key_name(text)


def test_every_named_key_is_one_of_textual() -> None:
    known = {key.value for key in Keys}

    for name in ("enter", "tab", "escape", "space", "backspace", "delete", "insert", "home", "end", "pageup", "f24"):
        assert key_name(name) in known | {"space"}
