"""The guardian: a small parent of the kernel that keeps what the kernel needs to go on after a crash.

It holds the endpoints, duplicates of every descriptor and the file with the kernel's state, which the kernel leaves
with it as it would with systemd (sd_notify(3), FDSTORE). The processes of a kernel that has crashed become its
children (PR_SET_CHILD_SUBREAPER), so that it learns how they end, and tells the next kernel. It reads no output and
answers no command: there is little in it that could fail.
"""

import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial

from papa_kernel.activation import FIRST_PASSED
from papa_kernel.arguments import GUARDED_OPTION
from papa_kernel.child import raise_limit
from papa_kernel.children import next_end
from papa_kernel.listener import Endpoint
from papa_kernel.log import log
from papa_kernel.loop import READ, WRITE, Loop
from papa_kernel.saved import new_file
from papa_kernel.service_manager import ServiceManager
from papa_kernel.spawn import fork
from papa_kernel.store import END, ENDED, KEPT
from papa_kernel.upgrade import own_command

_PR_SET_CHILD_SUBREAPER = 36
_ENDPOINT = "endpoint"
_MESSAGE_BYTES = 4096
_MESSAGES_PER_TURN = 256
_CREDENTIALS = struct.Struct("@iII")  # pid, uid, gid
_RIGHTS_BYTES = socket.CMSG_SPACE(16 * 4) + socket.CMSG_SPACE(_CREDENTIALS.size)
_STORED_AT_MOST = 1_000_000
# A kernel that ends before it serves is started again later and later: after so many seconds.
_SHORTEST_PAUSE = 0.1
_LONGEST_PAUSE = 30.0


class Guardian:
    """Runs the kernel, and runs it again when it crashes.

    Args:
        endpoints: where the kernel listens.
        arguments: those of the ``papa`` command.
        manager: who started this, and is told what the kernel tells.
    """

    def __init__(self, endpoints: Sequence[Endpoint], arguments: Sequence[str], manager: ServiceManager) -> None:
        self._endpoints = endpoints
        self._arguments = [*arguments, GUARDED_OPTION]
        self._manager = manager
        self._loop = Loop()
        self._kept: dict[str, int] = {}
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._notify.bind("")  # to an abstract name that the system chooses
        self._notify.setblocking(False)
        self._ended, self._told = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ended.setblocking(False)
        self._soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        raise_limit(self._soft, hard)
        self._kernel = 0
        self._pause = 0.0
        self._serves = False  # the kernel has come so far
        self._served = False  # so has one of those before it, or this one
        self._status = 0

    def run(self) -> int:
        """Run the kernel until it ends as it was told to; return its exit status."""
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._loop.watch(self._notify.fileno(), READ, lambda _: self._hear(_MESSAGES_PER_TURN))
        self._loop.on_signal(signal.SIGCHLD, self._reap)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                self._loop.on_signal(number, partial(self._pass_on, number))
        self._start()
        self._loop.run()
        for endpoint in self._endpoints:
            endpoint.close()
        return self._status

    def _start(self) -> None:
        self._serves = False
        address = "@" + self._notify.getsockname()[1:].decode()
        front = [(_ENDPOINT, each.socket.fileno()) for each in self._endpoints]
        front.append((ENDED, self._told.fileno()))
        command = own_command(self._arguments)
        self._kernel = fork(lambda: _execute(command, address, front, self._kept, self._soft))

    def _pass_on(self, number: int) -> None:
        if self._kernel:
            os.kill(self._kernel, number)
        elif number != signal.SIGHUP:
            self._loop.stop()

    def _hear(self, most: int) -> None:
        """Do what the kernel's messages ask for."""
        for _message in range(most):
            try:
                data, rights, _flags, _address = self._notify.recvmsg(_MESSAGE_BYTES, _RIGHTS_BYTES)
            except BlockingIOError:
                return
            fds, pid = _read_rights(rights)
            kept = self._obey(data.decode(errors="replace"), fds) if pid == self._kernel else False
            for fd in fds[kept:]:
                os.close(fd)

    def _obey(self, text: str, fds: Sequence[int]) -> bool:
        """Do what a message asks for; return whether its first descriptor is kept."""
        fields = dict(line.partition("=")[::2] for line in text.split("\n"))
        name = fields.get("FDNAME", "")
        if "FDSTORE" in fields and fds:
            self._forget(name)
            self._kept[name] = fds[0]
            return True
        if "FDSTOREREMOVE" in fields:
            self._forget(name)
        elif "BARRIER" not in fields:
            self._serves = self._serves or "READY" in fields
            self._served = self._served or self._serves
            self._manager.send(text)
        return False

    def _forget(self, name: str) -> None:
        if name in self._kept:
            os.close(self._kept.pop(name))

    def _reap(self) -> None:
        """Collect the kernel, if it has ended, and the processes of those before it."""
        if self._kernel:
            pid, status = os.waitpid(self._kernel, os.WNOHANG)
            if pid:
                self._kernel_ended(os.waitstatus_to_exitcode(status))
        while (end := next_end()) is not None and end[0] != self._kernel and self._tell(*end):
            os.waitpid(end[0], 0)

    def _tell(self, pid: int, status: int) -> bool:
        """Tell the kernel, or the next, that a process has ended; return whether that could be said now."""
        try:
            self._ended.send(END.pack(pid, status))
        except BlockingIOError:
            self._loop.watch(self._ended.fileno(), WRITE, self._go_on_telling)
            return False
        return True

    def _go_on_telling(self, _: int) -> None:
        self._loop.unwatch(self._ended.fileno())
        self._reap()

    def _kernel_ended(self, status: int) -> None:
        self._hear(sys.maxsize)
        self._kernel = 0
        if status == 0 or not self._served:
            self._status = status if status >= 0 else 1
            self._loop.stop()
            return
        self._pause = 0.0 if self._serves else min(max(2 * self._pause, _SHORTEST_PAUSE), _LONGEST_PAUSE)
        log.warning("The kernel has ended with status %d; it is started again in %.1f s", status, self._pause)
        self._loop.call_at(time.monotonic() + self._pause, self._start)


