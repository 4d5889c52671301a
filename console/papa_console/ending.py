"""How a program that has the terminal ends by a signal: in good order, and the terminal as it was found."""

import os
import signal
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

SIGNALLED = 128
_PATIENCE = 2.0  # seconds for an orderly end; a program whose terminal has gone may never come to one


class TerminalModes:
    """The modes of the terminal that standard input is, as they were found; nothing where it is none.

    Args:
        reset: control sequences that take back what the program may have switched on.
    """

    def __init__(self, reset: bytes = b"") -> None:
        self._found = _modes()
        self._reset = reset

    def restore(self, *, screen: bool = False) -> None:
        """Set the modes again where they have changed.

        Args:
            screen: whether the control sequences are wanted as well.
        """
        if self._found is None:
            return
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a background job would be stopped here
        if screen and self._reset:
            self._write(self._reset)
        if _modes() not in (self._found, None):
            with suppress(termios.error):  # it may have gone
                termios.tcsetattr(0, termios.TCSANOW, self._found)  # type: ignore[arg-type]

    @staticmethod
    def _write(data: bytes) -> None:
        """Write to the terminal, unless it takes nothing: that must not keep the program from ending."""
        with suppress(OSError):
            fd = os.open("/dev/tty", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            with suppress(OSError):
                os.write(fd, data)
            os.close(fd)


def _modes() -> list[object] | None:
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


class Ending:
    """What SIGTERM and SIGHUP do: the first ends the program in good order, another signal or a delay at once.

    Args:
        restore: puts the terminal right; called before an end at once.
        end: begins the orderly end, with the exit status; may be changed.
    """

    def __init__(self, restore: Callable[[], None], end: Callable[[int], object] = sys.exit) -> None:
        self.end = end
        self.status = 0
        self._restore = restore

    def install(self) -> None:
        """Answer the signals from now on, but for those that were ignored: nohup has SIGHUP ignored."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self)

    def has_ended(self) -> None:
        """Say that the orderly end has been reached, and that what remains may take its time."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def __call__(self, number: int, _: FrameType | None) -> None:
        """Answer a signal."""
        if self.status:
            self._restore()
            os._exit(self.status)
        self.status = SIGNALLED + number
        signal.signal(signal.SIGALRM, self)
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
        self.end(self.status)


def leave(status: int) -> None:
    """End the program without taking the interpreter apart, which takes 8 ms."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(status)
