"""The three streams of a program, made fit for any text whatever the locale."""

import os
import sys


def prepare_streams() -> None:
    """See that there are three streams, and that each carries any bytes; a closed descriptor leaves none."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - for the whole run
        getattr(sys, name).reconfigure(encoding="utf-8", errors="surrogateescape")


def print_all(text: str, program: str) -> int:
    """Print a text at once; return the exit status, 1 where it cannot be written, which is said."""
    status = 0
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has seen enough
        _discard()
    except OSError as error:
        _discard()
        sys.stderr.write(f"{program}: cannot write results: {error.strerror}\n")
        status = 1
    return status


def _discard() -> None:
    """Let what is left go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
