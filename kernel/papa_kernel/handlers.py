"""One function per command: words in, a reply out.

A handler never blocks and never touches a connection; what a connection must do after the reply (follow a
stream, change its dialect, close) is part of the reply.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from papa_kernel.processes import Process
from papa_kernel.state import State
from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Command, check_count
from papa_protocol.errors import CommandError
from papa_protocol.help import help_page
from papa_protocol.model import (
    KernelInfo,
    ProcessSpec,
    SocketSpec,
    info_rows,
    process_row,
    socket_row,
    value_row,
)
from papa_protocol.names import check_name, is_pattern, select
from papa_protocol.options import read_options
from papa_protocol.words import Dialect, escape

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Follow:
    """Stream the output of processes on this connection."""

    processes: Sequence[Process]
    patterns: Sequence[str]
    consumes: bool


@dataclass(frozen=True, slots=True)
class Speak:
    """Go on in another dialect."""

    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The text of a reply, and what the connection does after it."""

    text: str = ""
    then: Follow | Speak | Close | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler works on.

    Args:
        state: what the kernel holds.
        dialect: the connection's.
        info: tells about the kernel.
        request_exit: asks the kernel to end with its last connection.
    """

    state: State
    dialect: Dialect
    info: Callable[[], KernelInfo]
    request_exit: Callable[[], None]


Handler = Callable[[Context, Command, Sequence[str]], Reply]


def handle(context: Context, words: Sequence[str]) -> Reply:
    """Carry out a command.

    Raises:
        CommandError: the words are no command, or it cannot be carried out.
    """
    resolved = COMMANDS.resolve(words)
    return HANDLERS[resolved.command.words](context, resolved.command, resolved.rest)


def _name(command: Command, rest: Sequence[str]) -> str:
    if not rest:
        raise CommandError(f'"{command.text}" needs a NAME: {command.usage}')
    return rest[0]


def _found(selection: tuple[dict[str, T], list[str]], kind: str) -> dict[str, T]:
    found, missing = selection
    if missing:
        raise CommandError(f"There is no {kind} {missing[0]}")
    return found


def _refuse_none(command: Command, rest: Sequence[str]) -> None:
    if not rest:
        raise CommandError(f'"{command.text}" needs a name, a pattern or *: {command.usage}')


def _make_socket(context: Context, command: Command, rest: Sequence[str]) -> Reply:
    name = check_name(_name(command, rest), "socket", context.dialect)
    values, others = read_options(command.options, rest[1:])
    if others:
        raise CommandError(f'Unexpected word "{others[0]}": expected options such as port=8080')
    held = context.state.sockets.make(name, SocketSpec(**values))
    return Reply(socket_row(name, held.info, context.dialect))


def _list_sockets(context: Context, _: Command, rest: Sequence[str]) -> Reply:
    sockets = context.state.sockets
    found, _missing = select(sockets.by_name, rest, sockets.by_number)
    return Reply("\n".join(socket_row(name, held.info, context.dialect) for name, held in found.items()))


def _remove_sockets(context: Context, command: Command, rest: Sequence[str]) -> Reply:
    _refuse_none(command, rest)
    sockets = context.state.sockets
    for name in _found(select(sockets.by_name, rest, sockets.by_number), "socket"):
        sockets.remove(name)
    return Reply()


def _make_process(context: Context, command: Command, rest: Sequence[str]) -> Reply:
    name = check_name(_name(command, rest), "process", context.dialect)
    values, args = read_options(command.options, rest[1:])
    if not args:
        raise CommandError(f"The process {name} needs an EXECUTABLE after its options: {command.usage}")
    watch = values.pop("watch", False)
    process = context.state.make_process(name, ProcessSpec(tuple(args), **values))
    row = process_row(name, process.info, context.dialect)
    return Reply(row, Follow([process], (), consumes=True) if watch else None)


def _list_processes(context: Context, _: Command, rest: Sequence[str]) -> Reply:
    processes = context.state.processes
    found, _missing = select(processes.by_name, rest, processes.by_number)
    return Reply("\n".join(process_row(name, process.info, context.dialect) for name, process in found.items()))


def _remove_processes(context: Context, command: Command, rest: Sequence[str]) -> Reply:
    _refuse_none(command, rest)
    processes = context.state.processes
    for process in _found(select(processes.by_name, rest, processes.by_number), "process").values():
        processes.remove(process)
    return Reply()


def _follow(context: Context, rest: Sequence[str], verb: str, *, consumes: bool) -> Reply:
    processes = context.state.processes
    found = _found(select(processes.by_name, rest, processes.by_number), "process")
    if not found:
        called = f" called {' or '.join(rest)}" if rest else ""
        raise CommandError(f"Nothing to {verb}: there is no process{called}")
    patterns = [word for word in rest if is_pattern(word)]
    counted = f"{verb.capitalize()}ing {len(found)}"
    return Reply(counted, Follow(list(found.values()), patterns, consumes))


def _watch_processes(context: Context, _: Command, rest: Sequence[str]) -> Reply:
    return _follow(context, rest, "watch", consumes=True)


def _tail_processes(context: Context, command: Command, rest: Sequence[str]) -> Reply:
    _refuse_none(command, rest)
    return _follow(context, rest, "tail", consumes=False)


def _acknowledge_processes(context: Context, command: Command, rest: Sequence[str]) -> Reply:
    check_count(command, rest)
    values, others = read_options(command.options, rest[1:])
    if others or not values:
        raise CommandError(f'Unexpected word "{others[0] if others else rest[1]}": expected upto=POSITION')
    processes = context.state.processes
    if is_pattern(rest[0]) and rest[0] not in processes.by_name:
        raise CommandError(f"{rest[0]}: one process at a time, since each has positions of its own")
    found = _found(select(processes.by_name, [rest[0]], processes.by_number), "process")
    process = found.get(rest[0]) or next(iter(found.values()))
    if values["upto"] > process.ring.end:
        raise CommandError(f"upto: {values['upto']} is beyond the end of the output, {process.ring.end}")
    process.ring.release(values["upto"])
    processes.acknowledged(process)
    return Reply()


def _set(context: Context, command: Command, rest: Sequence[str]) -> Reply:
    name = check_name(_name(command, rest), "value", context.dialect)
    value = " ".join(rest[1:])
    clears = len(rest) == 1 or (not value and context.dialect is Dialect.V1)
    context.state.set_value(name, None if clears else value)
    return Reply()


def _get(context: Context, command: Command, rest: Sequence[str]) -> Reply:
    check_count(command, rest)
    value = context.state.values.get(rest[0])
    if value is None:
        return Reply()
    if context.dialect is Dialect.V2 or "\n" in value or "\r" in value:
        return Reply(escape(value))
    return Reply(value)


def _list_values(context: Context, _: Command, rest: Sequence[str]) -> Reply:
    found, _missing = select(context.state.values, rest, {})
    return Reply("\n".join(value_row(name, value, context.dialect) for name, value in found.items()))


def _remove_values(context: Context, _: Command, rest: Sequence[str]) -> Reply:
    if not rest or "*" in rest:
        raise CommandError("All values cannot be removed at once: name them, or their namespaces (deploy.*)")
    found, _missing = select(context.state.values, rest, {})
    for name in found:
        context.state.set_value(name, None)
    return Reply()


def _info(context: Context, command: Command, rest: Sequence[str]) -> Reply:
    check_count(command, rest)
    return Reply(info_rows(context.info()))


def _protocol(_: Context, command: Command, rest: Sequence[str]) -> Reply:
    check_count(command, rest)
    if rest[0] not in ("1", "2"):
        raise CommandError(f'protocol: expected 1 or 2, not "{rest[0]}"')
    return Reply(f"protocol {rest[0]}", Speak(Dialect(int(rest[0]))))


def _help(_: Context, _command: Command, rest: Sequence[str]) -> Reply:
    return Reply(help_page(rest))


def _quit(_: Context, _command: Command, _rest: Sequence[str]) -> Reply:
    return Reply("ok", Close())


def _exit_if_idle(context: Context, command: Command, rest: Sequence[str]) -> Reply:
    check_count(command, rest)
    if not context.state.idle:
        return Reply("not idle")
    context.request_exit()
    return Reply("Exiting papa!")


HANDLERS: Mapping[tuple[str, ...], Handler] = {
    ("make", "socket"): _make_socket,
    ("list", "sockets"): _list_sockets,
    ("remove", "sockets"): _remove_sockets,
    ("make", "process"): _make_process,
    ("list", "processes"): _list_processes,
    ("remove", "processes"): _remove_processes,
    ("watch", "processes"): _watch_processes,
    ("tail", "processes"): _tail_processes,
    ("acknowledge", "processes"): _acknowledge_processes,
    ("set",): _set,
    ("get",): _get,
    ("list", "values"): _list_values,
    ("remove", "values"): _remove_values,
    ("info",): _info,
    ("protocol",): _protocol,
    ("help",): _help,
    ("quit",): _quit,
    ("exit-if-idle",): _exit_if_idle,
}
