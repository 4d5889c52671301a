"""``papa-repl``: signals end it with their status, and the terminal is left as it was found."""

import os
import signal
import sys
import termios
from contextlib import suppress
from types import FrameType

from papa_console.repl.script import run

_SIGNALLED = 128


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(_SIGNALLED + number)


def _terminal_modes() -> list[object] | None:
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


def _restore(modes: list[object] | None) -> None:
    if modes is None or _terminal_modes() in (modes, None):
        return
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a background job would be stopped here
    termios.tcsetattr(0, termios.TCSADRAIN, modes)  # type: ignore[arg-type]


def main() -> None:
    """Run the program and exit with its status."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has SIGHUP ignored
            signal.signal(number, _end)
    modes = _terminal_modes()
    try:
        status = run(sys.argv[1:])
    finally:
        _restore(modes)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(status)  # taking the interpreter apart takes 8 ms


if __name__ == "__main__":
    main()
