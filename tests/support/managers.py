"""A service manager with a descriptor store, in a process of its own, that does to a kernel what systemd does.

It is the parent of the kernel and of whatever the kernel leaves behind, which it reaps without telling anybody. It
listens to the main process alone, keeps what that sends with FDSTORE=1 (the newest comes first), ignores what it has
already or has no room for, and passes it all to the next kernel, after the sockets of socket units.
"""

import ctypes
import fcntl
import json
import os
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from support.waiting import wait_for
from support.wire import TIMEOUT, Wire

EXIT_EXEC = 203  # systemd.exec(5): the program could not be executed
_TESTS = Path(__file__).resolve().parents[1]
_PR_SET_CHILD_SUBREAPER = 36
_F_DUPFD_QUERY = 1027
_CREDENTIALS = struct.Struct("=iII")
_ROOM = socket.CMSG_SPACE(_CREDENTIALS.size) + socket.CMSG_SPACE(16 * 4)
_FIRST_PASSED = 3


class Status(NamedTuple):
    """What the manager knows.

    Args:
        pid: of the kernel, 0 where none runs.
        ready: whether it has told that it serves.
        status: how the last one ended.
        names: of what is kept, in the order in which it came.
        told: the messages of the kernel that are not about what is kept.
        strangers: how many messages came from other processes.
    """

    pid: int
    ready: bool
    status: int | None
    names: list[str]
    told: list[str]
    strangers: int


