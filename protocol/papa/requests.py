"""The words of each command and how its reply is read: pure, shared by both clients."""

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from papa.errors import CommandFailedError, Error
from papa_protocol.errors import CommandError, ProtocolError
from papa_protocol.model import KernelInfo, ProcessInfo, SocketInfo
from papa_protocol.replies import Reply
from papa_protocol.rows import read_info, read_process_row, read_socket_row, read_value_row
from papa_protocol.words import Dialect, join_words, to_bytes, to_text, unescape

PIPE = -1
STDOUT = -2
DEVNULL = -3

T = TypeVar("T")
_FAMILIES: Mapping[int, str] = {socket.AF_INET: "inet", socket.AF_INET6: "inet6", socket.AF_UNIX: "unix"}
_TYPES: Mapping[int, str] = {
    socket.SOCK_STREAM: "stream",
    socket.SOCK_DGRAM: "dgram",
    socket.SOCK_RAW: "raw",
    socket.SOCK_RDM: "rdm",
    socket.SOCK_SEQPACKET: "seqpacket",
}
_OUTPUTS = {PIPE: "1", DEVNULL: "0"}

Limit = int | str | tuple[int, int]
Value = str | int | float


class Request(NamedTuple, Generic[T]):
    """One command.

    Args:
        words: its words in full.
        read: turns the text of a reply into the result.
        plain: whether a reply in dialect 1 is data even where it looks like an error.
    """

    words: tuple[str, ...]
    read: Callable[[str, Dialect], T]
    plain: bool = False

    def line(self, dialect: Dialect) -> bytes:
        """Return the line to send.

        Raises:
            Error: the dialect cannot carry one of the words.
        """
        try:
            if dialect is Dialect.V1:
                _check_options(self.words)
            return join_words(self.words, dialect) + b"\n"
        except ProtocolError as error:
            raise Error(str(error)) from None

    def result(self, reply: Reply, dialect: Dialect) -> T:
        """Return what the reply says.

        Raises:
            CommandFailedError: the kernel said no.
        """
        if reply.error is not None and not (self.plain and dialect is Dialect.V1):
            raise CommandFailedError(reply.error)
        try:
            return self.read(reply.text, dialect)
        except (ProtocolError, CommandError) as error:
            raise Error(f"The kernel's reply cannot be understood: {error}") from None


def _check_options(words: Sequence[str]) -> None:
    """Refuse what papa 1.0 would change on its way: it drops quotes and fails on an empty value."""
    if words[:2] != ("make", "process"):
        return
    for word in words[3:]:
        key, equals, value = word.partition("=")
        if not equals or "/" in key:
            return
        if not value or value[0] == '"':
            raise Error(f"{key}: a papa 1.0 kernel cannot take a value that is empty or begins with a quote")


def _nothing(_text: str, _dialect: Dialect) -> None:
    return None


def _done(_text: str, _dialect: Dialect) -> bool:
    return True


def _rows(read: Callable[[str, Dialect], tuple[str, T]]) -> Callable[[str, Dialect], dict[str, T]]:
    def read_all(text: str, dialect: Dialect) -> dict[str, T]:
        return dict(read(row, dialect) for row in text.split("\n") if row)

    return read_all


def _second(read: Callable[[str, Dialect], tuple[str, T]]) -> Callable[[str, Dialect], T]:
    return lambda text, dialect: read(text, dialect)[1]


def list_sockets(names: Sequence[str]) -> Request[dict[str, SocketInfo]]:
    """List sockets."""
    return Request(("list", "sockets", *map(str, names)), _rows(read_socket_row))


def list_processes(names: Sequence[str]) -> Request[dict[str, ProcessInfo]]:
    """List processes."""
    return Request(("list", "processes", *map(str, names)), _rows(read_process_row))


def list_values(names: Sequence[str]) -> Request[dict[str, str]]:
    """List values."""
    return Request(("list", "values", *names), _rows(read_value_row))


def remove(kind: str, names: Sequence[str]) -> Request[bool]:
    """Remove things of a kind: ``sockets``, ``values`` or ``processes``."""
    return Request(("remove", kind, *map(str, names)), _done)


def _text(value: object) -> str:
    """Return what a caller gave for text as text; ``str`` makes the source code of bytes."""
    return to_text(value) if isinstance(value, bytes) else str(value)


def set_value(name: str, value: Value | None, dialect: Dialect) -> Request[None]:
    """Set or clear a value.

    Raises:
        Error: an empty value, which papa 1.0 cannot tell from none.
    """
    if value is None:
        return Request(("set", name), _nothing)
    if value == "" and dialect is Dialect.V1:
        raise Error("A papa 1.0 kernel cannot hold an empty value; pass None to clear it")
    return Request(("set", name, _text(value)), _nothing)


