"""Rows of lists and of ``info``: how facts are written for a client, and how it reads them.

A row is ``NAME key=value …`` with ``args=``, which is opaque, last. A reader takes the first value
of a key and keeps keys that it does not know as text, so either side may be newer.
"""

from collections.abc import Callable, Iterable, Mapping

from papa_protocol.errors import CommandError, RemoteProtocolError
from papa_protocol.hints import Any
from papa_protocol.model import KernelInfo, ProcessInfo, SocketInfo
from papa_protocol.words import EMPTY_WORD, Dialect, escape, show, show_name, split_escaped, to_bytes, unescape


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
