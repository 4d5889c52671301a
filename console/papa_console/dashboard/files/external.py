"""Programs of the user's choice that get the terminal for a while: the pager and the editor.

They are run on the main thread, which waits for them: Ctrl-C is theirs meanwhile, and nothing else may paint.
"""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from papa_console.dashboard.files.writing import file_name
from papa_console.repl.pager import interrupts_ignored
from papa_protocol.words import to_bytes, to_text


class ExternalError(Exception):
    """A program could not be run, or was not content; the text says which and why."""


def pager_command(environ: Mapping[str, str] | None = None) -> list[str]:
    """Return the words that start the pager: $PAGER, else ``less -R``, else ``more``.

    Raises:
        ExternalError: $PAGER makes no sense.
    """
    environ = os.environ if environ is None else environ
    wanted = _split("PAGER", environ)
    if wanted:
        return ["less", "-R"] if wanted == ["less"] and not environ.get("LESS") else wanted
    return ["less", "-R"] if shutil.which("less", path=environ.get("PATH")) else ["more"]


def editor_command(environ: Mapping[str, str] | None = None) -> list[str]:
    """Return the words that start the editor: $VISUAL, else $EDITOR, else ``vi``.

    Raises:
        ExternalError: the variable makes no sense.
    """
    environ = os.environ if environ is None else environ
    return _split("VISUAL", environ) or _split("EDITOR", environ) or ["vi"]


def _split(variable: str, environ: Mapping[str, str]) -> list[str]:
    try:
        return shlex.split(environ.get(variable, ""))
    except ValueError as error:
        raise ExternalError(f"${variable} makes no sense: {error}") from None


def run_pager(path: Path) -> None:
    """Show a file in the pager, and return when the user has left it; the terminal is ours to give.

    Raises:
        ExternalError: the pager cannot be run.
    """
    _run([*pager_command(), str(path)])


def run_editor(path: Path) -> None:
    """Open a file in the editor, and return when the user has left it; the terminal is ours to give.

    Raises:
        ExternalError: the editor cannot be run, or says by its exit status that nothing is to be done.
    """
    _run([*editor_command(), str(path)])


def edit_text(text: str, name: str = "value", suffix: str = ".txt") -> str | None:
    """Let the user edit a text in the editor.

    The file is private and gone afterwards. A line feed that the editor added at the end is taken away again.

    Args:
        text: the text; stray bytes in it stay what they are.
        name: what the file's name begins with; nothing in it leads out of its folder.
        suffix: what it ends with, such as ``.json``, from which editors tell the language.

    Returns:
        The new text; None where it was not changed.

    Raises:
        ExternalError: the editor failed, or the file cannot be used; nothing is changed.
    """
    with tempfile.TemporaryDirectory(prefix="papa-") as folder:  # only this user may enter it
        path = Path(folder) / f"{file_name(name)}{suffix}"
        try:
            path.touch(mode=0o600)
            path.write_bytes(to_bytes(text))
            run_editor(path)
            edited = to_text(path.read_bytes())
        except OSError as error:
            raise ExternalError(f"{path}: {error.strerror}") from None
    if edited.endswith("\n") and not text.endswith("\n"):
        edited = edited.removesuffix("\n")
    return None if edited == text else edited


def _run(command: list[str]) -> None:
    with interrupts_ignored():
        try:
            status = subprocess.run(command, check=False).returncode
        except OSError as error:
            raise ExternalError(f"{command[0]}: {error.strerror}") from None
    if status:
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        raise ExternalError(f"{shlex.join(command[:-1])} {how}")
