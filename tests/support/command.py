"""The ``papa`` command as a process of the test."""

import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from support.waiting import wait_for
from support.wire import TIMEOUT, Wire

Started = subprocess.Popen[str]
Papa = Callable[..., Started]


def start_command(*arguments: str, **options: Any) -> Started:
    """Start the command; ``options`` are Popen's."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-m", "papa_kernel", *arguments], text=True, **{**streams, **options})


def finish(process: Started) -> tuple[int, str, str]:
    """Return the exit status, the output and the errors of a command that ends by itself."""
    out, err = process.communicate(timeout=TIMEOUT)
    return process.returncode, out, err


def said(process: Started) -> str:
    """Return the next line that the command writes."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip()


def connected(path: str) -> Wire:
    """Connect to a kernel that cannot say when it listens."""

    def listens() -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(path) == 0

    wait_for(listens, "it listens")
    return Wire(path)
