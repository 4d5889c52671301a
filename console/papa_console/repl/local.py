"""THE table of client-only commands, which begin with a colon: dispatch, help and completion read it.

No abbreviation of a kernel's command can collide with them. They may be abbreviated to any unique beginning.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from papa_console.repl.settings import Format
from papa_protocol.errors import CommandError

if TYPE_CHECKING:
    from papa_console.repl.runner import Runner

USAGE = 2


@dataclass(frozen=True, slots=True)
class LocalCommand:
    """One row of the table.

    Args:
        word: what is typed, with its colon.
        arguments: what may follow, for hints and help.
        summary: one line saying what it does.
        run: carries it out, given what follows the word, and returns a status.
        takes_file: whether a file's name follows.
    """

    word: str
    arguments: str
    summary: str
    run: Callable[["Runner", str], int]
    takes_file: bool = False

    @property
    def usage(self) -> str:
        """The word and what follows it."""
        return f"{self.word} {self.arguments}".rstrip()


def _show_as(wanted: Format) -> Callable[["Runner", str], int]:
    def run(runner: "Runner", rest: str) -> int:
        if rest:
            return runner.refuse(f"Unexpected word {rest.split(maxsplit=1)[0]!r}")
        settings = runner.settings
        settings.format = Format.AUTO if settings.format is wanted else wanted
        shown = "for people: tables" if settings.format is Format.AUTO else f"as {settings.format.value}"
        runner.output.note(f"results are shown {shown}")
        return 0

    return run


def _help(runner: "Runner", rest: str) -> int:
    if rest:
        command = resolve_local(rest if rest.startswith(":") else f":{rest}")
        runner.output.result(f"{command.usage}\n    {command.summary}")
        return 0
    wide = max(len(command.usage) for command in LOCAL_COMMANDS) + 2
    rows = [f"    {command.usage:<{wide}}{command.summary}" for command in LOCAL_COMMANDS]
    leave = ["", "'help' lists the commands of the kernel. quit, q, exit or Ctrl-D leave."]
    runner.output.result("\n".join(["Commands of papa-repl itself:", *rows, *leave]))
    return 0


def _time(runner: "Runner", rest: str) -> int:
    if rest not in ("", "on", "off"):
        return runner.refuse(f"expected on or off, not {rest!r}")
    runner.settings.timing = rest == "on" if rest else not runner.settings.timing
    runner.output.note(f"timing is {'on' if runner.settings.timing else 'off'}")
    return 0


def _source(runner: "Runner", rest: str) -> int:
    if not rest:
        return runner.refuse(":source needs a FILE")
    return runner.run_file(rest)


def _alias(runner: "Runner", rest: str) -> int:
    name, _, words = rest.partition(" ")
    aliases = runner.settings.aliases
    if not name:
        if aliases:
            runner.output.result("\n".join(f"{key} = {aliases[key]}" for key in sorted(aliases)))
    elif words.strip():
        check_alias(name)
        aliases[name] = words.strip()
    elif aliases.pop(name, None) is None:
        return runner.refuse(f"There is no alias {name!r}")
    return 0


def check_alias(name: str) -> str:
    """Return ``name`` if an alias may be called that.

    Raises:
        CommandError: it is a command in full, or one of this table.
    """
    from papa_protocol.command_table import COMMANDS  # noqa: PLC0415 - :help needs none of it

    if name.startswith(":") or name.lower() in COMMANDS.verbs:
        raise CommandError(f"{name!r} is a command: an alias cannot hide it")
    return name


def _connect(runner: "Runner", rest: str) -> int:
    if not rest:
        runner.output.result(f"{runner.link.label}{' (down)' * runner.link.down}")
        return 0
    return runner.connect(rest)


def _exits(runner: "Runner", rest: str) -> int:
    if rest:
        return runner.refuse(f"Unexpected word {rest.split(maxsplit=1)[0]!r}")
    if runner.settings.exits:
        runner.output.result("\n".join(runner.settings.exits))
    return 0


def _shell(runner: "Runner", rest: str) -> int:
    from papa_console.repl.pager import run_shell  # noqa: PLC0415 - few sessions need it

    runner.output.flush()
    status = run_shell(rest)
    if status:
        runner.output.note(f"the command ended with status {status}")
    return 1 if status else 0


LOCAL_COMMANDS = (
    LocalCommand(":help", "[WORD]", "Explain these commands", _help),
    LocalCommand(":json", "", "Show results as JSON; again: as usual", _show_as(Format.JSON)),
    LocalCommand(":csv", "", "Show lists as CSV; again: as usual", _show_as(Format.CSV)),
    LocalCommand(":raw", "", "Show the kernel's own lines; again: as usual", _show_as(Format.RAW)),
    LocalCommand(":table", "", "Show lists as tables, even in a pipe; again: as usual", _show_as(Format.TABLE)),
    LocalCommand(":time", "[on|off]", "Show how many milliseconds each command takes", _time),
    LocalCommand(":source", "FILE", "Run the lines of a file", _source, takes_file=True),
    LocalCommand(":alias", "[NAME [WORD…]]", "Let a word stand for others; list; forget", _alias),
    LocalCommand(":connect", "[ENDPOINT]", "Talk to another kernel: a port or an absolute path", _connect,
                 takes_file=True),
    LocalCommand(":exits", "", "Show the ends of processes seen in this session", _exits),
    LocalCommand(":!", "COMMAND", "Run a command of the shell", _shell),
)  # fmt: skip


def is_local(line: str) -> bool:
    """Whether a line is for this table."""
    return line.lstrip().startswith(":")


def split_local(line: str) -> tuple[str, str]:
    """Return the word that a line begins with, and what follows it."""
    text = line.strip()
    if text.startswith(":!"):
        return ":!", text[2:].strip()
    word, _, rest = text.partition(" ")
    return word, rest.strip()


def resolve_local(word: str) -> LocalCommand:
    """Return the command that ``word``, abbreviated or not, stands for.

    Raises:
        CommandError: there is none, or there are several.
    """
    typed = word.lower()
    found = [command for command in LOCAL_COMMANDS if command.word.startswith(typed) and len(typed) > 1]
    exact = [command for command in found if command.word == typed]
    if len(exact or found) == 1:
        return (exact or found)[0]
    listed = " ".join(command.word for command in found or LOCAL_COMMANDS)
    raise CommandError(f"{word!r} may stand for {listed}" if found else f"Unknown command {word!r}: there are {listed}")
