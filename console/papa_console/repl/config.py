"""The settings of the prompt, read from a TOML file of the user's own.

``$XDG_CONFIG_HOME/papa/repl.toml``, or the file that ``--config`` names; never one in the current directory, which
may be anyone's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from papa_console.folders import config_folder
from papa_console.settings_file import ConfigError, load_settings, parse_toml

__all__ = ["Config", "ConfigError", "config_path", "load_config", "read_config"]

_CHOICES: Mapping[str, tuple[str, ...]] = {"edit": ("emacs", "vi"), "expand": ("space", "enter", "off")}


@dataclass(frozen=True, slots=True)
class Config:
    """The settings.

    Args:
        edit: the keys to edit with, ``emacs`` or ``vi``.
        expand: when command words are written out: ``space`` (and Tab and Enter), ``enter`` (and Tab) or ``off``.
        complete_while_typing: whether the menu opens by itself.
        suggest: whether the end of a line is suggested from the history.
        hint: whether what may follow is shown, greyed.
        menu_rows: how many rows the menu may take.
    """

    edit: str = "emacs"
    expand: str = "space"
    complete_while_typing: bool = False
    suggest: bool = True
    hint: bool = True
    menu_rows: int = field(default=10, metadata={"lowest": 3, "highest": 40})


def config_path() -> Path:
    """Return where the settings are where no other file is named."""
    return config_folder() / "repl.toml"


def load_config(path: str | None = None) -> Config:
    """Return the settings of ``path``, which must be there, or of the usual file, which need not be.

    Raises:
        ConfigError: the file cannot be read, or something in it is wrong.
    """
    file = Path(path) if path is not None else config_path()
    return load_settings(file, read_config, Config(), named=path is not None)


def read_config(text: str) -> Config:
    """Return the settings that ``text`` holds.

    Raises:
        ConfigError: it is no TOML, or has unknown keys or bad values: one message for each.
    """
    values = parse_toml(text)
    known = {setting.name: setting for setting in fields(Config)}
    faults = [
        _fault(key, value, known[key].default, known[key].metadata)
        if key in known
        else f'unknown setting "{key}": expected one of {", ".join(known)}'
        for key, value in values.items()
    ]
    messages = [fault for fault in faults if fault]
    if messages:
        raise ConfigError(messages)
    return Config(**values)


def _fault(key: str, value: object, default: object, bounds: Mapping[str, Any]) -> str:
    """Return what is wrong with a value, an empty text where nothing is."""
    if key in _CHOICES:
        expected, right = " or ".join(f'"{choice}"' for choice in _CHOICES[key]), value in _CHOICES[key]
    elif isinstance(default, bool):
        expected, right = "true or false", isinstance(value, bool)
    else:
        low, high = bounds["lowest"], bounds["highest"]
        expected = f"a number from {low} to {high}"
        right = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    return "" if right else f"{key}: expected {expected}, not {value!r}"
