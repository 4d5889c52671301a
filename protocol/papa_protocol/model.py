"""What the kernel holds, as both ends see it: parameters asked for, and rows of a list.

A row is ``NAME key=value …`` with ``args=``, which is opaque, last. A reader takes the first value
of a key and keeps keys that it does not know as text, so either side may be newer.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from papa_protocol.command_table import DEFAULT_BACKLOG, DEFAULT_BUFSIZE
from papa_protocol.errors import CommandError, RemoteProtocolError
from papa_protocol.hints import Any, NamedTuple, Self, TypedDict
from papa_protocol.words import EMPTY_WORD, Dialect, escape, show, show_name, split_escaped, to_bytes, unescape


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


def _flag(text: str) -> bool:
    return text.lower() in ("true", "1")


_READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(
        ("backlog", "port", "fileno", "umask", "pid", "status", "bufsize", "buffered", "dropped"),
        int,
    ),
    **dict.fromkeys(("uid", "gid", "connections", "sockets", "values", "processes"), int),
    **dict.fromkeys(("position", "watchers", "stdout", "changes", "refused", "unsent", "value_bytes"), int),
    **dict.fromkeys(("kept", "not_kept"), int),
    **dict.fromkeys(("running", "shell", "reuseport"), _flag),
    **dict.fromkeys(("started", "uptime"), float),
}
# `info` counts running processes, `list processes` says whether one runs.
_INFO_READERS: Mapping[str, Callable[[str], Any]] = {**_READERS, "running": int, "limit": int}

# What `info` tells in several lines is no line of its own; nor is an empty one.
_GATHERED = frozenset({"endpoints", "limits", ""})

_ARGS = "args="
# Readers of dialect 1 are papa 1.0's, which has no use for them, and a path may hold spaces.
_NOT_IN_DIALECT_1 = frozenset({"working_dir", "linger", "listen", "stdout", "stderr"})


def _pair(key: str, value: object, dialect: Dialect) -> str:
    pair = f"{key}={value}"
    return show(pair, dialect) if isinstance(value, str) else pair


def socket_row(name: str, info: SocketInfo, dialect: Dialect) -> str:
    """Return the row of a socket, without a line end."""
    # papa 1.0 writes reuseport=1
    pairs = [_pair(key, 1 if value is True else value, dialect) for key, value in info.items()]
    return " ".join([show_name(name, dialect), *pairs])


def process_row(name: str, info: ProcessInfo, dialect: Dialect) -> str:
    """Return the row of a process, without a line end; its words come from ``argv``."""
    hidden = _NOT_IN_DIALECT_1 if dialect is Dialect.V1 else frozenset()
    shown = (pair for pair in info.items() if pair[0] not in ("args", "argv") and pair[0] not in hidden)
    pairs = [_pair(key, value, dialect) for key, value in shown]
    args = " ".join(show(word, dialect) for word in info["argv"])
    return " ".join([show_name(name, dialect), *pairs, f"{_ARGS}{args}"])


def value_row(name: str, value: str, dialect: Dialect) -> str:
    """Return the row of a value, without a line end."""
    return f"{show_name(name, dialect)} {show(value, dialect)}"


def _read_fields(pairs: Iterable[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if equals and key not in fields:
            fields[key] = _read_field(key, text, _READERS)
    return fields


def _read_field(key: str, text: str, readers: Mapping[str, Callable[[str], Any]]) -> Any:
    reader = readers.get(key)
    if reader is None:
        return text
    try:
        return reader(text)
    except ValueError:
        return text


def _is_plain(row: str, dialect: Dialect) -> bool:
    """Whether the words of a row are what stands between its spaces."""
    return bool(row) and (dialect is Dialect.V1 or not ("\\" in row or EMPTY_WORD in row or "  " in row))


def _split_row(row: str, dialect: Dialect) -> list[str]:
    if _is_plain(row, dialect):
        return row.split(" ")
    words = _unescape_words(split_escaped(to_bytes(row)))
    if not words:
        raise RemoteProtocolError("An empty row")
    return words


def _unescape_words(words: Iterable[bytes]) -> list[str]:
    try:
        return [unescape(word) for word in words]
    except CommandError as error:
        raise RemoteProtocolError(str(error)) from None


def read_socket_row(row: str, dialect: Dialect) -> tuple[str, SocketInfo]:
    """Return the name and the facts that a row of ``list sockets`` holds."""
    name, *pairs = _split_row(row, dialect)
    info: SocketInfo = _read_fields(pairs)  # type: ignore[assignment]
    return name, info


def read_process_row(row: str, dialect: Dialect) -> tuple[str, ProcessInfo]:
    """Return the name and the facts that a row of ``list processes`` holds."""
    words, args = _cut_process_row(row, dialect)
    info: ProcessInfo = _read_fields(words[1:])  # type: ignore[assignment]
    if args is not None:
        info["args"] = " ".join(args)
        if dialect is Dialect.V2:
            info["argv"] = args
    return words[0], info


def _cut_process_row(row: str, dialect: Dialect) -> tuple[list[str], list[str] | None]:
    """Return the words before ``args=``, and those after it where it is there."""
    if _is_plain(row, dialect):
        head, mark, tail = row.partition(f" {_ARGS}")
        return head.split(" "), tail.split(" ") if mark else None
    words = split_escaped(to_bytes(row))
    mark_bytes = _ARGS.encode()
    cut = next((index for index, word in enumerate(words) if index and word.startswith(mark_bytes)), len(words))
    if cut == len(words):
        return _split_row(row, dialect), None
    return _unescape_words(words[:cut]), _unescape_words([words[cut].removeprefix(mark_bytes), *words[cut + 1 :]])


def read_value_row(row: str, dialect: Dialect) -> tuple[str, str]:
    """Return the name and the text that a row of ``list values`` holds."""
    if _is_plain(row, dialect):
        name, _, value = row.partition(" ")
        return name, value
    words = _split_row(row, dialect)
    return words[0], words[1] if len(words) > 1 else ""


def info_rows(info: KernelInfo) -> str:
    """Return the reply to ``info``: a line ``key value`` for each fact, one for each endpoint and each limit."""
    rows = []
    for key, value in info.items():
        if isinstance(value, list):
            rows += [f"endpoint {escape(item)}" for item in value]
        elif isinstance(value, dict):
            rows += [f"limit {name} {number}" for name, number in value.items()]
        else:
            rows.append(f"{key} {value}")
    return "\n".join(rows)


def read_info(text: str) -> KernelInfo:
    """Return the facts that a reply to ``info`` holds."""
    facts: dict[str, Any] = {}
    endpoints: list[str] = []
    limits: dict[str, Any] = {}
    for row in text.split("\n"):
        key, _, value = row.partition(" ")
        if key == "endpoint":
            endpoints += _split_row(value, Dialect.V2)
        elif key == "limit":
            name, _, number = value.partition(" ")
            limits[name] = _read_field("limit", number, _INFO_READERS)
        elif key not in _GATHERED:
            facts[key] = _read_field(key, value, _INFO_READERS)
    info: KernelInfo = {**facts, "endpoints": endpoints}  # type: ignore[typeddict-item]
    return {**info, "limits": limits} if limits else info
