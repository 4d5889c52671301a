"""Leaving the terminal: a process in a session of its own that keeps nothing of its parent."""

import os
from collections.abc import Iterable


def detach(keep: Iterable[int]) -> None:
    """Go on in the background, as daemon(7) says; the process that was started ends with status 0.

    Args:
        keep: the descriptors to keep; the standard ones become /dev/null, all others are closed.
    """
    _leave_parent()
    os.setsid()
    _leave_parent()  # who leads no session can never get a terminal again
    os.chdir("/")
    redirect_standard_streams()
    close_all_but(keep)


def _leave_parent() -> None:
    if os.fork():
        os._exit(0)


def fill_standard_streams() -> None:
    """Open /dev/null in place of closed standard streams, so that nothing else gets their numbers."""
    while (null := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(null)


def redirect_standard_streams() -> None:
    """Connect standard input, output and error to /dev/null."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)


def close_all_but(keep: Iterable[int]) -> None:
    """Close every descriptor above the standard ones that is not in ``keep``."""
    low = 3
    for fd in sorted(keep):
        os.closerange(low, fd)
        low = max(low, fd + 1)
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))
