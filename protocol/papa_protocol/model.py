"""What the kernel holds, as both ends see it: parameters asked for, and facts told."""

from collections.abc import Mapping
from types import MappingProxyType

from papa_protocol.command_table import DEFAULT_BACKLOG, DEFAULT_BUFSIZE
from papa_protocol.errors import CommandError
from papa_protocol.hints import Any, NamedTuple, Self, TypedDict


class _SocketOptions(NamedTuple):
    family: str = ""
    type: str = "stream"
    backlog: int = DEFAULT_BACKLOG
    host: str = ""
    port: int = 0
    path: str = ""
    umask: int | None = None
    interface: str = ""
    reuseport: bool = False


def _check_unix(options: _SocketOptions) -> None:
    if not options.path:
        raise CommandError("path: needed for family=unix, an absolute path")
    for key in ("host", "port", "interface", "reuseport"):
        if getattr(options, key):
            raise CommandError(f"{key}: not for a Unix socket, which has a path")


def _host(options: _SocketOptions) -> str:
    """Return the host that the options of an internet socket stand for."""
    if options.path:
        raise CommandError(f"path: not for family={options.family}, which has host and port")
    lowest, loopback = ("::", "::1") if options.family == "inet6" else ("0.0.0.0", "127.0.0.1")  # noqa: S104
    return options.host or (lowest if options.interface else loopback)


class SocketSpec(_SocketOptions):
    """The parameters of ``make socket``, filled in; port 0 means whichever the system chooses.

    Args:
        given: options by name.

    Raises:
        CommandError: they do not go together.
    """

    __slots__ = ()

    def __new__(cls, **given: Any) -> Self:  # noqa: D102 - the class says it
        spec = super().__new__(cls, **given)
        spec = spec._replace(family=spec.family or ("unix" if spec.path else "inet"))
        if spec.family == "unix":
            _check_unix(spec)
            return spec
        return spec._replace(host=_host(spec))

    def differing(self, other: "SocketSpec", port: int) -> list[str]:
        """Return the names of the parameters in which ``other``, asked for later, differs.

        Args:
            other: the later parameters; port 0 is content with any.
            port: the port that the socket has.
        """
        return _differing(self._replace(port=port), other._replace(port=other.port or port))


class ProcessSpec(NamedTuple):
    """The parameters of ``make process``, as given: placeholders and names unresolved."""

    args: tuple[str, ...]
    uid: str = ""
    gid: str = ""
    working_dir: str = ""
    bufsize: int = DEFAULT_BUFSIZE
    stdout: bool = True
    stderr: str = "1"
    shell: bool = False
    linger: str = "exit"
    listen: tuple[str, ...] = ()
    env: Mapping[str, str] = MappingProxyType({})
    rlimits: Mapping[str, tuple[int, int]] = MappingProxyType({})

    def differing(self, other: "ProcessSpec") -> list[str]:
        """Return the names of the parameters in which ``other`` differs."""
        return _differing(self, other)


def _differing(one: _SocketOptions | ProcessSpec, other: _SocketOptions | ProcessSpec) -> list[str]:
    """Return the names of the fields in which two records of a kind differ."""
    return [key for key, mine, theirs in zip(one._fields, one, other, strict=True) if mine != theirs]


class SocketInfo(TypedDict, total=False):
    """A held socket: which keys there are depends on its family and options.

    Attributes:
        family: ``inet``, ``inet6`` or ``unix``.
        type: ``stream``, ``dgram``, ``raw``, ``rdm`` or ``seqpacket``.
        backlog: how many connections may wait.
        host: the address, not for ``unix``.
        port: the port that is bound, not for ``unix``.
        path: for ``unix``.
        umask: the file mode mask, where given.
        interface: the network interface, where given.
        reuseport: True, where given.
        fileno: the descriptor's number, in the kernel and in each process that inherits it; not with ``reuseport``.
    """

    family: str
    type: str
    backlog: int
    host: str
    port: int
    path: str
    umask: int
    interface: str
    reuseport: bool
    fileno: int


class ProcessInfo(TypedDict, total=False):
    """A held process.

    Attributes:
        pid: its number.
        running: whether it has yet to end.
        started: when, in seconds since 1970.
        uid: the user, where given.
        gid: the group, where given.
        shell: True, where it is a line of /bin/sh.
        status: the exit status, or the negative number of a signal; once it has ended.
        bufsize: how many bytes of output are kept at most.
        buffered: bytes of output that nobody has acknowledged.
        dropped: bytes of output that had to be forgotten unacknowledged.
        position: where its output ends.
        watchers: how many connections watch it, where there are any.
        working_dir: where given, in dialect 2.
        linger: ``eof``, where given, in dialect 2.
        listen: names of sockets with commas between them, where given, in dialect 2.
        stdout: 0 where it is not captured, in dialect 2.
        stderr: ``0`` or ``stdout`` where it is not captured as such, in dialect 2.
        args: the words, joined by spaces.
        argv: the words themselves, in dialect 2.
    """

    pid: int
    running: bool
    started: float
    uid: int
    gid: int
    shell: bool
    status: int
    bufsize: int
    buffered: int
    dropped: int
    position: int
    watchers: int
    working_dir: str
    linger: str
    listen: str
    stdout: int
    stderr: str
    args: str
    argv: list[str]


class KernelInfo(TypedDict, total=False):
    """What ``info`` says.

    As long as ``buffered``, ``dropped``, ``position`` and ``changes`` stay the same, no list has changed.

    Attributes:
        version: of papa.
        pid: of the kernel.
        started: when, in seconds since 1970.
        uptime: for how many seconds it has run.
        endpoints: where it listens.
        connections: how many there are.
        sockets: how many are held.
        values: how many are held.
        processes: how many are held.
        running: how many of them have yet to end.
        buffered: bytes of output of all listed processes that nobody has acknowledged.
        dropped: bytes of their output that had to be forgotten unacknowledged.
        position: the sum of their positions.
        changes: a count that grows with whatever is made, changed or removed, ends, or is watched or no longer so.
        refused: how many connections were turned away.
        unsent: bytes of replies that connections have yet to read.
        value_bytes: what all values and their names have.
        kept: descriptors that the next kernel would have after a crash; missing where nobody keeps any.
        not_kept: descriptors that it would lack; missing where nobody keeps any.
        limits: the limits by their names.
    """

    version: str
    pid: int
    started: float
    uptime: float
    endpoints: list[str]
    connections: int
    sockets: int
    values: int
    processes: int
    running: int
    buffered: int
    dropped: int
    position: int
    changes: int
    refused: int
    unsent: int
    value_bytes: int
    kept: int
    not_kept: int
    limits: dict[str, int]
