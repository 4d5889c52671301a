"""Held sockets: created, bound and listening, kept by name until they are removed."""

import errno
import os
import socket

from papa_kernel.journal import Journal
from papa_kernel.limits import SOCKETS, Limits
from papa_kernel.paths import BoundPath, PathTakenError, bind_path
from papa_kernel.registry import Registry
from papa_protocol.errors import CommandError
from papa_protocol.hints import Any, Self
from papa_protocol.model import SocketInfo, SocketSpec

_FAMILIES = {"inet": socket.AF_INET, "inet6": socket.AF_INET6, "unix": socket.AF_UNIX}
_TYPES = {
    name: getattr(socket, f"SOCK_{name.upper()}")
    for name in ("stream", "dgram", "raw", "rdm", "seqpacket")
    if hasattr(socket, f"SOCK_{name.upper()}")
}
_LISTENING = ("stream", "seqpacket")
_SO_BINDTODEVICE = getattr(socket, "SO_BINDTODEVICE", None)
_HOSTS = "/etc/hosts"
_HOST_IS_WRONG: dict[tuple[str, int | None], str] = {
    ("inet", errno.EADDRNOTAVAIL): "is not an address of this machine",
    ("inet6", errno.EADDRNOTAVAIL): "is not an address of this machine",
    ("inet6", errno.EINVAL): "cannot be bound so: a link-local address needs its interface, as in fe80::1%eth0",
}
_LOOPBACK = {"inet": "127.0.0.1", "inet6": "::1"}


class HeldSocket:
    """A socket that papa holds for processes.

    Args:
        name: what it is called.
        spec: what was asked for.

    Raises:
        CommandError: it cannot be made; nothing is left behind.
    """

    def __init__(self, name: str, spec: SocketSpec) -> None:
        self.name = name
        self.spec = spec
        self._path: BoundPath | None = None
        self._address = _resolve(spec) if spec.family != "unix" else None
        self._socket = self._create(spec.port)
        self.port: int | None = None if spec.family == "unix" else self._socket.getsockname()[1]
        try:
            self._finish()
        except OSError as error:
            self.close()
            raise CommandError(_explain(spec, error)) from None

    @property
    def fileno(self) -> int:
        """The descriptor, which has the same number in the processes that get it."""
        return self._socket.fileno()

    @property
    def info(self) -> SocketInfo:
        """What a row of ``list sockets`` shows."""
        spec = self.spec
        info: SocketInfo = {"family": spec.family, "type": spec.type}
        if spec.type in _LISTENING:
            info["backlog"] = spec.backlog
        if self.port is not None:
            info["host"], info["port"] = spec.host, self.port
        else:
            info["path"] = spec.path
        if spec.umask is not None:
            info["umask"] = spec.umask
        if spec.interface:
            info["interface"] = spec.interface
        if spec.reuseport:
            info["reuseport"] = True
        else:
            info["fileno"] = self.fileno
        return info

    def for_child(self) -> socket.socket | None:
        """Return a fresh listening socket for one process where ``reuseport`` says so, else None.

        Raises:
            CommandError: it cannot be made.
        """
        if not self.spec.reuseport:
            return None
        fresh = self._create(self.port or 0)
        try:
            self._listen(fresh)
        except OSError as error:
            fresh.close()
            raise CommandError(_explain(self.spec, error)) from None
        return fresh

    @property
    def saved(self) -> dict[str, Any]:
        """What ``restored`` needs."""
        return {
            "name": self.name,
            "spec": self.spec._asdict(),
            "fd": self.fileno,
            "address": self._address,
            "port": self.port,
            "path": self._path,
        }

    @classmethod
    def restored(cls, saved: dict[str, Any]) -> Self:
        """Return what was saved, its descriptor being open."""
        held = cls.__new__(cls)  # making one would bind it
        held.restore(saved)
        return held

    def restore(self, saved: dict[str, Any]) -> None:
        """Become what was saved."""
        spec = SocketSpec(**saved["spec"])
        self.name, self.spec, self.port, self._address = saved["name"], spec, saved["port"], saved["address"]
        self._path = BoundPath(*saved["path"]) if saved["path"] else None
        self._socket = socket.socket(_FAMILIES[spec.family], _TYPES[spec.type], 0, saved["fd"])

    def close(self) -> None:
        """Close it and unlink its path; processes that have it keep it."""
        self._socket.close()
        if self._path is not None:
            self._path.unlink()

    def _create(self, port: int) -> socket.socket:
        spec = self.spec
        if spec.type not in _TYPES:
            raise CommandError(f"type: this platform has no {spec.type} sockets")
        try:
            sock = socket.socket(_FAMILIES[spec.family], _TYPES[spec.type])
        except OSError as error:
            raise CommandError(_explain(spec, error)) from None
        try:
            self._bind(sock, port)
        except OSError as error:
            sock.close()
            raise CommandError(_explain(spec, error)) from None
        except BaseException:
            sock.close()
            raise
        return sock

    def _bind(self, sock: socket.socket, port: int) -> None:
        if self._address is None:
            self._path = bind_path(sock, self.spec.path, self.spec.umask)
            return
        if self.spec.type == "stream":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self.spec.reuseport:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if self.spec.interface:
            _bind_to_interface(sock, self.spec.interface)
        address, _, scope = self._address.partition("%")
        sock.bind((address, port, 0, int(scope)) if scope else (address, port))

    def _finish(self) -> None:
        if not self.spec.reuseport:
            self._listen(self._socket)
        elif self.spec.type == "dgram":
            # Datagrams are shared out among all bound sockets; one that is connected to itself gets none.
            self._socket.connect(self._socket.getsockname())

    def _listen(self, sock: socket.socket) -> None:
        if self.spec.type in _LISTENING:
            sock.listen(self.spec.backlog)


