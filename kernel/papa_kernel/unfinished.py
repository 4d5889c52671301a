"""Processes that were being started when the kernel ended: found among those that run, where they were started at all.

Each leads a session and has begun after that was written down. One whose output is recorded has its pipes, unless it
has redirected it since. Under a guardian it has become the guardian's child, and stays that until somebody asks how
it has ended.
"""

import os
from collections.abc import Collection, Iterator

from papa_protocol.hints import NamedTuple

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class _Leader(NamedTuple):
    """A process that leads a session."""

    pid: int
    parent: int
    begun: int  # in ticks since the system's start


def find_started(begun: float, pipes: Collection[int], known: Collection[int], parent: int) -> int:
    """Return the PID of a process that may have been started, or 0 if it was not.

    Args:
        begun: when it was about to be, in seconds since the system's start.
        pipes: those that it was to write to.
        known: the PIDs of others.
        parent: whose children are known but for the one that is looked for; 0 where there is no such process.
    """
    since = int(begun * _TICKS_PER_SECOND)
    leaders = [each for each in _leaders() if each.begun >= since and each.pid not in known]
    wanted = {f"pipe:[{os.fstat(fd).st_ino}]" for fd in pipes}
    writers = [each.pid for each in leaders if wanted.intersection(_outputs(each.pid))]
    children = [each.pid for each in leaders if each.parent == parent]
    return next(iter([*writers, *children]), 0)


def _leaders() -> Iterator[_Leader]:
    for name in os.listdir("/proc"):
        if name.isdecimal() and (fields := _stat(name)) and fields[3] == name:
            yield _Leader(int(name), int(fields[1]), int(fields[19]))


def _stat(pid: str) -> list[str]:
    """Return what the system tells of a process after its name (proc_pid_stat(5)), nothing where there is none."""
    try:
        with open(f"/proc/{pid}/stat", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def _outputs(pid: int) -> Iterator[str]:
    for number in (1, 2):
        try:
            yield os.readlink(f"/proc/{pid}/fd/{number}")
        except OSError:  # it has ended, or is somebody else's
            return
