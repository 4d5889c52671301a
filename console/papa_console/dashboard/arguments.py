"""The arguments of papa-console: one table drives reading them and the usage page."""

from collections.abc import Sequence

from papa_console.flags import CONFIG_FLAG, ENDPOINT_FLAGS, LAST_FLAGS, Flag, Given, UsageError, read_flags
from papa_console.usage import Usage

PROGRAM = "papa-console"
_LEAST, _MOST = 10, 1000
_USUAL_SIZE = (120, 40)

FLAGS = (
    *ENDPOINT_FLAGS,
    Flag(("--read-only",), "", "take away whatever changes what the kernel holds"),
    Flag(("--once",), "", "print plain lists of what the kernel holds, and leave"),
    Flag(("--demo",), "", "show a demonstration on a kernel of its own, which leaves nothing behind"),
    Flag(("--screenshot",), "FILE", "write a picture of the screen as SVG, and leave; needs no terminal"),
    Flag(("--size",), "COLUMNSxROWS", "the size of that screen; 120x40"),
    Flag(("--keys",), "KEYS", 'press keys before the picture is taken, such as "4 / error enter"'),
    Flag(("--theme",), "NAME", "choose the colours"),
    CONFIG_FLAG,
    *LAST_FLAGS,
)

USAGE = Usage(
    PROGRAM,
    "watch what a papa kernel holds, full-screen",
    ("[OPTION…]",),
    (
        "A full-screen dashboard of what a papa kernel holds. Looking consumes nothing, and no key stops or signals "
        "a process. Press ? in it for its keys.",
    ),
    FLAGS,
    examples=(
        (PROGRAM, "show the default kernel"),
        (f"{PROGRAM} --demo", "look around without having a kernel"),
        (f"{PROGRAM} -u /run/papa/papa.sock --read-only", "look, and change nothing by accident"),
        (f"{PROGRAM} --once", "print plain lists"),
        (f"{PROGRAM} --screenshot now.svg --keys '4 / error enter'", "take a picture of a search"),
    ),
    statuses=(
        ("0", "left"),
        ("1", "a picture, or lists, could not be written"),
        ("2", "wrong usage, no terminal, or papa-kernel[console] is missing"),
        ("3", "no kernel answers (--once)"),
        ("70", "a fault of the program"),
        ("129, 130, 143", "SIGHUP, SIGINT, SIGTERM"),
    ),
    environment=(
        ("PAPA_ENDPOINT", "the port or path of the kernel, unless an option names one"),
        ("PAGER, EDITOR", "what | and v show output with"),
        ("NO_COLOR, TERM, COLORTERM", "whether there are colours, and how many"),
    ),
    files=(
        ("$XDG_CONFIG_HOME/papa/console.toml", "settings and keys"),
        ("$XDG_STATE_HOME/papa", "what is saved, and what is remembered until next time"),
    ),
)


class Arguments(Given):
    """What was asked for."""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of a picture.

        Raises:
            UsageError: they are none.
        """
        text = self.given.get("--size")
        if text is None:
            return _USUAL_SIZE
        columns, _, rows = text.partition("x")
        numbers = [int(number) if number.isascii() and number.isdigit() else 0 for number in (columns, rows)]
        if not all(_LEAST <= number <= _MOST for number in numbers):
            raise UsageError(
                f"--size: expected columns and rows from {_LEAST} to {_MOST}, such as 120x40, not {text!r}"
            )
        return numbers[0], numbers[1]

    @property
    def keys(self) -> list[str]:
        """The keys to press before a picture is taken; a word that is no key stands for its letters."""
        return self.given.get("--keys", "").split()


def parse(argv: Sequence[str]) -> Arguments:
    """Read the arguments.

    Raises:
        UsageError: they make no sense.
    """
    arguments = Arguments()
    rest = read_flags(PROGRAM, FLAGS, argv, arguments)
    if rest:
        raise UsageError(f"Unexpected word {rest[0]!r}: {PROGRAM} takes only options; papa-repl runs commands")
    for name in ("--size", "--keys"):
        if arguments.has(name) and not arguments.has("--screenshot"):
            raise UsageError(f"{name} goes with --screenshot")
    if arguments.has("--demo") and (arguments.endpoint is not None or arguments.has("--start")):
        raise UsageError("--demo has a kernel of its own: it takes no endpoint, and starts none")
    if arguments.has("--once") and arguments.has("--screenshot"):
        raise UsageError("--once prints lists and --screenshot a picture: choose one")
    _ = arguments.size, arguments.timeout  # bad ones are to be refused before anything begins
    return arguments


def usage() -> str:
    """Return the page that ``--help`` prints."""
    return USAGE.page()
