"""Commands that a user gives: which of them the console's own connection can carry, and what is left open by a loss."""

from collections.abc import Sequence

from papa.errors import Error, LostConnectionError, TimedOutError
from papa_console.repl.link import LostAfterSendingError, may_have_run
from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Command
from papa_protocol.errors import CommandError
from papa_protocol.options import read_options

_NOT_HERE = {
    ("watch", "processes"): '"watch" would take the output away from its owner: select the process to see it',
    (
        "tail",
        "processes",
    ): '"tail" needs a connection of its own: select a process to see its output, or mark several',
    ("protocol",): "the console chose the dialect of its connection when it connected",
    ("quit",): "to leave the console press q; its connection is closed then",
}


def check(words: Sequence[str]) -> Command:
    """Return the command that the words are, if it can be sent over a connection that goes on afterwards.

    Raises:
        Error: it is none, or it would end or occupy the connection.
    """
    try:
        resolved = COMMANDS.resolve(words)
        command = resolved.command
        if command.words == ("make", "process"):
            options, _ = read_options(command.options, resolved.rest[1:])
            if options.get("watch"):
                raise Error("watch=1 would take the output away: leave it out and select the process")
    except CommandError as error:
        raise Error(str(error)) from None
    if command.words in _NOT_HERE:
        raise Error(_NOT_HERE[command.words])
    return command


def explain_loss(command: Command, words: Sequence[str], error: LostConnectionError, timeout: float) -> Error:
    """Return what to say about a command whose reply did not come."""
    if command.reads_only:
        return error
    if isinstance(error, TimedOutError):
        return LostAfterSendingError(may_have_run(words, f"no answer in {timeout:g} s after sending"))
    return LostAfterSendingError(may_have_run(words, "lost the connection after sending"))
