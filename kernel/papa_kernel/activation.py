"""Descriptors that a service manager passes at the start: sd_listen_fds(3).

They have the numbers from 3 on, and LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES tell whose and how many they are, and
how they are called. A listening socket becomes an endpoint, if nobody on another machine can reach it.
"""

import errno
import os
import socket
from collections.abc import Iterator, MutableMapping
from itertools import repeat

from papa_kernel.credentials import can_tell
from papa_kernel.listener import Endpoint, EndpointError
from papa_kernel.store import OWN, list_all, put_back
from papa_protocol.hints import NamedTuple

FIRST_PASSED = 3
_VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
_NOT_LISTENING = "not a stream socket that listens (Accept=yes passes none)"
_NOT_LOCAL = "papa listens only on TCP ports of the loopback interface and on absolute Unix paths"
_CANNOT_TELL = (
    "this system does not tell who connects: let everybody in (--allow-anyone), or have papa bind a path (-u)"
)


class Passed(NamedTuple):
    """What the manager passed: endpoints, and the kernel's own descriptors with their names, in order."""

    endpoints: list[Endpoint]
    own: list[tuple[str, int]]


def take_passed(environ: MutableMapping[str, str], *, blindly: bool = False) -> Passed:
    """Take what the manager passed to this process, and the variables that tell of it out of ``environ``.

    Args:
        environ: the process' environment.
        blindly: whether to listen even where the system does not tell who connects.

    Raises:
        EndpointError: the variables are wrong, or a descriptor is nothing to listen on.
        StateError: what the last kernel left cannot be put back in its place.
    """
    passed = Passed([], [])
    found = list_all(_list_passed(environ))
    if any(name.startswith(OWN) for name, _ in found):
        found = put_back(found)
    for name, fd in found:
        if name.startswith(OWN):
            passed.own.append((name, fd))
        else:
            passed.endpoints.append(_adopt(fd, name, blindly=blindly))
    return passed


def _list_passed(environ: MutableMapping[str, str]) -> Iterator[tuple[str, int]]:
    """Yield each descriptor's name and number; none where they were meant for another process."""
    pid, count, text = (environ.pop(variable, "") for variable in _VARIABLES)
    if not count or pid != str(os.getpid()):
        return
    if not count.isdecimal():
        raise _error("LISTEN_FDS", f"expected a number, not {count}")
    names = text.split(":") if text else []
    if names and len(names) != int(count):
        raise _error("LISTEN_FDNAMES", f"expected {count} names, not {len(names)}")
    yield from zip(names or repeat("unknown"), range(FIRST_PASSED, FIRST_PASSED + int(count)), strict=False)


def _adopt(fd: int, name: str, *, blindly: bool) -> Endpoint:
    """Make a descriptor an endpoint. Its path was bound by the manager, and is not unlinked at the end."""
    place = f"descriptor {fd} ({name})"
    try:
        sock = socket.socket(fileno=fd)
    except OSError as error:
        raise EndpointError(place, error) from None
    objection = _find_objection(sock, blindly=blindly)
    if objection:
        sock.close()
        raise _error(place, objection)
    return Endpoint(_find_place(sock), sock, ours=False)


def _find_objection(sock: socket.socket, *, blindly: bool) -> str:
    """Return why a socket cannot be an endpoint, or nothing where it can."""
    if sock.type != socket.SOCK_STREAM or not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return _NOT_LISTENING
    if not _find_place(sock):
        return _NOT_LOCAL
    # The mode of a path that somebody else has bound may let everybody in.
    return "" if blindly or can_tell(sock.family) else _CANNOT_TELL


def _find_place(sock: socket.socket) -> str:
    """Return how people write where a socket listens, or nothing where that is no place for an endpoint."""
    address = sock.getsockname()
    if sock.family == socket.AF_UNIX:
        return address if isinstance(address, str) and address.startswith("/") else ""
    if sock.proto != socket.IPPROTO_TCP:
        return ""
    host, port = address[:2]
    if sock.family == socket.AF_INET6:
        return f"[{host}]:{port}" if host == "::1" else ""
    return f"{host}:{port}" if host.startswith("127.") else ""


def _error(place: str, text: str) -> EndpointError:
    return EndpointError(place, OSError(errno.EINVAL, text))