def get_value(name: str) -> Request[str | None]:
    """Get a value; None where there is none."""

    def read(text: str, dialect: Dialect) -> str | None:
        if not text:
            return None
        return text if dialect is Dialect.V1 else unescape(to_bytes(text))

    return Request(("get", name), read, plain=True)


def info() -> Request[KernelInfo]:
    """Ask the kernel about itself."""
    return Request(("info",), lambda text, _: read_info(text))


def exit_if_idle() -> Request[bool]:
    """Ask the kernel to end if it holds nothing."""
    return Request(("exit-if-idle",), lambda text, _: text.startswith("Exiting"))


def upgrade() -> Request[str]:
    """Ask the kernel to make way for the installed code."""
    return Request(("upgrade",), lambda text, _: text)


def acknowledge_processes(name: str, upto: int) -> Request[bool]:
    """Release output up to a position."""
    return Request(("acknowledge", "processes", name, f"upto={upto}"), _done)


def follow(verb: str, names: Sequence[str]) -> Request[None]:
    """Begin to watch or tail processes."""
    return Request((verb, "processes", *map(str, names)), _nothing)


def protocol(number: int) -> Request[None]:
    """Ask for a dialect."""
    return Request(("protocol", str(number)), _nothing)


def _constant(value: int | str | None, names: Mapping[int, str], kind: str) -> str | None:
    """Return a constant of the socket module, or its name, as the kernel calls it."""
    if value is None or isinstance(value, str):
        return value
    try:
        return names[value]
    except KeyError:
        raise Error(f"Unknown socket {kind} {value}: expected one of {', '.join(names.values())}") from None


def make_socket(  # noqa: PLR0917 - papa 1.0's order
    name: str,
    host: str | None = None,
    port: int | None = None,
    family: int | str | None = None,
    socket_type: int | str | None = None,
    backlog: int | None = None,
    path: str | None = None,
    umask: int | str | None = None,
    interface: str | None = None,
    reuseport: bool | None = None,
) -> Request[SocketInfo]:
    """Make a socket."""
    options = {
        "family": _constant(family, _FAMILIES, "family"),
        "type": _constant(socket_type, _TYPES, "type"),
        "backlog": backlog,
        "host": host,
        "port": port,
        "path": path,
        "umask": umask,
        "interface": interface,
        "reuseport": "1" if reuseport else None,
    }
    words = [f"{key}={value}" for key, value in options.items() if value is not None]
    return Request(("make", "socket", name, *words), _second(read_socket_row))


class ProcessOptions(NamedTuple):
    """The parameters of ``make_process``; None leaves the kernel's default."""

    executable: str | None = None
    args: str | Sequence[object] | None = None
    env: Mapping[str, str] | None = None
    working_dir: str | None = None
    uid: int | str | None = None
    gid: int | str | None = None
    rlimits: Mapping[str, Limit] | None = None
    stdout: int | None = None
    stderr: int | None = None
    bufsize: int | str | None = None
    linger: str | None = None
    shell: bool | None = None
    listen: str | Sequence[str] | None = None

    def words(self) -> list[str]:
        """Return the options and the program's words.

        Raises:
            Error: ``stdout`` or ``stderr`` is none of PIPE, DEVNULL and STDOUT.
        """
        options = {
            "working_dir": self.working_dir,
            "uid": self.uid,
            "gid": self.gid,
            "bufsize": self.bufsize,
            "stdout": _output("stdout", self.stdout, _OUTPUTS),
            "stderr": _output("stderr", self.stderr, {**_OUTPUTS, STDOUT: "stdout"}),
            "linger": self.linger,
            "shell": "1" if self.shell else None,
            "listen": self.listen if isinstance(self.listen, str) else ",".join(self.listen or ()) or None,
        }
        words = [f"{key}={value}" for key, value in options.items() if value is not None]
        words += [f"env.{_text(key)}={_text(value)}" for key, value in (self.env or {}).items()]
        words += [f"rlimit.{key}={_limit(value)}" for key, value in (self.rlimits or {}).items()]
        return words + self._program()

    def _program(self) -> list[str]:
        words = [self.executable] if self.executable else []
        if isinstance(self.args, str | bytes):
            return [*words, _text(self.args)]
        return [*words, *map(_text, self.args or ())]


def _output(key: str, value: int | None, words: Mapping[int, str]) -> str | None:
    if value is None or value == PIPE:
        return None
    if value not in words:
        raise Error(
            f"{key}: expected {'PIPE, DEVNULL or STDOUT' if STDOUT in words else 'PIPE or DEVNULL'}, not {value!r}"
        )
    return words[value]


def _limit(value: Limit) -> str:
    return f"{value[0]}:{value[1]}" if isinstance(value, tuple) else str(value)


def make_process(name: str, options: ProcessOptions, *, watch: bool = False) -> Request[ProcessInfo]:
    """Make a process, and watch it in the same round trip where asked for."""
    words = ("make", "process", name, *(["watch=1"] if watch else []), *options.words())
    return Request(words, _second(read_process_row))
