"""One function per command: words in, an answer out.

A handler never blocks and never touches a connection. Most answer with text; where the connection has
something to do afterwards (follow a stream, change its dialect, close) the answer says what, with its text.
"""

from collections.abc import Callable, Mapping, Sequence

from papa_kernel.limits import NAME
from papa_kernel.process import Process
from papa_kernel.state import State
from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Command, check_count
from papa_protocol.errors import CommandError
from papa_protocol.help import help_page
from papa_protocol.hints import NamedTuple, TypeVar
from papa_protocol.model import KernelInfo, ProcessSpec, SocketSpec
from papa_protocol.names import check_name, is_pattern
from papa_protocol.options import read_options
from papa_protocol.rows import info_rows, process_row, socket_row, value_row
from papa_protocol.words import Dialect, escape

T = TypeVar("T")


class Follow(NamedTuple):
    """Stream the output of processes on this connection."""

    text: str
    processes: Sequence[Process]
    patterns: Sequence[str]
    consumes: bool


class Speak(NamedTuple):
    """Go on in another dialect."""

    text: str
    dialect: Dialect


class Close(NamedTuple):
    """Close the connection."""

    text: str


class Replace(NamedTuple):
    """Make way for the installed code; the answer comes from that, or is why it cannot."""


Answer = str | Follow | Speak | Close | Replace


class Context:
    """What a connection's handlers work on.

    Args:
        state: what the kernel holds.
        info: tells about the kernel.
        request_exit: asks the kernel to end with its last connection.
    """

    def __init__(self, state: State, info: Callable[[], KernelInfo], request_exit: Callable[[], None]) -> None:
        self.state = state
        self.info = info
        self.request_exit = request_exit
        self.dialect = Dialect.V1


Handler = Callable[[Context, Command, Sequence[str]], Answer]


def handle(context: Context, words: Sequence[str]) -> Answer:
    """Carry out a command.

    Raises:
        CommandError: the words are no command, or it cannot be carried out.
    """
    resolved = COMMANDS.resolve(words)
    command = resolved.command
    return HANDLERS[command.words](context, command, resolved.rest)


def _name(command: Command, rest: Sequence[str]) -> str:
    if not rest:
        raise CommandError(f'"{command.text}" needs a NAME: {command.usage}')
    return rest[0]


def _new_name(context: Context, command: Command, rest: Sequence[str], kind: str) -> str:
    """Return the name that something new may be given."""
    name = check_name(_name(command, rest), kind, context.dialect)
    context.state.limits.check(NAME, len(name))
    return name


def _found(selection: tuple[dict[str, T], list[str]], kind: str) -> dict[str, T]:
    found, missing = selection
    if missing:
        raise CommandError(f"There is no {kind} {missing[0]}")
    return found


def _refuse_none(command: Command, rest: Sequence[str]) -> None:
    if not rest:
        raise CommandError(f'"{command.text}" needs a name, a pattern or *: {command.usage}')


def _make_socket(context: Context, command: Command, rest: Sequence[str]) -> Answer:
    name = _new_name(context, command, rest, "socket")
    values, others = read_options(command.options, rest[1:])
    if others:
        raise CommandError(f'Unexpected word "{others[0]}": expected options such as port=8080')
    held = context.state.sockets.make(name, SocketSpec(**values))
    return socket_row(name, held.info, context.dialect)


def _list_sockets(context: Context, _: Command, rest: Sequence[str]) -> Answer:
    sockets = context.state.sockets
    found, _missing = sockets.by_name.select(rest, sockets.by_number)
    return "\n".join(socket_row(name, held.info, context.dialect) for name, held in found.items())


def _remove_sockets(context: Context, command: Command, rest: Sequence[str]) -> Answer:
    _refuse_none(command, rest)
    sockets = context.state.sockets
    for name in _found(sockets.by_name.select(rest, sockets.by_number), "socket"):
        sockets.remove(name)
    return ""


def _make_process(context: Context, command: Command, rest: Sequence[str]) -> Answer:
    name = _new_name(context, command, rest, "process")
    values, args = read_options(command.options, rest[1:], wrapped=context.dialect is Dialect.V1)
    if not args:
        raise CommandError(f"The process {name} needs an EXECUTABLE after its options: {command.usage}")
    watch = values.pop("watch", False)
    process = context.state.make_process(name, ProcessSpec(tuple(args), **values))
    row = process_row(name, process.info, context.dialect)
    return Follow(row, [process], (), consumes=True) if watch else row


