"""The arguments of the ``papa`` command: one table of options, and how they are read.

What is written as ``--help`` shows it is read here. Everything else, be it help, a mistake or another spelling such as
``--port=1``, is left to argparse, which would take a tenth of each start.
"""

import os
from collections.abc import Callable, Sequence
from types import SimpleNamespace

from papa_kernel.access import find_members, find_user
from papa_kernel.limits import LIMITS
from papa_protocol.hints import Any, NamedTuple
from papa_protocol.options import BadValue, read_size

DEFAULT_PORT = 20202
# What a kernel passes to the installed code at an upgrade: the file with its state, to try whether it can be read, or
# to go on with it.
CHECK_OPTION = "--check-state"
RESUME_OPTION = "--resume"
# What a guardian passes to the kernel that it runs: the socket that they talk by.
GUARDED_OPTION = "--guarded"
# What was asked for: an attribute for each option.
Arguments = SimpleNamespace


class Option(NamedTuple):
    """An option of the command.

    Args:
        key: the attribute that has its value.
        names: how it is written.
        summary: what it does; empty for those that programs use among themselves.
        metavar: what stands for its value, if it has one.
        read: returns the value that a text stands for, or raises ValueError.
        default: its value where it is not given.
        several: whether its value is a list, to which each use adds.
    """

    key: str
    names: tuple[str, ...]
    summary: str
    metavar: str = ""
    read: Callable[[str], Any] | None = None
    default: Any = None
    several: bool = False


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) < 65536):
        raise BadValue(f'expected a number from 0 to 65535, not "{text}"')
    return int(text)


def _path(text: str) -> str:
    if not text.startswith("/"):
        raise BadValue(f'expected an absolute path, not "{text}"')
    return text


def _user(text: str) -> int:
    try:
        return find_user(text)
    except KeyError:
        raise BadValue(f'there is no user "{text}"') from None


def _members(text: str) -> frozenset[int]:
    try:
        return find_members(text)
    except KeyError:
        raise BadValue(f'there is no group "{text}"') from None


def _file(text: str) -> str:
    """Return the absolute path of a file, if the folder that it is named in is still there."""
    try:
        return os.path.abspath(text)
    except OSError:
        return text


def _size(text: str) -> int:
    try:
        size = read_size(text)
    except BadValue:
        size = 0
    if not size:
        raise BadValue(f'expected a number such as 4096, 64k or 2m, not "{text}"')
    return size


OPTIONS = (
    Option("port", ("-p", "--port"), f"port on 127.0.0.1 to listen on (default: {DEFAULT_PORT})", "PORT", _port),
    Option(
        "unix_socket",
        ("-u", "--unix-socket"),
        "absolute path to listen on, mode 0600 unless others are let in",
        "PATH",
        _path,
    ),
    Option("allow_user", ("--allow-user",), "let this user in as well", "USER", _user, (), several=True),
    Option(
        "allow_group",
        ("--allow-group",),
        "let the users in who are in this group now",
        "GROUP",
        _members,
        (),
        several=True,
    ),
    Option(
        "allow_anyone",
        ("--allow-anyone",),
        "let every user of this machine in: whoever is in can run programs as the kernel's user",
    ),
    Option("debug", ("-d", "--debug"), "log every step to standard error"),
    Option("daemonize", ("--daemonize",), "go on in the background once it listens"),
    Option(
        "guard",
        ("--guard",),
        "run under a guardian, who starts the kernel again after a crash, with everything it held",
    ),
    Option("log_file", ("--log-file",), "append the log to this file", "FILE", _file),
    # For clients that start a kernel of their own: it ends at the end of its standard input, or with its last client.
    Option("end_with_input", ("--end-with-input",), ""),
    Option("end_with_last_connection", ("--end-with-last-connection",), ""),
    Option("guarded", (GUARDED_OPTION,), "", "FD", int, -1),
    Option("check_state", (CHECK_OPTION,), "", "FD", int),
    Option("resume", (RESUME_OPTION,), "", "FD", int),
)
LIMIT_OPTIONS = tuple(
    Option(
        limit.key, (limit.option,), f"{limit.rule.format('N')} (default: {limit.usual})", "N", _size, limit.default
    )
    for limit in LIMITS
)  # fmt: skip


def parse(words: Sequence[str]) -> Arguments:
    """Read the command's arguments; a wrong one ends it with status 2."""
    arguments = read_plainly(words)
    if arguments is None or lacks_what_guards_need(arguments):
        from papa_kernel.parser import parse_all  # noqa: PLC0415 - see above

        return parse_all(words)
    return arguments


def lacks_what_guards_need(arguments: Arguments) -> bool:
    """Whether a guardian is asked for on a system that has none."""
    return arguments.guard and not hasattr(os, "splice")


def read_plainly(words: Sequence[str]) -> Arguments | None:
    """Return what arguments ask for that are written as help shows them; None for any others."""
    options = {name: option for option in (*OPTIONS, *LIMIT_OPTIONS) for name in option.names}
    found = {option.key: _default(option) for option in options.values()}
    rest = iter(words)
    for word in rest:
        option = options.get(word)
        if option is None:
            return None
        if option.read is None:
            found[option.key] = True
            continue
        text = next(rest, "-")
        if text.startswith("-"):  # argparse takes it for an option
            return None
        try:
            value = option.read(text)
        except ValueError:
            return None
        found[option.key] = [*found[option.key], value] if option.several else value
    return Arguments(**found)


def _default(option: Option) -> Any:
    if option.read is None:
        return False
    return list(option.default) if option.several else option.default
