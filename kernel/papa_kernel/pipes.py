"""The pipes that a new process writes its output to."""

import contextlib
import fcntl
import os
import select
import sys
import termios

from papa_protocol.errors import CommandError
from papa_protocol.model import ProcessSpec
from papa_protocol.watch import Kind

# What a pipe holds by default on Linux, and the most that it can hold without privileges.
PIPE_SIZE = 64 * 1024
_LARGE_PIPE = 1024 * 1024


def enlarge(fd: int) -> None:
    """Make a pipe hold sixteen times as much, where the system and the user's share allow it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _LARGE_PIPE)


def waiting_in(fd: int) -> int:
    """Return how many bytes can be read from a pipe now."""
    return int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, b"\0\0\0\0"), sys.byteorder)


def has_ended(fd: int) -> bool:
    """Whether a pipe is empty and nobody can write to it any more."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return any(ready & select.POLLHUP and not ready & select.POLLIN for _, ready in poll.poll(0))


class Outputs:
    """The descriptors that a new process writes to, and the ends that the kernel reads.

    Args:
        spec: says which streams are captured.
        null: a descriptor for what is not.

    Raises:
        CommandError: no pipe can be made.
    """

    def __init__(self, spec: ProcessSpec, null: int) -> None:
        self.reading: dict[int, Kind] = {}
        self._writing: list[int] = []
        records = spec.bufsize > 0
        try:
            self.stdout = self._open(Kind.OUT) if spec.stdout and records else null
            captured = self._open(Kind.ERR) if spec.stderr == "1" and records else null
        except OSError as error:
            self.close_all()
            raise CommandError(f"No pipe can be made: {os.strerror(error.errno or 0).lower()}") from None
        self.stderr = self.stdout if spec.stderr == "stdout" else captured

    def _open(self, kind: Kind) -> int:
        reading, writing = os.pipe2(os.O_CLOEXEC)
        self.reading[reading] = kind
        self._writing.append(writing)
        os.set_blocking(reading, False)
        return writing

    def close_writing_ends(self) -> None:
        """Close what only the process writes to."""
        for fd in self._writing:
            os.close(fd)

    def close_all(self) -> None:
        """Undo everything."""
        for fd in (*self._writing, *self.reading):
            os.close(fd)