def _list_processes(context: Context, _: Command, rest: Sequence[str]) -> Answer:
    processes = context.state.processes
    found, _missing = processes.by_name.select(rest, processes.by_number)
    return "\n".join(process_row(name, process.info, context.dialect) for name, process in found.items())


def _remove_processes(context: Context, command: Command, rest: Sequence[str]) -> Answer:
    _refuse_none(command, rest)
    processes = context.state.processes
    for process in _found(processes.by_name.select(rest, processes.by_number), "process").values():
        processes.remove(process)
    return ""


def _follow(context: Context, rest: Sequence[str], verb: str, *, consumes: bool) -> Answer:
    processes = context.state.processes
    found = _found(processes.by_name.select(rest, processes.by_number), "process")
    if not found:
        called = f" called {' or '.join(rest)}" if rest else ""
        raise CommandError(f"Nothing to {verb}: there is no process{called}")
    patterns = [word for word in rest if is_pattern(word)]
    counted = f"{verb.capitalize()}ing {len(found)}"
    return Follow(counted, list(found.values()), patterns, consumes)


def _watch_processes(context: Context, _: Command, rest: Sequence[str]) -> Answer:
    return _follow(context, rest, "watch", consumes=True)


def _tail_processes(context: Context, command: Command, rest: Sequence[str]) -> Answer:
    _refuse_none(command, rest)
    return _follow(context, rest, "tail", consumes=False)


def _acknowledge_processes(context: Context, command: Command, rest: Sequence[str]) -> Answer:
    check_count(command, rest)
    values, others = read_options(command.options, rest[1:])
    if others or not values:
        raise CommandError(f'Unexpected word "{others[0] if others else rest[1]}": expected upto=POSITION')
    processes = context.state.processes
    if is_pattern(rest[0]) and rest[0] not in processes.by_name:
        raise CommandError(f"{rest[0]}: one process at a time, since each has positions of its own")
    found = _found(processes.by_name.select([rest[0]], processes.by_number), "process")
    process = found.get(rest[0]) or next(iter(found.values()))
    if values["upto"] > process.ring.end:
        raise CommandError(f"upto: {values['upto']} is beyond the end of the output, {process.ring.end}")
    process.ring.release(values["upto"])
    processes.acknowledged(process)
    return ""


def _set(context: Context, command: Command, rest: Sequence[str]) -> Answer:
    name = _new_name(context, command, rest, "value")
    value = " ".join(rest[1:])
    clears = len(rest) == 1 or (not value and context.dialect is Dialect.V1)
    context.state.set_value(name, None if clears else value)
    return ""


def _get(context: Context, command: Command, rest: Sequence[str]) -> Answer:
    check_count(command, rest)
    value = context.state.values.get(rest[0])
    if value is None:
        return ""
    if context.dialect is Dialect.V2 or "\n" in value or "\r" in value:
        return escape(value)
    return value


def _list_values(context: Context, _: Command, rest: Sequence[str]) -> Answer:
    found, _missing = context.state.values.select(rest, {})
    return "\n".join(value_row(name, value, context.dialect) for name, value in found.items())


def _remove_values(context: Context, _: Command, rest: Sequence[str]) -> Answer:
    if not rest or "*" in rest:
        raise CommandError("All values cannot be removed at once: name them, or their namespaces (deploy.*)")
    found, _missing = context.state.values.select(rest, {})
    for name in found:
        context.state.set_value(name, None)
    return ""


def _info(context: Context, command: Command, rest: Sequence[str]) -> Answer:
    check_count(command, rest)
    return info_rows(context.info())


def _protocol(_: Context, command: Command, rest: Sequence[str]) -> Answer:
    check_count(command, rest)
    if rest[0] not in ("1", "2"):
        raise CommandError(f'protocol: expected 1 or 2, not "{rest[0]}"')
    return Speak(f"protocol {rest[0]}", Dialect(int(rest[0])))


def _help(_: Context, _command: Command, rest: Sequence[str]) -> Answer:
    return help_page(rest)


def _quit(_: Context, _command: Command, _rest: Sequence[str]) -> Answer:
    return Close("ok")


def _exit_if_idle(context: Context, command: Command, rest: Sequence[str]) -> Answer:
    check_count(command, rest)
    if not context.state.idle:
        return "not idle"
    context.request_exit()
    return "Exiting papa!"


def _upgrade(_: Context, command: Command, rest: Sequence[str]) -> Answer:
    check_count(command, rest)
    return Replace()


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
    ("upgrade",): _upgrade,
}
