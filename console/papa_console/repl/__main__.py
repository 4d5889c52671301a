"""``papa-repl``: signals end it with their status, and the terminal is left as it was found."""

import sys

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
