"""The arguments of papa-repl: one table drives reading them, the usage page and the shells' completion.

They end at the first word that is none of them, so that a command keeps options of its own, whatever they are called.
"""

from collections.abc import Sequence

from papa_console.flags import (
    CONFIG_FLAG,
    ENDPOINT_FLAGS,
    LAST_FLAGS,
    Flag,
    Given,
    UsageError,
    read_flags,
)
from papa_console.repl.output import Color
from papa_console.repl.settings import Format
from papa_console.usage import Usage

__all__ = ["FLAGS", "USAGE", "Arguments", "UsageError", "parse", "usage"]

FLAGS = (
    Flag(("-c",), "LINE", "run a line; may be given several times", several=True),
    Flag(("-f",), "FILE", "run the lines of a file, - for standard input; may be given several times", several=True),
    Flag(("-x",), "", "take the last argument of the command from standard input"),
    *ENDPOINT_FLAGS,
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
    CONFIG_FLAG,
    Flag(("--edit",), "MODE", "edit lines as vi or emacs does", ("vi", "emacs")),
    *LAST_FLAGS,
)

USAGE = Usage(
    "papa-repl",
    "type commands to a papa kernel, or run them in scripts",
    ("[OPTION…]", "[OPTION…] COMMAND [WORD…]", "[OPTION…] -c LINE… | -f FILE…"),
    (
        "Without a command: a prompt, or the lines of standard input where that is no terminal. 'help' lists the "
        "commands, and any word but exit-if-idle may be abbreviated: 'l p' is 'list processes'.",
    ),
    FLAGS,
    examples=(
        ("papa-repl", "type commands at a prompt that completes and checks them"),
        ("papa-repl list processes 'web*'", "run one command; quotes keep * from the shell"),
        ("papa-repl --json l p", "the same as JSON, for programs"),
        ("papa-repl -c 'set a 1' -c 'get a'", "run several lines"),
        ("papa-repl -x set key < key.pem", "set a value to what a file holds"),
        ("papa-repl --start m s web port=8080", "hold a socket; start a kernel where there is none"),
    ),
    statuses=(
        ("0", "done"),
        ("1", "the kernel said no, or there is no such value"),
        ("2", "wrong usage; nothing was sent"),
        ("3", "no kernel answers"),
        ("4", "the connection was lost after sending: the command may have run"),
        ("129, 130, 143", "SIGHUP, Ctrl-C, SIGTERM"),
    ),
    environment=(
        ("PAPA_ENDPOINT", "the port or path of the kernel, unless an option names one"),
        ("PAGER, LESS", "what shows long results at the prompt"),
        ("NO_COLOR, TERM", "whether there are colours, and what the terminal can do"),
    ),
    files=(
        ("$XDG_CONFIG_HOME/papa/repl.toml", "settings of the prompt"),
        ("$XDG_STATE_HOME/papa", "what was typed before"),
    ),
)

_FORMATS = {f"--{wanted.value}": wanted for wanted in Format if wanted is not Format.AUTO}


class Arguments(Given):
    """What was asked for.

    ``given`` has the value of each flag by its last name, empty for one that takes none; ``scripts`` the values of
    ``-c`` and ``-f``, in order; ``words`` a command.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[tuple[str, str]] = []
        self.words: list[str] = []

    def take(self, flag: Flag, value: str) -> None:
        """Note a flag; of scripts there may be several."""
        if flag.names[0] in ("-c", "-f"):
            self.scripts.append((flag.names[0], value))
        else:
            super().take(flag, value)

    @property
    def format(self) -> Format:
        """How results are to be shown."""
        return next((_FORMATS[name] for name in reversed(self.given) if name in _FORMATS), Format.AUTO)

    @property
    def color(self) -> Color:
        """When to use colours."""
        return Color(self.given.get("--color", "auto"))


def parse(argv: Sequence[str]) -> Arguments:
    """Read the arguments.

    Raises:
        UsageError: they make no sense.
    """
    arguments = Arguments()
    arguments.words = rest = read_flags("papa-repl", FLAGS, argv, arguments)
    if rest and arguments.scripts:
        raise UsageError(f"Unexpected word {rest[0]!r} after {arguments.scripts[0][0]}")
    return arguments


def late_option(words: Sequence[str]) -> str | None:
    """Return an option of papa-repl that stands behind a command, where it is nothing but a name; None for none.

    What a process is started with and what a value is set to is anybody's business.
    """
    if words[0][:1].lower() in ("m", "s"):
        return None
    ours = {name for flag in FLAGS for name in flag.names if name.startswith("--")}
    return next((word for word in words[1:] if word.partition("=")[0] in ours), None)


def usage() -> str:
    """Return the page that ``--help`` prints."""
    return USAGE.page()
