"""Unix socket paths: bind them safely, and unlink only what is ours.

Something that is not a socket is never touched, nor is a socket that something still listens on. Only
a socket that refuses connections, left behind by a program that died, is unlinked to make room.
"""

import errno
import os
import socket
import stat

from papa_protocol.hints import NamedTuple


class PathTakenError(OSError):
    """The path cannot be bound; the message says what is in the way."""


class BoundPath(NamedTuple):
    """A path that we have bound, and which file it was."""

    path: str
    device: int
    inode: int

    def unlink(self) -> None:
        """Unlink the path if it still is the socket that we bound."""
        try:
            found = os.lstat(self.path)
            if (found.st_dev, found.st_ino) == (self.device, self.inode):
                os.unlink(self.path)
        except OSError:
            pass


def bind_path(sock: socket.socket, path: str, umask: int | None) -> BoundPath:
    """Bind ``sock`` to ``path``, with a file mode mask where one is given.

    Raises:
        PathTakenError: something else has the path.
        OSError: it cannot be bound.
    """
    _make_room(path, sock.type)
    if umask is None:
        sock.bind(path)
    else:
        before = os.umask(umask)
        try:
            sock.bind(path)
        finally:
            os.umask(before)
    made = os.lstat(path)
    return BoundPath(path, made.st_dev, made.st_ino)


def _make_room(path: str, kind: int) -> None:
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise PathTakenError(errno.EEXIST, "exists and is not a socket", path)
    if is_alive(path, kind):
        raise PathTakenError(errno.EADDRINUSE, "is in use: something listens there", path)
    os.unlink(path)


def is_alive(path: str, kind: int) -> bool:
    """Whether some process still has the socket at ``path`` open."""
    with socket.socket(socket.AF_UNIX, kind) as probe:
        probe.setblocking(False)
        # Everything but a refusal, such as a full backlog or another type, means that somebody is there.
        return probe.connect_ex(path) not in (errno.ECONNREFUSED, errno.ENOENT)
