"""The guardian: a small parent of the kernel that keeps what the kernel needs to go on after a crash.

It holds the endpoints, duplicates of every descriptor and the file with the kernel's state, which the kernel leaves
with it as it would with systemd (sd_notify(3), FDSTORE), by a socket that nobody else has. The processes of a kernel
that has crashed become its children (PR_SET_CHILD_SUBREAPER), so that it learns how they end, and tells the next
kernel. It reads no output and answers no command: there is little in it that could fail.
"""

import ctypes
import fcntl
import os
import resource
import signal
import socket
import stat
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial

from papa_kernel.activation import FIRST_PASSED
from papa_kernel.arguments import GUARDED_OPTION
from papa_kernel.child import raise_limit
from papa_kernel.children import next_end
from papa_kernel.drain import leave_drain
from papa_kernel.listener import Endpoint
from papa_kernel.log import log
from papa_kernel.loop import READ, WRITE, Deadline, Loop
from papa_kernel.saved import new_file
from papa_kernel.service_manager import ServiceManager
from papa_kernel.spawn import fork
from papa_kernel.store import END, KEPT
from papa_kernel.upgrade import own_command

_PR_SET_CHILD_SUBREAPER = 36
_ENDPOINT = "endpoint"
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)
_MESSAGE_BYTES = 4096
_MESSAGES_PER_TURN = 256
_RIGHTS_BYTES = socket.CMSG_SPACE(16 * 4)
# A kernel that ends before it serves is started again later and later: after so many seconds.
_SHORTEST_PAUSE = 0.1
_LONGEST_PAUSE = 30.0
# One that serves and ends within this time, in seconds, is left alone for as long after so many times in a row.
_SOON = 1.0
_MANY = 20