def _read_rights(rights: Sequence[tuple[int, int, bytes]]) -> tuple[list[int], int]:
    """Return the descriptors that came with a message, and the PID of its sender."""
    fds: list[int] = []
    pid = 0
    for _level, kind, data in rights:
        if kind == socket.SCM_RIGHTS:
            fds += struct.unpack(f"{len(data) // 4}i", data[: len(data) // 4 * 4])
        elif kind == socket.SCM_CREDENTIALS:
            pid = _CREDENTIALS.unpack(data)[0]
    return fds, pid


def _execute(
    command: list[str], address: str, front: Sequence[tuple[str, int]], kept: Mapping[str, int], soft: int
) -> None:
    """Become the kernel, in a child.

    Args:
        command: runs it.
        address: where its messages go.
        front: the descriptors that are passed as a service manager does, and their names.
        kept: those that are listed in a file instead: their names would not fit into a variable.
        soft: the limit of open descriptors that this was started with.
    """
    above = max([2 + len(front) + 1, *kept.values(), *(fd for _, fd in front)]) + 1
    names = "".join(f"{fcntl.fcntl(fd, fcntl.F_DUPFD, above)} {name}\n" for name, fd in kept.items())
    list_of_kept = new_file("papa-kept")
    os.write(list_of_kept, names.encode())
    front = [*front, (KEPT, list_of_kept)]
    passed = [(name, fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, above)) for name, fd in front]
    for number, (_, fd) in enumerate(passed, FIRST_PASSED):
        os.dup2(fd, number)
    os.environ.update(
        NOTIFY_SOCKET=address,
        FDSTORE=str(_STORED_AT_MOST),
        LISTEN_PID=str(os.getpid()),
        LISTEN_FDS=str(len(passed)),
        LISTEN_FDNAMES=":".join(name for name, _ in passed),
    )
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    os.execv(command[0], command)  # noqa: S606
