"""Where a user's files are: the folders of the XDG Base Directory Specification."""

import os
from pathlib import Path


def _folder(variable: str, usual: tuple[str, ...]) -> Path:
    home = os.environ.get(variable, "")
    return (Path(home) if home.startswith("/") else Path.home().joinpath(*usual)) / "papa"


def config_folder() -> Path:
    """Return where settings are: ``$XDG_CONFIG_HOME/papa``."""
    return _folder("XDG_CONFIG_HOME", (".config",))


def state_folder() -> Path:
    """Return where things that were remembered or saved are: ``$XDG_STATE_HOME/papa``."""
    return _folder("XDG_STATE_HOME", (".local", "state"))
