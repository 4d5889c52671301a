"""Processes that another kernel has started: found, and told of when they end.

Whoever is not a process' parent cannot wait for it. A guardian is, and tells (guardian.py); else a pidfd tells that
it has ended, and on Linux 6.15 and later, once its parent has reaped it, also how (pidfd_open(2), PIDFD_GET_INFO).
"""

import fcntl
import os
import socket
import struct
from collections.abc import Iterable, Iterator
from typing import Any

from papa_kernel.children import Children
from papa_kernel.journal import Journal
from papa_kernel.log import log
from papa_kernel.loop import HANG_UP, READ, Loop
from papa_kernel.process import Process
from papa_kernel.store import END, Left

_PIDFD_GET_INFO = 0xC040FF0B  # _IOWR(0xFF, 11, struct pidfd_info), which had 64 bytes at first
_PIDFD_INFO_EXIT = 1 << 3
_INFO = struct.Struct("@QQ11Ii")  # what is asked for and told, the control group, identifiers, the status
# What is told of a process that has ended where the system does not say how.
UNKNOWN_STATUS = 255


def find_writer(pipes: Iterable[int]) -> int:
    """Return the PID of the process that was started to write to pipes, or 0 where there is none."""
    wanted = {f"pipe:[{os.fstat(fd).st_ino}]" for fd in pipes}
    for name in os.listdir("/proc"):
        if name.isdecimal() and wanted.intersection(_outputs(name)) and _leads_session(int(name)):
            return int(name)
    return 0


def _outputs(pid: str) -> Iterator[str]:
    for number in (1, 2):
        try:
            yield os.readlink(f"/proc/{pid}/fd/{number}")
        except OSError:  # it has ended, or is somebody else's
            return


def _leads_session(pid: int) -> bool:
    try:
        return os.getsid(pid) == pid
    except ProcessLookupError:
        return False


def exit_status(pidfd: int) -> int | None:
    """Return the exit status of a process that has ended, negative for a signal; None while it has not been reaped.

    Raises:
        OSError: the system does not tell.
    """
    question = _INFO.pack(_PIDFD_INFO_EXIT, *[0] * 13)
    answer = _INFO.unpack(fcntl.ioctl(pidfd, _PIDFD_GET_INFO, question))
    return os.waitstatus_to_exitcode(answer[-1]) if answer[0] & _PIDFD_INFO_EXIT else None


class Adopted:
    """Processes that a kernel before this one has started.

    Args:
        loop: calls back when one has ended.
        children: is told.
        journal: writes it down.
    """

    def __init__(self, loop: Loop, children: Children, journal: Journal) -> None:
        self._loop = loop
        self._children = children
        self._journal = journal
        self._ended: socket.socket | None = None  # where a guardian tells of ends
        self._pidfds: dict[int, int] = {}  # else, by PID, what tells of one

    def begin(self, left: Left, processes: Iterable[Process]) -> None:
        """Learn from now on how processes end.

        Args:
            left: what the last kernel left.
            processes: the processes.
        """
        self.listen(left.ended)
        pids = {process.number: process.pid for process in processes if process.running}
        for number, fd in left.processes.items():
            if number in pids:
                self._watch(pids[number], fd)
            else:
                os.close(fd)

    def listen(self, fd: int) -> None:
        """Listen to a guardian, where there is one."""
        if fd >= 0:
            self._ended = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, fd)
            self._loop.watch(fd, READ, self._hear)

    def _hear(self, _: int) -> None:
        """Take note of the next end; only then may it be forgotten."""
        assert self._ended is not None
        pid, status = END.unpack(self._ended.recv(END.size, socket.MSG_PEEK))
        self._children.tell(pid, status)
        self._journal.flush()
        self._ended.recv(END.size)

    def _watch(self, pid: int, fd: int) -> None:
        self._pidfds[pid] = fd
        self._loop.watch(fd, READ, lambda mask: self._collect(pid, reaped=bool(mask & HANG_UP)))

    def _collect(self, pid: int, *, reaped: bool) -> None:
        fd = self._pidfds[pid]
        try:
            status = exit_status(fd)
        except OSError:
            reaped, status = True, None
        if status is None and not reaped:
            self._loop.watch(fd, HANG_UP, lambda _: self._collect(pid, reaped=True))
            return
        if status is None:
            log.warning("How process %d has ended is not known; its exit status is given as %d", pid, UNKNOWN_STATUS)
        del self._pidfds[pid]
        self._loop.unwatch(fd)
        os.close(fd)
        self._children.tell(pid, UNKNOWN_STATUS if status is None else status)

    @property
    def descriptors(self) -> list[int]:
        """What must stay open."""
        ended = [self._ended.fileno()] if self._ended is not None else []
        return [*ended, *self._pidfds.values()]

    @property
    def saved(self) -> dict[str, Any]:
        """What ``restore`` needs."""
        return {
            "ended": self._ended.fileno() if self._ended is not None else -1,
            "pidfds": list(self._pidfds.items()),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on with what was saved."""
        self.listen(saved["ended"])
        for pid, fd in saved["pidfds"]:
            self._watch(pid, fd)
