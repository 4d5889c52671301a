"""The settings of the dashboard, read from a TOML file of the user's own.

``$XDG_CONFIG_HOME/papa/console.toml``, or the file that ``--config`` names. The table ``[keys]`` binds actions to
other keys: ``"output.search" = "ctrl+f"``, or a list of keys.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from papa_console.dashboard.files.bindings import Bound, read_keys
from papa_console.folders import config_folder
from papa_console.settings_file import ConfigError, load_settings, parse_toml

__all__ = ["Config", "ConfigError", "config_path", "load_config", "read_config"]

_UNITS: Mapping[str, int] = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}
_SIZE = re.compile(r"(\d{1,15})([kmg]?)b?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Config:
    """The settings.

    Args:
        theme: the name of the colours; empty: as remembered.
        storage: how much output is kept, over all processes, in bytes.
        times: which times lines of output show: ``off``, ``clock``, ``age`` or ``delta``.
        wrap: whether long lines are wrapped.
        refresh: seconds between two looks at what the kernel holds.
        mouse: whether the mouse is used; the terminal selects text by itself where it is not.
        sidebar: how many columns the lists take beside the output; 0: as fits.
        sockets: how many rows the list of sockets takes; 0: as fits.
        values: how many rows the list of values takes; 0: as fits.
        keys: the keys of actions, by their ids in the table of actions, several separated by commas.
    """

    theme: str = ""
    storage: int = field(default=64 * 2**20, metadata={"lowest": 2**20, "highest": 2**36})
    times: str = field(default="off", metadata={"choices": ("off", "clock", "age", "delta")})
    wrap: bool = False
    refresh: float = field(default=1.0, metadata={"lowest": 0.1, "highest": 3600})
    mouse: bool = True
    sidebar: int = field(default=0, metadata={"lowest": 0, "highest": 500})
    sockets: int = field(default=0, metadata={"lowest": 0, "highest": 200})
    values: int = field(default=0, metadata={"lowest": 0, "highest": 200})
    keys: Mapping[str, str] = field(default_factory=dict)


Actions = Callable[[], Sequence[Bound]]


def config_path() -> Path:
    """Return where the settings are where no other file is named."""
    return config_folder() / "console.toml"


def load_config(actions: Actions, path: str | None = None) -> Config:
    """Return the settings of ``path``, which must be there, or of the usual file, which need not be.

    Args:
        actions: returns the table of actions; called only where the file binds keys.
        path: the file; None takes the usual one.

    Raises:
        ConfigError: the file cannot be read, or something in it is wrong.
    """
    file = Path(path) if path is not None else config_path()
    return load_settings(file, lambda text: read_config(text, actions), Config(), named=path is not None)


def read_config(text: str, actions: Actions) -> Config:
    """Return the settings that ``text`` holds.

    Args:
        text: TOML.
        actions: returns the table of actions.

    Raises:
        ConfigError: it is no TOML, or has unknown settings, bad values or bad keys: one message for each.
    """
    given = parse_toml(text)
    messages: list[str] = []
    values = {key: _read(key, value, messages) for key, value in given.items() if key != "keys"}
    if "keys" in given:
        values["keys"] = read_keys(given["keys"], actions, messages)
    if messages:
        raise ConfigError(messages)
    return Config(**values)


def _read(key: str, value: object, messages: list[str]) -> Any:
    """Return a setting as ``Config`` has it; what is wrong with it is added to ``messages``."""
    known = {setting.name: setting for setting in fields(Config)}
    if key not in known:
        messages.append(f'unknown setting "{key}": expected one of {", ".join(known)}')
        return None
    default, facts = known[key].default, known[key].metadata
    expected, found = _READERS[type(default)](value, facts) if key != "storage" else _read_size(value, facts)
    if found is None:
        messages.append(f"{key}: expected {expected}, not {value!r}")
    return found


def _read_flag(value: object, _: Mapping[str, Any]) -> tuple[str, Any]:
    return "true or false", value if isinstance(value, bool) else None


def _read_text(value: object, facts: Mapping[str, Any]) -> tuple[str, Any]:
    choices = facts.get("choices")
    if choices is None:
        return "a text in quotes", value if isinstance(value, str) else None
    return " or ".join(f'"{choice}"' for choice in choices), value if value in choices else None


def _read_number(value: object, facts: Mapping[str, Any]) -> tuple[str, Any]:
    low, high = facts["lowest"], facts["highest"]
    kinds = (int, float) if isinstance(low, float) else (int,)
    right = isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high
    return f"a number from {low} to {high}", value if right else None


def _read_size(value: object, facts: Mapping[str, Any]) -> tuple[str, Any]:
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is not None:
        value = int(match[1]) * _UNITS[match[2].lower()]
    _, found = _read_number(value, facts)
    return 'a size from "1m" to "64g"', found


_READERS: Mapping[type, Callable[[object, Mapping[str, Any]], tuple[str, Any]]] = {
    bool: _read_flag,
    str: _read_text,
    int: _read_number,
    float: _read_number,
}
