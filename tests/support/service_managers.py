"""A service manager for tests: the socket that it listens on for messages, and the way in which it passes sockets."""

import fcntl
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from support.command import Started
from support.wire import TIMEOUT

_CREDENTIALS = struct.Struct("=iII")
_ROOM = socket.CMSG_SPACE(_CREDENTIALS.size) + socket.CMSG_SPACE(16 * 4)
# Bash keeps its own PID when it becomes the kernel, so it can tell the kernel's.
_LAUNCH = 'export LISTEN_PID=$$; exec "$@" {redirections}'
# From where the numbers of passed sockets cannot be those that they are to have.
_HIGH = 100


class Message(NamedTuple):
    """What a program told its manager: the fields, who sent it, and the descriptors that came with it."""

    fields: dict[str, str]
    sender: int
    fds: list[int]


class Manager:
    """Receives the messages of programs that have its environment.

    Args:
        address: a path, or @ and a name.
    """

    def __init__(self, address: str) -> None:
        self.env = {**os.environ, "NOTIFY_SOCKET": address}
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.bind(address.replace("@", "\0", 1) if address.startswith("@") else address)
        self.socket.settimeout(TIMEOUT)

    def receive(self) -> Message:
        """Return the next message, waiting for it."""
        data, ancillary, _flags, _sender = self.socket.recvmsg(65536, _ROOM)
        sender, fds = 0, []
        for _level, kind, body in ancillary:
            if kind == socket.SCM_CREDENTIALS:
                sender = _CREDENTIALS.unpack(body)[0]
            else:
                fds = list(struct.unpack(f"{len(body) // 4}i", body))
        return Message(dict(line.split("=", 1) for line in data.decode().splitlines()), sender, fds)

    @property
    def has_heard(self) -> bool:
        """Whether a message waits."""
        self.socket.setblocking(False)
        try:
            return bool(self.socket.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        finally:
            self.socket.settimeout(TIMEOUT)

    def close(self) -> None:
        self.socket.close()


def start_activated(passed: Sequence[tuple[str, int]], *arguments: str, **options: Any) -> Started:
    """Start the ``papa`` command with descriptors as a service manager passes them.

    Args:
        passed: names and descriptors.
        arguments: of the command.
        options: Popen's.
    """
    fds = [fcntl.fcntl(fd, fcntl.F_DUPFD, _HIGH) for _name, fd in passed]
    try:
        return _launch(fds, [sys.executable, "-m", "papa_kernel", *arguments], _variables(passed, options))
    finally:
        for fd in fds:
            os.close(fd)


def _variables(passed: Sequence[tuple[str, int]], options: dict[str, Any]) -> dict[str, Any]:
    variables = {"LISTEN_FDS": str(len(passed)), "LISTEN_FDNAMES": ":".join(name for name, _fd in passed)}
    return {**options, "env": {**os.environ, **variables, **options.get("env", {})}}


def _launch(fds: Sequence[int], words: Sequence[str], options: dict[str, Any]) -> Started:
    redirections = " ".join(f"{number}<&{fd} {fd}<&-" for number, fd in enumerate(fds, 3))
    command = ["/bin/bash", "-c", _LAUNCH.format(redirections=redirections), "launch", *words]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, pass_fds=fds, **{**streams, **options})
