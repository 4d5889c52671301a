"""The keys that a user binds to actions: read, named as Textual names them, and checked against one another. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Protocol

# What Textual calls a character otherwise than Unicode does.
_RENAMED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_NAMED = frozenset(
    ["backspace", "delete", "down", "end", "enter", "escape", "home", "insert", "left", "pagedown", "pageup", "right"]
    + ["space", "tab", "up"]
    + [f"f{number}" for number in range(1, 25)]
)
_MODIFIERS = ("alt", "ctrl", "hyper", "meta", "shift", "super")  # in the order in which Textual writes them
# Most terminals send the same for both.
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape", "ctrl+h": "backspace"}
_EXAMPLES = 'expected keys such as "x", "?", "ctrl+f", "shift+tab" or "f5"'


class Bound(Protocol):
    """An action, as far as keys go."""

    @property
    def binding_id(self) -> str:
        """What it is called."""

    @property
    def keys(self) -> str:
        """Its keys, separated by commas."""

    @property
    def where(self) -> Enum:
        """Where it can be done."""


class KeyNameError(ValueError):
    """No key is called that."""


def key_name(text: str) -> str:
    """Return what Textual calls a key: ``?`` is ``question_mark``, ``Ctrl+F`` is ``ctrl+f``, ``X`` stays.

    Raises:
        KeyNameError: there is no such key, or terminals do not send it.
    """
    *modifiers, last = _split(text)
    if any(modifier not in _MODIFIERS for modifier in modifiers):
        raise KeyNameError(_EXAMPLES)
    name = _plain_name(last, modified=bool(modifiers))
    ordered = [modifier for modifier in _MODIFIERS if modifier in modifiers]
    full = "+".join([*ordered, name])
    if full in _SAME:
        raise KeyNameError(f"expected another key: terminals send {_SAME[full]} for it")
    return full


def _split(text: str) -> list[str]:
    """Return the modifiers and the key; the key may itself be a plus sign."""
    if text == "+" or text.endswith("++"):
        return [*text[:-2].lower().split("+"), "+"] if len(text) > 1 else ["+"]
    *modifiers, last = text.split("+")
    return [*(modifier.lower() for modifier in modifiers), last]


def _plain_name(text: str, *, modified: bool) -> str:
    if len(text) == 1 and text.isalnum():
        return text.lower() if modified else text
    if len(text) == 1 and text.isprintable() and text != " ":
        name = re.sub("[ -]", "_", unicodedata.name(text, "").lower())
        return _RENAMED.get(name, name)
    name = text.lower()
    if name in _NAMED or name in _RENAMED.values() or _is_character(name):
        return name
    raise KeyNameError(_EXAMPLES)


def _is_character(name: str) -> bool:
    """Whether a name is that of a character, as Textual writes it."""
    for written in (name.replace("_", " "), name.replace("_", "-"), name.replace("_", " ", 1).replace("_", "-")):
        try:
            found = unicodedata.lookup(written.upper())
        except KeyError:
            continue
        return not found.isalnum() and found.isprintable()
    return False


def read_keys(given: object, actions: Callable[[], Sequence[Bound]], messages: list[str]) -> dict[str, str]:
    """Return the table ``[keys]``: for each action that is bound anew, its keys, separated by commas.

    Args:
        given: the table, as TOML has it.
        actions: returns every action there is.
        messages: gets one message for each fault.
    """
    if not isinstance(given, Mapping):
        messages.append(
            f'keys: expected a table of actions and keys, such as "output.search" = "ctrl+f", not {given!r}'
        )
        return {}
    table = {action.binding_id: action for action in actions()}
    bound: dict[str, str] = {}
    for name, value in _flatten(given):
        if name not in table:
            messages.append(f"keys: unknown action {name!r}: {_nearest(name, table)}")
        elif keys := _read_one(name, value, messages):
            bound[name] = keys
    messages.extend(_clashes(bound, table))
    return bound


def _flatten(given: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield names and values; without quotes, TOML makes a table of what is before a dot."""
    for name, value in given.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _nearest(name: str, table: Mapping[str, Bound]) -> str:
    import difflib  # noqa: PLC0415 - only for who made a mistake

    near = difflib.get_close_matches(name, table, 2, 0.5)
    ids = near or [known for known in table if known.rpartition(".")[2] == name.rpartition(".")[2]]
    return f"expected one such as {', '.join(ids or list(table)[:3])}"


def _read_one(name: str, value: object, messages: list[str]) -> str:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        messages.append(f"keys: {name}: expected a key, or a list of keys, not {value!r}")
        return ""
    names = []
    for text in (part.strip() for several in texts for part in _parts(several)):
        try:
            names.append(key_name(text))
        except KeyNameError as error:
            messages.append(f"keys: {name}: unknown key {text!r}: {error}")
    return ",".join(dict.fromkeys(names))


def _parts(text: str) -> list[str]:
    return [text] if text in (",", "") else text.split(",")


def _clashes(bound: Mapping[str, str], table: Mapping[str, Bound]) -> Iterator[str]:
    """Yield a message for each key that would do two things in one place."""
    everything = {name: bound.get(name, action.keys).split(",") for name, action in table.items()}
    told: set[frozenset[str]] = set()
    for name in bound:
        for other, keys in everything.items():
            pair = frozenset({name, other})
            common = [key for key in everything[name] if key in keys]
            if len(pair) == 2 and common and pair not in told and _meet(table[name].where, table[other].where):
                told.add(pair)
                yield f"keys: {name}: {common[0]} is bound to {other} too: expected a key of its own"


def _meet(one: Enum, other: Enum) -> bool:
    """Whether two places are ever one: EVERYWHERE is in each, and each list is one of LISTS."""
    names = {one.name, other.name}
    if len(names) == 1 or "EVERYWHERE" in names:
        return True
    return "LISTS" in names and "OUTPUT" not in names
