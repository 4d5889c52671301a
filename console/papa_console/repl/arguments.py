"""The arguments of papa-repl: one table drives reading them, the usage page and the shells' completion.

They end at the first word that is none of them, so that a command keeps options of its own, whatever they are called.
"""

from collections.abc import Sequence
from typing import NamedTuple

from papa_console.repl.output import Color
from papa_console.repl.settings import Format


class UsageError(Exception):
    """The arguments make no sense."""


class Flag(NamedTuple):
    """One row of the table: its spellings, what follows it, what it does."""

    names: tuple[str, ...]
    label: str
    summary: str
    choices: tuple[str, ...] = ()


FLAGS = (
    Flag(("-c",), "LINE", "run a line; may be given several times"),
    Flag(("-f",), "FILE", "run the lines of a file, - for standard input; may be given several times"),
    Flag(("-x",), "", "take the last argument of the command from standard input"),
    Flag(("-p", "--port"), "PORT", "talk to the kernel at a port of 127.0.0.1"),
    Flag(("-u", "--unix-socket"), "PATH", "talk to the kernel at a path"),
    Flag(("--connect",), "ENDPOINT", "talk to the kernel at a port or path (else PAPA_ENDPOINT, else 20202)"),
    Flag(("--start",), "", "start a kernel where none listens"),
    Flag(("--timeout",), "SECONDS", "how long to wait for each reply; 10"),
    Flag(("--json",), "", "show results as JSON, a document a line"),
    Flag(("--csv",), "", "show lists as CSV"),
    Flag(("--raw",), "", "show the kernel's own lines, and output with its control characters"),
    Flag(("--table",), "", "show lists as tables, in a pipe too"),
    Flag(("--time",), "", "show how many milliseconds each command takes"),
    Flag(("--color",), "WHEN", "use colours: auto, always or never", ("auto", "always", "never")),
    Flag(("--tee",), "FILE", "let a file also get what watch and tail show"),
    Flag(("--keep-going",), "", "go on after an error; the exit status is that of the first"),
    Flag(("--strict",), "", "refuse abbreviations"),
    Flag(("--complete",), "LINE", "print what the last word of a line may become, one a line"),
    Flag(("--shell-completion",), "SHELL", "print a completion script for bash, zsh or fish", ("bash", "zsh", "fish")),
    Flag(("--config",), "FILE", "read this config file instead of the usual one"),
    Flag(("--edit",), "MODE", "edit lines as vi or emacs does", ("vi", "emacs")),
    Flag(("--version",), "", "print the version"),
    Flag(("-h", "--help"), "", "print this page"),
)

_BY_NAME = {name: flag for flag in FLAGS for name in flag.names}
_FORMATS = {f"--{wanted.value}": wanted for wanted in Format if wanted is not Format.AUTO}


class Arguments:
    """What was asked for.

    ``given`` has the value of each flag by its last name, empty for one that takes none; ``scripts`` the values of
    ``-c`` and ``-f``, in order; ``words`` a command.
    """

    def __init__(self) -> None:
        self.given: dict[str, str] = {}
        self.scripts: list[tuple[str, str]] = []
        self.words: list[str] = []

    def has(self, name: str) -> bool:
        """Whether a flag was given."""
        return name in self.given

    @property
    def format(self) -> Format:
        """How results are to be shown."""
        return next((_FORMATS[name] for name in reversed(self.given) if name in _FORMATS), Format.AUTO)

    @property
    def color(self) -> Color:
        """When to use colours."""
        return Color(self.given.get("--color", "auto"))

    @property
    def endpoint(self) -> str | None:
        """The endpoint that was named."""
        for name in ("--port", "--unix-socket", "--connect"):
            if name in self.given:
                return self.given[name]
        return None

    @property
    def timeout(self) -> float | None:
        """Seconds to wait for replies.

        Raises:
            UsageError: it is no positive number.
        """
        text = self.given.get("--timeout")
        try:
            seconds = None if text is None else float(text)
        except ValueError:
            seconds = 0
        if seconds is not None and not 0 < seconds < 1e9:
            raise UsageError(f"--timeout: expected a number of seconds, not {text!r}")
        return seconds


def parse(argv: Sequence[str]) -> Arguments:
    """Read the arguments.

    Raises:
        UsageError: they make no sense.
    """
    arguments = Arguments()
    rest = list(argv)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        for name, attached in _split(word):
            _take(arguments, name, attached, rest)
    arguments.words = rest
    if rest and arguments.scripts:
        raise UsageError(f"Unexpected word {rest[0]!r} after {arguments.scripts[0][0]}")
    return arguments


def _split(word: str) -> list[tuple[str, str | None]]:
    """Return the flags that a word holds: ``--name=value``, ``-xc`` or ``-p20202``."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return [(name, value if equals else None)]
    flags: list[tuple[str, str | None]] = []
    for index, letter in enumerate(word[1:], 2):
        flag = _BY_NAME.get(f"-{letter}")
        if flag is not None and flag.label and index < len(word):
            return [*flags, (f"-{letter}", word[index:])]
        flags.append((f"-{letter}", None))
    return flags


def _take(arguments: Arguments, name: str, attached: str | None, rest: list[str]) -> None:
    flag = _BY_NAME.get(name)
    if flag is None:
        raise UsageError(f"Unknown option {name}: papa-repl --help lists them")
    if not flag.label:
        if attached is not None:
            raise UsageError(f"{name} takes no value")
        arguments.given[flag.names[-1]] = ""
        return
    if attached is None and not rest:
        raise UsageError(f"{name} needs {flag.label}")
    value = rest.pop(0) if attached is None else attached
    if flag.choices and value not in flag.choices:
        raise UsageError(f"{name}: expected {', '.join(flag.choices)}, not {value!r}")
    if name in ("-c", "-f"):
        arguments.scripts.append((name, value))
    else:
        arguments.given[flag.names[-1]] = value


def usage() -> str:
    """Return the page that ``--help`` prints."""
    rows = [(", ".join(flag.names) + f" {flag.label}".rstrip(), flag.summary) for flag in FLAGS]
    wide = max(len(left) for left, _ in rows) + 2
    return "\n".join(
        [
            "Usage: papa-repl [OPTION…] [COMMAND [WORD…]]",
            "",
            "Without a command: a prompt, or the lines of standard input where that is no terminal.",
            "",
            *(f"  {left:<{wide}}{right}" for left, right in rows),
            "",
            "Exit status: 0 done; 1 the kernel said no, or there is no such value; 2 usage, nothing was sent;",
            "3 no kernel answers; 4 the connection was lost after sending; 130, 143, 129 Ctrl-C, SIGTERM, SIGHUP.",
        ]
    )
