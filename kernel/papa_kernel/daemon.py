"""Leaving the terminal: a process in a session of its own that keeps nothing of its parent."""

import os
from collections.abc import Callable, Iterable


def detach(keep: Iterable[int], goes_on_as: Callable[[int], None]) -> None:
    """Go on in the background, as daemon(7) says; the process that was started ends with status 0.

    Args:
        keep: the descriptors to keep; the standard ones become /dev/null, all others are closed.
        goes_on_as: called by each process that ends, with the PID of the one that goes on.
    """
    _leave_parent(goes_on_as)
    os.setsid()
    _leave_parent(goes_on_as)  # who leads no session can never get a terminal again
    os.chdir("/")
    redirect_standard_streams()
    close_all_but(keep)


def _leave_parent(goes_on_as: Callable[[int], None]) -> None:
    """Go on in a child, once its parent has told so: a service manager listens to one process at a time."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        goes_on_as(child)
        os._exit(0)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)


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
