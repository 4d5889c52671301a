"""``papa-repl``: signals end it with their status, and the terminal is left as it was found."""

import os
import signal
import sys
import termios
from contextlib import suppress
from types import FrameType

from papa_console.repl.script import run

_SIGNALLED = 128
_PATIENCE = 2.0  # seconds for an orderly end; a prompt whose terminal has gone may never come to one


def _terminal_modes() -> list[object] | None:
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


def _restore(modes: list[object] | None) -> None:
    if modes is None or _terminal_modes() in (modes, None):
        return
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a background job would be stopped here
    with suppress(termios.error):  # it may have gone
        termios.tcsetattr(0, termios.TCSANOW, modes)  # type: ignore[arg-type]


class _Ending:
    """What SIGTERM and SIGHUP do: the first ends the program in good order, another signal or a delay at once.

    Args:
        modes: how the terminal was found.
    """

    def __init__(self, modes: list[object] | None) -> None:
        self._modes = modes
        self._status = 0

    def __call__(self, number: int, _: FrameType | None) -> None:
        if self._status:
            _restore(self._modes)
            os._exit(self._status)
        self._status = _SIGNALLED + number
        signal.signal(signal.SIGALRM, self)
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
        sys.exit(self._status)


def main() -> None:
    """Run the program and exit with its status."""
    modes = _terminal_modes()
    ending = _Ending(modes)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has SIGHUP ignored
            signal.signal(number, ending)
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
