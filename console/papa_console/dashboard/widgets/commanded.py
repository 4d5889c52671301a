"""What was typed into the command bar, made ready to be sent, or why it is not. Pure."""

from dataclasses import dataclass

from papa_console.masking import masked_value
from papa_console.repl.hints import is_leaving
from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Command
from papa_protocol.options import read_options
from papa_protocol.typed import TypedError, check, expand, split_typed

_NOT_HERE = {
    ("watch", "processes"): "The console never consumes output: tail shows it, and the key a acknowledges it",
    ("quit",): "This would close the console's own connection: q leaves the console",
    ("protocol",): "The console has chosen the dialect of its connection",
}
_NO_WATCHING = "watch=1 would consume the output: without it the process is made, and its pane shows what it writes"
_MASKED = "The history does not keep this value: type it"


@dataclass(frozen=True, slots=True)
class Ready:
    """A line that can be sent: its words, those of the command in full, and the line as the history keeps it."""

    words: tuple[str, ...]
    line: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is not sent: why, and where in the line that is, where it is not all of it."""

    line: str
    why: str
    column: int | None = None


def ready(typed: str) -> Ready | Refused:
    """Return what is to be sent for a line that was typed, abbreviated or not."""
    line = expand(typed).strip()
    if is_leaving(line):
        return Refused(line, _NOT_HERE[("quit",)])
    masked = masked_value(line)
    if masked is not None:
        return Refused(line, _MASKED, masked[0])
    try:
        command = check(line)
    except TypedError as error:
        return Refused(line, str(error), error.start)
    rest = [word.text for word in split_typed(line)][len(command.words) :]
    why = _NOT_HERE.get(command.words) or (_NO_WATCHING if _watches(command, rest) else "")
    return Refused(line, why) if why else Ready((*command.words, *rest), line)


def _watches(command: Command, rest: list[str]) -> bool:
    if command.words != COMMANDS.by_words["make", "process"].words:
        return False
    return bool(read_options(command.options, rest[1:])[0].get("watch"))
