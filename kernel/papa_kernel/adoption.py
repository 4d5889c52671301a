"""Processes that another kernel has started: told of when they end.

Whoever is not a process' parent cannot wait for it. A guardian is, and tells (guardian.py); else a pidfd tells that
it has ended, and on Linux 6.15 and later, once its parent has reaped it, also how (pidfd_open(2), PIDFD_GET_INFO).
"""

import fcntl
import os
import socket
import struct
from collections.abc import Iterable

from papa_kernel.children import Children
from papa_kernel.journal import Journal
from papa_kernel.log import log
from papa_kernel.loop import HANG_UP, READ, Loop
from papa_kernel.process import Process
from papa_kernel.store import END, Left
from papa_protocol.hints import Any

_PIDFD_GET_INFO = 0xC040FF0B  # _IOWR(0xFF, 11, struct pidfd_info), which had 64 bytes at first
_PIDFD_INFO_EXIT = 1 << 3
_INFO = struct.Struct("@QQ11Ii")  # what is asked for and told, the control group, identifiers, the status
# What is told of a process that has ended where the system does not say how.
UNKNOWN_STATUS = 255


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
        guardian: where a guardian tells of ends, if there is one.
    """

    def __init__(self, loop: Loop, children: Children, journal: Journal, guardian: socket.socket | None) -> None:
        self._loop = loop
        self._children = children
        self._journal = journal
        self._guardian = guardian
        self._pidfds: dict[int, int] = {}  # else, by PID, what tells of one
        if guardian is not None:
            loop.watch(guardian.fileno(), READ, self._hear)

    def begin(self, left: Left, processes: Iterable[Process]) -> None:
        """Learn from now on how processes end.

        Args:
            left: what the last kernel left.
            processes: the processes.
        """
        pids = {process.number: process.pid for process in processes if process.running}
        for number, fd in left.processes.items():
            self._watch(pids.pop(number), fd)
        if self._guardian is None:
            for number, pid in pids.items():
                self._journal.keep_process(number, pid)
                self._open(pid)

    def _hear(self, _: int) -> None:
        """Take note of the next end; only then may it be forgotten."""
        assert self._guardian is not None
        end = self._peek(self._guardian)
        if not end:
            self._do_without(self._guardian)
            return
        self._children.tell(*END.unpack(end))
        self._journal.flush()
        self._guardian.recv(END.size)

    def _peek(self, guardian: socket.socket) -> bytes:
        try:
            return guardian.recv(END.size, socket.MSG_PEEK)
        except ConnectionError:
            return b""

    def _do_without(self, guardian: socket.socket) -> None:
        """Go on without a guardian that has ended."""
        log.warning("The guardian has ended: from now on a crash would lose everything")
        self._loop.unwatch(guardian.fileno())
        self._journal.give_up()
        for pid in self._children.adopted():
            if pid not in self._pidfds:
                self._open(pid)

    def _open(self, pid: int) -> None:
        """Have the system tell of a process' end."""
        try:
            self._watch(pid, os.pidfd_open(pid))
        except ProcessLookupError:
            self._tell(pid, None)

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
        del self._pidfds[pid]
        self._loop.unwatch(fd)
        os.close(fd)
        self._tell(pid, status)

    def _tell(self, pid: int, status: int | None) -> None:
        if status is None:
            log.warning("How process %d has ended is not known; its exit status is given as %d", pid, UNKNOWN_STATUS)
        self._children.tell(pid, UNKNOWN_STATUS if status is None else status)

    @property
    def descriptors(self) -> list[int]:
        """What must stay open."""
        guardian = [self._guardian.fileno()] if self._guardian is not None else []
        return [*guardian, *self._pidfds.values()]

    @property
    def saved(self) -> dict[str, Any]:
        """What ``restore`` needs."""
        return {"pidfds": list(self._pidfds.items())}

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on with what was saved."""
        for pid, fd in saved["pidfds"]:
            self._watch(pid, fd)
