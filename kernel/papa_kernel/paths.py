"""Unix socket paths: bind them safely, and unlink only what is ours.

Something that is not a socket is never touched, nor is a socket that something still listens on. Only
a socket that refuses connections, left behind by a program that died, is unlinked to make room.
"""

import errno
import grp
import os
import socket
import stat
import sys
from collections.abc import Container, Iterator

from papa_kernel.access import ROOT, find_members, name_of
from papa_kernel.credentials import find_stranger
from papa_protocol.hints import NamedTuple

_MOST_LINKS = 40  # as many as the system follows
_ACL = "system.posix_acl_access"


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


def check_way(folder: str) -> None:
    """Make sure that nobody else can replace what is in a folder, the folder itself, or one or a link on the way to it.

    Raises:
        OSError: somebody else can, or there is no such folder.
    """
    trusted = {os.geteuid(), ROOT}
    # The first folders may belong to somebody whom this user namespace does not know: the system's root.
    known_or_first = {*trusted, find_stranger()}
    for place in _steps(folder):
        _check(place, os.lstat(place), known_or_first)
    _check(folder, os.stat(folder), trusted)


def _steps(folder: str) -> Iterator[str]:
    """Yield every folder and link that is passed on the way to a folder, from the root on."""
    at, links = "/", 0
    yield at
    rest = folder.split("/")[::-1]
    while rest:
        part = rest.pop()
        if part in ("", "."):
            continue
        parent, at = at, os.path.normpath(os.path.join(at, part))
        yield at
        if os.path.islink(at):
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            target = os.readlink(at)
            rest += target.split("/")[::-1]
            at = "/" if target.startswith("/") else parent


def _check(place: str, found: os.stat_result, trusted: Container[int | None]) -> None:
    if found.st_uid not in trusted:
        raise OSError(errno.EPERM, f"{place} belongs to {name_of(found.st_uid)}, who could put another socket there")
    # In a folder with the sticky bit, as /tmp has it, only a file's owner can replace it.
    safe = stat.S_ISLNK(found.st_mode) or found.st_mode & stat.S_ISVTX
    if not safe and _others_write(place, found):
        raise OSError(errno.EPERM, f"others can write in {place}, and could put another socket there")


def _others_write(place: str, found: os.stat_result) -> bool:
    if found.st_mode & stat.S_IWGRP and (_has_acl(place) or not _is_private(found.st_gid)):
        return True
    return bool(found.st_mode & stat.S_IWOTH)


def _has_acl(place: str) -> bool:
    """Whether a folder's mode tells for its group what some user or group that is named elsewhere may do (acl(5))."""
    try:
        return sys.platform != "linux" or bool(os.getxattr(place, _ACL))
    except OSError as error:
        return error.errno not in (errno.ENODATA, errno.ENOTSUP)


def _is_private(gid: int) -> bool:
    """Whether a group has nobody but the kernel's user: many systems give each user one, and let it write."""
    uid = os.geteuid()
    name = name_of(uid)
    try:
        group = grp.getgrgid(gid)
    except KeyError:
        return False
    # A directory on another machine often lists no users, though the group may name one of them.
    named_alone = group.gr_name == name and {name}.issuperset(group.gr_mem)
    return gid != ROOT and named_alone and find_members(str(gid)) == {uid}