class Manager:
    """Runs one kernel at a time, as a service.

    Args:
        arguments: of the ``papa`` command.
        sockets: those of socket units, by name.
        most: FileDescriptorStoreMax=; 0 where no store is offered.
        offers: whether FDSTORE tells of the store, as systemd does from 254 on.
        files: how many files a kernel may have open at its start (LimitNOFILE=); None for as many as possible.
        env: further variables.
    """

    def __init__(
        self,
        *arguments: str,
        sockets: Sequence[tuple[str, socket.socket]] = (),
        most: int = 1000,
        offers: bool = True,
        files: int | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="papa-test-"))
        self.path = str(self.folder / "papa.sock")
        self.journal = self.folder / "journal"
        self.arguments = list(arguments)
        self.env = {**(env or {}), **({"FDSTORE": str(most)} if offers and most else {})}
        fds = [sock.fileno() for _name, sock in sockets]
        self._control, theirs = socket.socketpair()
        self._control.settimeout(TIMEOUT)
        setup = {
            "control": theirs.fileno(),
            "sockets": [(name, sock.fileno()) for name, sock in sockets],
            "most": most,
            "files": files,
            "notify": str(self.folder / "notify"),
            "journal": str(self.journal),
        }
        command = [sys.executable, "-m", "support.managers", json.dumps(setup)]
        self._process = subprocess.Popen(
            command, cwd=_TESTS, pass_fds=[theirs.fileno(), *fds], start_new_session=True, stdin=subprocess.DEVNULL
        )
        theirs.close()
        self._replies = self._control.makefile("r")

    def _ask(self, what: str, **details: Any) -> Any:
        self._control.sendall(json.dumps({"what": what, **details}).encode() + b"\n")
        return json.loads(self._replies.readline())

    @property
    def status(self) -> Status:
        return Status(**self._ask("status"))

    @property
    def names(self) -> list[str]:
        """The names of what is kept."""
        return self.status.names

    def log_text(self) -> str:
        """Return what kernels have written to standard error."""
        return self.journal.read_text() if self.journal.exists() else ""

    def launch(self) -> None:
        """Start a kernel; it has yet to serve."""
        self._ask("start", arguments=self.arguments, env=self.env)

    def start(self) -> int:
        """Start a kernel, and return its PID once it serves."""
        self.launch()
        return self.wait_until_ready()

    def wait_until_ready(self) -> int:
        """Return the PID of the kernel once it serves."""

        def serves() -> int:
            status = self.status
            assert status.pid, f"it has ended with status {status.status}: {self.log_text()}"
            return status.pid if status.ready else 0

        return wait_for(serves, "the kernel serves")

    def wait(self) -> int:
        """Return the exit status of the kernel once it has ended."""
        wait_for(lambda: not self.status.pid, "the kernel has ended")
        status = self.status.status
        assert status is not None
        return status

    def stop(self) -> int:
        """Stop the kernel (systemctl stop, FileDescriptorStorePreserve=yes); return its exit status."""
        os.kill(self.status.pid, signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """End the kernel without a word."""
        os.kill(self.status.pid, signal.SIGKILL)
        assert self.wait() == -signal.SIGKILL

    def restart(self) -> int:
        """Stop the kernel and start another (systemctl restart); return its PID."""
        assert self.stop() == 0
        return self.start()

    def reap(self, *, orphans: bool) -> None:
        """Say whether to reap processes that a kernel has left behind."""
        self._ask("reap", orphans=orphans)

    def connect(self) -> Wire:
        """Return a new connection to the kernel's path."""
        return Wire(self.path)

    def close(self) -> None:
        """End everything."""
        self._control.close()
        self._replies.close()
        self._process.wait(TIMEOUT)
        shutil.rmtree(self.folder, ignore_errors=True)


StartManager = Callable[..., Manager]


class _Kept(NamedTuple):
    name: str
    fd: int
    inode: tuple[int, int]
    polled: bool


class _Service:
    """The manager's own process."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self._setup = setup
        self._control = socket.socket(fileno=setup["control"])
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._notify.bind(setup["notify"])
        self._wake, told = os.pipe2(os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(told)
        self._poll = select.poll()
        self._requests = b""
        self._kept: dict[int, _Kept] = {}
        self._inodes: dict[tuple[int, int], list[_Kept]] = {}
        self._pid = 0
        self._ready = False
        self._status: int | None = None
        self._told: list[str] = []
        self._strangers = 0
        self._reaps_orphans = True

    def run(self) -> None:
        """Serve until the test is over."""
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        for fd in (self._notify.fileno(), self._wake, self._control.fileno()):
            self._poll.register(fd, select.POLLIN)
        while True:
            ready = [fd for fd, _mask in self._poll.poll()]
            self._throw_out(ready)
            # Messages come before ends, as in systemd: who has sent them may have ended since.
            while self._hear():
                pass
            if self._wake in ready:
                os.read(self._wake, 4096)
            self._reap()
            if self._control.fileno() in ready and not self._obey():
                return

    def _throw_out(self, fds: Sequence[int]) -> None:
        for fd in self._kept.keys() & fds:
            kept = self._kept.pop(fd)
            self._inodes[kept.inode].remove(kept)
            if kept.polled:
                self._poll.unregister(fd)
            os.close(fd)

    def _hear(self) -> bool:
        """Take the next message; return whether there was one."""
        try:
            data, rights, _flags, _address = self._notify.recvmsg(65536, _ROOM, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        sender, fds = 0, []
        for _level, kind, body in rights:
            if kind == socket.SCM_CREDENTIALS:
                sender = _CREDENTIALS.unpack(body)[0]
            else:
                fds = list(struct.unpack(f"{len(body) // 4}i", body))
        if sender == self._pid:
            self._take(dict(line.split("=", 1) for line in data.decode().splitlines()), data.decode(), fds)
        else:
            self._strangers += 1
        for fd in fds:
            if fd not in self._kept:
                os.close(fd)
        return True

    def _take(self, fields: dict[str, str], text: str, fds: Sequence[int]) -> None:
        if "BARRIER" in fields:
            assert len(fields) == len(fds) == 1
        elif "FDSTORE" in fields:
            for fd in fds:
                self._keep(_Kept(fields.get("FDNAME", "stored"), fd, _inode(fd), fields.get("FDPOLL") != "0"))
        elif "FDSTOREREMOVE" in fields:
            self._throw_out([each.fd for each in self._kept.values() if each.name == fields["FDNAME"]])
        else:
            self._told.append(text)
            self._ready = self._ready or "READY" in fields

    def _keep(self, kept: _Kept) -> None:
        likely = self._inodes.setdefault(kept.inode, [])
        if len(self._kept) < self._setup["most"] and not any(_is_same(each.fd, kept.fd) for each in likely):
            self._kept[kept.fd] = kept
            likely.append(kept)
            if kept.polled:
                self._poll.register(kept.fd, 0)

    def _reap(self) -> None:
        """Collect the kernel, and whoever lost its parent."""
        while True:
            try:
                kind, which = (os.P_ALL, 0) if self._reaps_orphans else (os.P_PID, self._pid)
                if not which and kind == os.P_PID:
                    return
                end = os.waitid(kind, which, os.WEXITED | os.WNOHANG)
            except ChildProcessError:
                return
            if end is None:
                return
            if end.si_pid == self._pid:
                self._pid, self._ready = 0, False
                self._status = end.si_status if end.si_code == os.CLD_EXITED else -end.si_status

    def _obey(self) -> bool:
        """Do what the test asks for; return whether it goes on."""
        data = self._control.recv(65536)
        self._requests += data
        while b"\n" in self._requests:
            line, _, self._requests = self._requests.partition(b"\n")
            self._reply(json.loads(line))
        if not data:
            self._end()
        return bool(data)

    def _reply(self, request: dict[str, Any]) -> None:
        answer = None
        if request["what"] == "start":
            self._start(request["arguments"], request["env"])
        elif request["what"] == "reap":
            self._reaps_orphans = request["orphans"]
            self._reap()
        else:
            names = [each.name for each in self._kept.values()]
            answer = Status(self._pid, self._ready, self._status, names, self._told, self._strangers)._asdict()
        self._control.sendall(json.dumps(answer).encode() + b"\n")

    def _start(self, arguments: list[str], env: dict[str, str]) -> None:
        assert not self._pid
        kept = [(each.name, each.fd) for each in reversed(self._kept.values())]
        passed = [*map(tuple, self._setup["sockets"]), *kept]
        self._status = None
        self._pid = os.fork()
        if not self._pid:
            try:
                self._become_kernel(passed, arguments, env)
            finally:
                os._exit(EXIT_EXEC)

    def _become_kernel(self, passed: list[tuple[str, int]], arguments: list[str], env: dict[str, str]) -> None:
        journal = os.open(self._setup["journal"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for number in (1, 2):
            os.dup2(journal, number)
        _move([fd for _name, fd in passed])
        variables = {**os.environ, **env, "NOTIFY_SOCKET": self._setup["notify"]}
        if passed:
            variables["LISTEN_PID"] = str(os.getpid())
            variables["LISTEN_FDS"] = str(len(passed))
            variables["LISTEN_FDNAMES"] = ":".join(name for name, _fd in passed)
        if files := self._setup["files"]:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        try:
            os.execve(sys.executable, [sys.executable, "-m", "papa_kernel", *arguments], variables)
        except OSError as error:
            os.write(2, f"exec: {error.strerror}\n".encode())

    def _end(self) -> None:
        """Kill everybody who is left, and their descendants, who become children of this process."""
        self._reaps_orphans = True
        with suppress(ChildProcessError):
            while True:
                for pid in _children():
                    os.kill(pid, signal.SIGKILL)
                os.waitpid(-1, 0)


def _move(fds: list[int]) -> None:
    """Move descriptors to the numbers of passed ones, in their order, and close all others."""
    for number, fd in enumerate(fds, _FIRST_PASSED):
        later = number - _FIRST_PASSED + 1  # an earlier one may have had that number, before it was moved
        if number in fds[later:]:
            fds[fds.index(number, later)] = os.dup(number)
        if fd != number:
            os.dup2(fd, number)
            os.close(fd)
        os.set_inheritable(number, True)
    os.closerange(_FIRST_PASSED + len(fds), os.sysconf("SC_OPEN_MAX"))


def _inode(fd: int) -> tuple[int, int]:
    found = os.fstat(fd)
    return found.st_dev, found.st_ino


def _is_same(one: int, other: int) -> bool:
    """Whether two descriptors are the same open file; before Linux 6.10, which cannot tell, they never are."""
    with suppress(OSError):
        return bool(fcntl.fcntl(one, _F_DUPFD_QUERY, other))
    return False


def _children() -> list[int]:
    pid = os.getpid()
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


if __name__ == "__main__":
    _Service(json.loads(sys.argv[1])).run()
