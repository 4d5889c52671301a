"""The kernel's endpoints: bind them safely, accept connections, never stop over a lack of descriptors."""

import contextlib
import errno
import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator

from papa_kernel.child import Launcher
from papa_kernel.credentials import can_tell
from papa_kernel.log import log
from papa_kernel.loop import READ, Loop
from papa_kernel.paths import BoundPath, bind_path, check_way
from papa_kernel.refusals import Refusals
from papa_protocol.hints import Any, Self

HOST = "127.0.0.1"
_BACKLOG = 1024
_ACCEPTS_PER_TURN = 64
_PAUSE_SECONDS = 0.5
# Others who bind a path in the same folder have it locked for less than a thousandth of this.
_LOCK_SECONDS = 5.0
_LOCK_PAUSE = 0.01
_CANNOT_TELL = "this system does not tell who connects over TCP: use a path (-u), or let everybody in (--allow-anyone)"
_SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class EndpointError(Exception):
    """An endpoint cannot be bound; the text says which and why.

    Args:
        place: the endpoint.
        cause: what the system said.
    """

    def __init__(self, place: str, cause: OSError) -> None:
        self.in_use = cause.errno == errno.EADDRINUSE
        super().__init__(_explain(place, cause))


class Endpoint:
    """One place where the kernel listens.

    Args:
        name: how people write it: ``127.0.0.1:20202`` or a path.
        sock: bound and listening.
        path: the path, for a Unix socket.
        ours: whether the kernel has bound it, and not whoever started it.
    """

    def __init__(self, name: str, sock: socket.socket, path: BoundPath | None = None, *, ours: bool = True) -> None:
        self.name = name
        self.ours = ours
        self.socket = sock
        self._path = path
        sock.setblocking(False)

    @property
    def saved(self) -> dict[str, Any]:
        """What ``restored`` needs."""
        sock = self.socket
        return {"name": self.name, "family": sock.family, "fd": sock.fileno(), "path": self._path, "ours": self.ours}

    @classmethod
    def restored(cls, saved: dict[str, Any]) -> Self:
        """Return what was saved, its descriptor being open."""
        sock = socket.socket(saved["family"], socket.SOCK_STREAM, 0, saved["fd"])
        path = BoundPath(*saved["path"]) if saved["path"] else None
        return cls(saved["name"], sock, path, ours=saved["ours"])

    def close(self) -> None:
        """Stop listening, and unlink the path if it is still ours."""
        self.socket.close()
        if self._path is not None:
            self._path.unlink()


def listen_on_port(port: int, *, blindly: bool = False) -> Endpoint:
    """Listen on a TCP port of the loopback interface.

    Args:
        port: its number; 0 lets the system choose one.
        blindly: whether to listen even where the system does not tell who connects.

    Raises:
        EndpointError: something else listens there, or it may not be bound.
    """
    if not blindly and not can_tell(socket.AF_INET):
        raise EndpointError(f"{HOST}:{port}", OSError(errno.EPERM, _CANNOT_TELL))
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HOST, port))
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        raise EndpointError(f"{HOST}:{port}", error) from None
    return Endpoint(f"{HOST}:{sock.getsockname()[1]}", sock)


def listen_on_path(path: str, *, for_others: bool = False) -> Endpoint:
    """Listen on a Unix socket that only the kernel's user can open, or everybody, where others are to be let in.

    The folder is locked meanwhile, so that of several kernels started at once one gets the path.

    Raises:
        EndpointError: something else has the path, or it cannot be bound.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _locked(os.path.dirname(path)):
            bound = bind_path(sock, path, 0o111 if for_others else 0o177)
            sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        raise EndpointError(path, error) from None
    return Endpoint(path, sock, bound)


@contextlib.contextmanager
def _locked(folder: str) -> Iterator[None]:
    check_way(folder)
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(fd)
        yield
    finally:
        os.close(fd)


def _lock(fd: int) -> None:
    """Lock a folder. Whoever may read it can do so too, and might never let go."""
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise OSError(errno.EAGAIN, "another program has its folder locked, and does not let go") from None
            time.sleep(_LOCK_PAUSE)
        else:
            return


def _explain(place: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{place} is in use: another kernel or program listens there"
    if isinstance(error, FileNotFoundError):
        return f"{place}: its folder does not exist"
    if str(error) == "AF_UNIX path too long":
        return f"{place}: it is longer than a Unix socket's path can be"
    reason = error.strerror or str(error)
    return f"{place}: {reason[:1].lower() + reason[1:]}"


class Listener:
    """Accepts connections on an endpoint.

    Args:
        loop: calls back when a connection waits.
        endpoint: where to listen.
        launcher: lends a descriptor when there are no others.
        refusals: turns away who cannot be served then.
        accepted: called with each new connection.
    """

    def __init__(
        self,
        loop: Loop,
        endpoint: Endpoint,
        launcher: Launcher,
        refusals: Refusals,
        accepted: Callable[[socket.socket], None],
    ) -> None:
        self.endpoint = endpoint
        self._launcher = launcher
        self._refusals = refusals
        self._accepted = accepted
        self._loop = loop
        self._resume()

    def _accept(self, _: int) -> None:
        for _attempt in range(_ACCEPTS_PER_TURN):
            try:
                sock, _address = self.endpoint.socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _SHORTAGES:
                    self._refuse()
                    return
                continue  # the peer went away while it waited: accept(2) says to try again
            self._accepted(sock)

    def _refuse(self) -> None:
        """Accept with the descriptor kept in reserve, say why, and close; if that fails, accept nothing for a while."""
        take_back = self._launcher.lend_spare()
        try:
            sock, _address = self.endpoint.socket.accept()
            self._refusals.turn_away(sock, "The kernel has no free descriptors; try again later")
        except BlockingIOError:
            pass  # it has gone
        except OSError as error:
            log.warning("A connection could not even be refused: %s", error)
            self._pause()
        finally:
            take_back()

    def _pause(self) -> None:
        """Leave those who wait alone for a moment: asking again at once would keep the processor busy."""
        self._loop.unwatch(self.endpoint.socket.fileno())
        self._loop.call_at(time.monotonic() + _PAUSE_SECONDS, self._resume)

    def _resume(self) -> None:
        try:
            self._loop.watch(self.endpoint.socket.fileno(), READ, self._accept)
        except OSError as error:
            log.warning("Nobody can connect to %s for a moment: %s", self.endpoint.name, error.strerror)
            self._pause()

    def close(self) -> None:
        """Stop accepting."""
        self._loop.unwatch(self.endpoint.socket.fileno())
        self.endpoint.close()