def _bind_to_interface(sock: socket.socket, interface: str) -> None:
    if _SO_BINDTODEVICE is None:
        raise CommandError("interface: this platform cannot bind to one interface")
    if interface not in (name for _, name in socket.if_nameindex()):
        known = ", ".join(name for _, name in socket.if_nameindex())
        raise CommandError(f'interface: there is no "{interface}": expected one of {known}')
    sock.setsockopt(socket.SOL_SOCKET, _SO_BINDTODEVICE, interface.encode() + b"\0")


def _resolve(spec: SocketSpec) -> str:
    """Return the address that the host stands for, with its scope if any, without asking anything that could block."""
    family = _FAMILIES[spec.family]
    for candidate in (spec.host, _known_host(spec.host, spec.family)):
        try:
            # As bytes: to encode a str Python would load a codec, which needs a free descriptor.
            host = candidate.encode("ascii")
            found = socket.getaddrinfo(host, None, family, flags=socket.AI_NUMERICHOST)
        except (socket.gaierror, UnicodeError):
            continue
        address, _port, *flow_and_scope = found[0][4]
        return f"{address}%{flow_and_scope[1]}" if any(flow_and_scope) else str(address)  # scope: an interface's number
    wanted = "an IPv6 address" if spec.family == "inet6" else "an IPv4 address"
    raise CommandError(f'host: expected {wanted} or a name in {_HOSTS}, not "{spec.host}"')


def _known_host(name: str, family: str) -> str:
    """Return the address of a name in the hosts file (hosts(5)), or the empty string."""
    if name.lower() == "localhost":
        return _LOOPBACK[family]
    try:
        with open(_HOSTS, errors="replace") as hosts:
            lines = hosts.read().splitlines()
    except OSError:
        return ""
    for line in lines:
        address, *names = line.partition("#")[0].split() or [""]
        if name.lower() in map(str.lower, names) and (":" in address) == (family == "inet6"):
            return address
    return ""


def _explain(spec: SocketSpec, error: OSError) -> str:
    """Return why a socket could not be made, naming the parameter that was wrong."""
    if isinstance(error, PathTakenError):
        return f"path: {spec.path} {error.strerror}"
    place = f"path: {spec.path}" if spec.family == "unix" else f"{spec.host} port {spec.port}"
    if error.errno == errno.EADDRINUSE:
        return f"port: {spec.port} is in use on {spec.host}"
    if why := _HOST_IS_WRONG.get((spec.family, error.errno)):
        return f"host: {spec.host} {why}"
    if error.errno == errno.ENAMETOOLONG or str(error) == "AF_UNIX path too long":
        return f"path: {spec.path} is longer than a Unix socket's path can be"
    reason = (error.strerror or str(error)).strip()
    if error.errno in (errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT, errno.EPERM) and spec.type != "stream":
        return f"type: a {spec.type} socket of family {spec.family} cannot be made: {os.strerror(error.errno)}"
    return f"{place}: {reason[:1].lower() + reason[1:]}"


class Sockets:
    """The held sockets, by name.

    Args:
        limits: bounds how many there are.
        journal: is told what changes.
    """

    def __init__(self, limits: Limits, journal: Journal) -> None:
        self._limits = limits
        self._journal = journal
        self.by_name: Registry[HeldSocket] = Registry()
        self.changes = 0

    @property
    def by_number(self) -> dict[int, str]:
        """Their names by file number."""
        return {held.fileno: held.name for held in self.by_name.values() if not held.spec.reuseport}

    @property
    def descriptors(self) -> list[int]:
        """Their file numbers."""
        return [held.fileno for held in self.by_name.values()]

    def make(self, name: str, spec: SocketSpec) -> HeldSocket:
        """Return the socket called ``name``, made now unless it is there already.

        Raises:
            CommandError: it cannot be made, or is there with other parameters.
        """
        held = self.by_name.get(name)
        if held is None:
            self._limits.check(SOCKETS, len(self.by_name) + 1)
            held = self.by_name[name] = HeldSocket(name, spec)
            self._journal.keep(held.fileno)
            self._journal.add("socket", held.saved)
            self.changes += 1
        elif differing := held.spec.differing(spec, held.port or 0):
            raise CommandError(
                f"The socket {name} is already there, with another {', '.join(differing)}; "
                "remove it first, or take another name"
            )
        return held

    def restore(self, held: HeldSocket) -> None:
        """Hold what was saved."""
        self.by_name[held.name] = held

    def remove(self, name: str) -> None:
        """Close the socket called ``name`` and forget it."""
        held = self.by_name[name]
        del self.by_name[name]
        self._journal.add("no socket", {"name": name})
        self._journal.drop(held.fileno)
        held.close()
        self.changes += 1

    def close(self) -> None:
        """Close all and unlink their paths."""
        for name in list(self.by_name):
            self.remove(name)
