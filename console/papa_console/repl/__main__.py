"""``papa-repl``: signals end it with their status, and the terminal is left as it was found."""

# ruff: noqa: E402 - the client below may be papa 1.0's, and that is said before
import sys

from papa_console.predecessor import tell_of_predecessor

tell_of_predecessor("papa-repl")

from papa_console.ending import Ending, TerminalModes, leave
from papa_console.repl.script import run


def main() -> None:
    """Run the program and exit with its status."""
    modes = TerminalModes()
    Ending(modes.restore).install()
    try:
        status = run(sys.argv[1:])
    finally:
        modes.restore()
    leave(status)


if __name__ == "__main__":
    main()
