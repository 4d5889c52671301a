"""Copying: to the clipboard of this machine where there is one, else through the terminal, and always to a file."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from papa_console.dashboard.files.writing import make_folder, write_whole
from papa_console.folders import state_folder
from papa_console.text import size
from papa_protocol.words import to_bytes

# The programs that fill a clipboard, and the variable without which they have none; pbcopy needs nothing.
PROGRAMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("pbcopy",)),
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
)
_PATIENCE = 3.0
_LARGEST_SEQUENCE = 74_000  # bytes of text; several terminals ignore longer sequences


def clipboard_path() -> Path:
    """Return the file that always gets what is copied."""
    return state_folder() / "clipboard.txt"


def local_program(environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the command that fills this machine's clipboard; None where there is none, or the user sits elsewhere."""
    if environ.get("SSH_TTY") or environ.get("SSH_CONNECTION"):
        return None
    for variable, command in PROGRAMS:
        if (not variable or environ.get(variable)) and shutil.which(command[0], path=environ.get("PATH")):
            return command
    return None


def copy(text: str, osc52: Callable[[str], None], environ: Mapping[str, str] | None = None) -> str:
    """Copy a text and return a sentence that says where it is now.

    Args:
        text: the text; stray bytes in it stay what they are.
        osc52: hands a text to the terminal, which puts it into the clipboard of whoever sits there.
        environ: the environment; None takes this program's.
    """
    environ = os.environ if environ is None else environ
    data = to_bytes(text)
    file = _keep(data)
    command = local_program(environ)
    if command is not None and _fill(command, data, environ):
        return f"Copied {_amount(text)}"
    beside = f"; also in {file}" if file else ""
    if len(data) > _LARGEST_SEQUENCE:
        where = f"they are in {file}" if file else "nothing was copied"
        return f"{_amount(text)} are too much for the terminal's clipboard: {where}"
    osc52(data.decode("utf-8", "replace"))
    return f"Copied {_amount(text)} through the terminal{beside}"


def _amount(text: str) -> str:
    lines = text.count("\n") + (not text.endswith("\n"))
    return f"{lines:,} lines" if lines > 1 else f"{size(len(to_bytes(text)))} bytes"


def _keep(data: bytes) -> Path | None:
    path = clipboard_path()
    with suppress(OSError):
        make_folder(path.parent)
        write_whole(path, data)
        return path
    return None


def _fill(command: tuple[str, ...], data: bytes, environ: Mapping[str, str]) -> bool:
    """Run a clipboard program; it goes on in the background, so nothing of ours may stay open for it."""
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            env=dict(environ),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
