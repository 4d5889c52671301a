"""How a program finds the sockets that it is started with: sd_listen_fds(3), which systemd and others speak.

They have the descriptors from 3 on, and the environment says how many there are, what they are called and whom they
are meant for.
"""

import fcntl
import os
import resource
from collections.abc import Collection, Sequence

FIRST = 3


def activation(names: Collection[str], pid: int) -> dict[str, str]:
    """Return what the environment of a process says, which is nothing where there are no sockets.

    Args:
        names: what the sockets are called, in order.
        pid: the process.
    """
    if not names:
        return {}
    return {"LISTEN_FDS": str(len(names)), "LISTEN_PID": str(pid), "LISTEN_FDNAMES": ":".join(names)}


def place(fds: Sequence[int], kept: int) -> int:
    """Give descriptors of this process the numbers from 3 on, in which whatever else has them is closed.

    Args:
        fds: the descriptors; they stay open under their old numbers too, until the process runs a program.
        kept: one more, which must stay open until then.

    Returns:
        The number that ``kept`` has then.
    """
    if not fds:
        return kept
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))  # all numbers below the soft one may be taken
    try:
        kept, *moved = (out_of_the_way(fd, len(fds)) for fd in (kept, *fds))
        for number, fd in enumerate(moved, FIRST):
            os.dup2(fd, number)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    return kept


def out_of_the_way(fd: int, count: int) -> int:
    """Return a duplicate beyond the numbers that ``count`` sockets get."""
    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FIRST + count)