class Guardian:
    """Runs the kernel, and runs it again when it crashes.

    Args:
        endpoints: where the kernel listens.
        arguments: those of the ``papa`` command.
        manager: who started this, and is told what the kernel tells.
    """

    def __init__(self, endpoints: Sequence[Endpoint], arguments: Sequence[str], manager: ServiceManager) -> None:
        self._endpoints = endpoints
        # The number is the same for every kernel, so that none of them gives it to anything else.
        link = FIRST_PASSED + len(endpoints) + 1
        self._command = own_command([*arguments, GUARDED_OPTION, str(link)])
        self._manager = manager
        self._loop = Loop()
        self._kept: dict[str, int] = {}
        self._link, self._kernels_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._link.setblocking(False)
        self._soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        raise_limit(hard)
        self._kernel = 0
        self._restart = Deadline(self._start, self._loop.stop)
        self._pause = 0.0
        self._came_up = 0.0  # when the kernel began to serve
        self._short_lives = 0
        self._serves = False  # the kernel has come so far
        self._served = False  # so has one of those before it, or this one
        self._told_to_end = False
        self._over = False
        self._status = 0

    def run(self) -> int:
        """Run the kernel until it ends as it was told to; return its exit status."""
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._listen()
        self._loop.on_signal(signal.SIGCHLD, self._reap)
        for number in _SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                self._loop.on_signal(number, partial(self._pass_on, number))
        self._start()
        self._loop.run()
        for endpoint in self._endpoints:
            endpoint.close()
        if self._status:  # the kernel could leave nobody who reads the pipes
            leave_drain([fd for fd in self._kept.values() if stat.S_ISFIFO(os.fstat(fd).st_mode)])
        return self._status

    def _listen(self) -> None:
        self._loop.watch(self._link.fileno(), READ, lambda _: self._hear(_MESSAGES_PER_TURN))

    def _start(self) -> None:
        self._restart.cancel()
        if self._kernel:
            return
        front = [(_ENDPOINT, each.socket.fileno()) for each in self._endpoints]
        # What is sent to a kernel that cannot take signals yet waits until it can.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        self._kernel = fork(partial(self._become_kernel, front))
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _become_kernel(self, front: Sequence[tuple[str, int]]) -> None:
        try:
            _pass_on(front, self._kept, self._kernels_end.fileno())
            resource.setrlimit(resource.RLIMIT_NOFILE, (self._soft, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
            os.execv(self._command[0], self._command)  # noqa: S606
        finally:
            os._exit(127)

    def _pass_on(self, number: int) -> None:
        """Pass a signal on to the kernel; one that asks for its end starts one where there is none, to end in order."""
        self._reap()
        if self._over:  # a terminal tells the kernel as well, which may be quicker
            return
        if number != signal.SIGHUP:
            self._told_to_end = True
            self._start()
        if self._kernel:
            os.kill(self._kernel, number)

    def _hear(self, most: int) -> None:
        """Do what the kernel's messages ask for."""
        for _message in range(most):
            try:
                data, rights, _flags, _address = self._link.recvmsg(_MESSAGE_BYTES, _RIGHTS_BYTES)
            except BlockingIOError:
                return
            fds = _read_rights(rights)
            kept = self._obey(data.decode(errors="replace"), fds)
            for fd in fds[kept:]:
                os.close(fd)

    def _obey(self, text: str, fds: Sequence[int]) -> bool:
        """Do what a message asks for; return whether its first descriptor is kept."""
        fields = dict(line.partition("=")[::2] for line in text.split("\n"))
        name = fields.get("FDNAME", "")
        if "FDSTORE" in fields:
            self._forget(name)
            if fds:
                self._kept[name] = fds[0]
            else:
                log.warning("The guardian has no room for %s: a crash would lose it", name)
            return bool(fds)
        if "FDSTOREREMOVE" in fields:
            self._forget(name)
        elif "BARRIER" not in fields:
            self._note(fields)
            self._manager.send(text)
        return False

    def _note(self, fields: Mapping[str, str]) -> None:
        if "READY" in fields:
            if not self._serves:
                self._came_up = time.monotonic()
            self._serves = self._served = True
            # Not at once: the kernel may have ended since, and this be among its last words.
            self._loop.at_end_of_turn(self._reap)

    def _forget(self, name: str) -> None:
        if name in self._kept:
            os.close(self._kept.pop(name))

    def _reap(self) -> None:
        """Collect the kernel, if it has ended, and the processes of those before it.

        These wait until a kernel serves: it may have to look for one.
        """
        if self._kernel:
            pid, status = os.waitpid(self._kernel, os.WNOHANG)
            if pid:
                self._kernel_ended(os.waitstatus_to_exitcode(status))
        while self._serves and (end := next_end()) is not None and end[0] != self._kernel and self._tell(*end):
            os.waitpid(end[0], 0)

    def _tell(self, pid: int, status: int) -> bool:
        """Tell the kernel, or the next, that a process has ended; return whether that could be said now."""
        try:
            self._link.send(END.pack(pid, status))
        except BlockingIOError:
            self._loop.watch(self._link.fileno(), READ | WRITE, self._go_on_telling)
            return False
        return True

    def _go_on_telling(self, mask: int) -> None:
        if mask & WRITE:
            self._listen()
            self._reap()
        self._hear(_MESSAGES_PER_TURN)

    def _kernel_ended(self, status: int) -> None:
        self._hear(sys.maxsize)
        served, self._kernel, self._serves = self._serves, 0, False
        if status == 0 or self._told_to_end or not self._served:
            self._status = status if status >= 0 else 1
            self._over = True
            self._loop.stop()
            return
        if not os.access(self._command[0], os.X_OK):
            log.warning("The kernel cannot be started: %s is not there, or no program", self._command[0])
        self._pause = self._next_pause(served=served)
        log.warning("The kernel has ended with status %d; it is started again in %.1f s", status, self._pause)
        self._restart = self._loop.call_at(time.monotonic() + self._pause, self._start)

    def _next_pause(self, *, served: bool) -> float:
        """Return for how long to leave alone what has just crashed, in seconds."""
        if not served:
            return min(max(2 * self._pause, _SHORTEST_PAUSE), _LONGEST_PAUSE)
        self._short_lives = self._short_lives + 1 if time.monotonic() - self._came_up < _SOON else 0
        return _SOON if self._short_lives > _MANY else 0.0


def _read_rights(rights: Sequence[tuple[int, int, bytes]]) -> list[int]:
    """Return the descriptors that came with a message."""
    return [fd for _level, _kind, data in rights for (fd,) in struct.iter_unpack("i", data[: len(data) // 4 * 4])]


def _pass_on(front: Sequence[tuple[str, int]], kept: Mapping[str, int], link: int) -> None:
    """Arrange descriptors for the kernel that this process is about to become.

    Args:
        front: those that are passed as a service manager does, and their names.
        kept: those that are listed in a file instead: their names would not fit into a variable.
        link: the kernel's end of the socket that it talks to the guardian by.
    """
    first_free = FIRST_PASSED + len(front) + 2
    list_of_kept = new_file("papa-kept")
    above = max([first_free, list_of_kept, link, *kept.values(), *(fd for _, fd in front)]) + 1
    os.write(
        list_of_kept, "".join(f"{_let_through(fd, first_free, above)} {name}\n" for name, fd in kept.items()).encode()
    )
    moved = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, above) for fd in (*(fd for _, fd in front), list_of_kept, link)]
    for number, fd in enumerate(moved, FIRST_PASSED):
        os.dup2(fd, number)
    os.environ.update(
        LISTEN_PID=str(os.getpid()),
        LISTEN_FDS=str(len(front) + 1),
        LISTEN_FDNAMES=":".join([*(name for name, _ in front), KEPT]),
    )


def _let_through(fd: int, first_free: int, above: int) -> int:
    """Have the kernel inherit a descriptor; return its number there, which is none of the first ones."""
    if fd < first_free:
        return fcntl.fcntl(fd, fcntl.F_DUPFD, above)
    os.set_inheritable(fd, True)
    return fd
