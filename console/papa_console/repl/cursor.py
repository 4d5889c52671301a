"""Terminals that do not say where the cursor is: one that stayed silent is remembered, and not asked again.

Asking costs a silent terminal a second before its first command runs.
"""

import os
from collections.abc import MutableMapping
from pathlib import Path


def terminal_name(environment: MutableMapping[str, str] = os.environ) -> str:
    """Return what tells this terminal from others."""
    return f"{environment.get('TERM', '')} {environment.get('TERM_PROGRAM', '')}".strip()


def spare_silent_terminals(file: Path, environment: MutableMapping[str, str] = os.environ) -> None:
    """Keep prompt_toolkit from asking Emacs, and any terminal that ``file`` lists, where the cursor is."""
    try:
        silent = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        silent = []
    if "INSIDE_EMACS" in environment or terminal_name(environment) in silent:
        environment["PROMPT_TOOLKIT_NO_CPR"] = "1"


def remember_silent_terminal(file: Path) -> None:
    """Add this terminal to ``file``; where that cannot be, the next session asks again."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            lines.write(terminal_name() + "\n")
    except OSError:
        return
