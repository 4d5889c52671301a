"""Programs that get the terminal for a while: the pager and the shell. Ctrl-C is theirs meanwhile."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_SIGNALLED = 128


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Leave Ctrl-C to the program that has the terminal.

    A handler that does nothing, unlike SIG_IGN, is not inherited by the programs that are started.
    """
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def pager_command() -> str | None:
    """Return the line of a shell that pages: $PAGER, or less where there is one; None for none."""
    wanted = os.environ.get("PAGER")
    if wanted is not None:
        return wanted or None
    return "less -FRX" if shutil.which("less") else None


def page(text: str) -> bool:
    """Show a text in a pager, and return whether that was possible."""
    command = pager_command()
    if command is None:
        return False
    with interrupts_ignored():
        # what is run is the user's own choice
        with subprocess.Popen(command, shell=True, stdin=subprocess.PIPE) as pager:  # noqa: S602
            try:
                _feed(pager, text.encode("utf-8", "surrogateescape"))
                pager.wait()
            except BaseException:  # a signal ends us, and the pager with us
                pager.terminate()
                raise
        return pager.returncode not in (126, 127)


def _feed(pager: "subprocess.Popen[bytes]", data: bytes) -> None:
    assert pager.stdin is not None
    with suppress(BrokenPipeError):
        pager.stdin.write(data)
    with suppress(BrokenPipeError):
        pager.stdin.close()


def run_shell(line: str) -> int:
    """Run a line of the user's shell, or the shell itself, and return its exit status."""
    shell = os.environ.get("SHELL") or "/bin/sh"
    with interrupts_ignored():
        done = subprocess.run([shell, "-c", line] if line else [shell], check=False)
    return done.returncode if done.returncode >= 0 else _SIGNALLED - done.returncode
