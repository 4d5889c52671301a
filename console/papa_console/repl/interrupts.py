"""Ctrl-C while a stream is shown, and waiting for whatever comes first."""

import os
import select
import signal
from enum import Enum, auto
from types import FrameType, TracebackType
from typing import Self


class Abandoned(Exception):  # noqa: N818 - it is no error, but what the user wants
    """Ctrl-C was pressed a second time."""


class Ready(Enum):
    """What came first."""

    INPUT = auto()
    INTERRUPT = auto()
    TIMEOUT = auto()


class Interrupts:
    """Counts Ctrl-C: the first is something to be waited for, the second raises ``Abandoned``, whatever goes on.

    Args:
        out: the descriptor that is written to; when nobody can read it any more, ``wait`` raises BrokenPipeError.
    """

    def __init__(self, out: int) -> None:
        self.count = 0
        self._out = out
        self._pipe = os.pipe()
        for descriptor in self._pipe:
            os.set_blocking(descriptor, False)

    def __enter__(self) -> Self:
        self._fd_before = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None) -> None:
        signal.signal(signal.SIGINT, self._before)
        signal.set_wakeup_fd(self._fd_before)
        for descriptor in self._pipe:
            os.close(descriptor)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            raise Abandoned

    def wait(self, descriptor: int | None, seconds: float | None) -> Ready:
        """Wait until a descriptor can be read, Ctrl-C was pressed, or the time is over.

        Raises:
            BrokenPipeError: nobody reads what is written any more.
        """
        poll = select.poll()
        poll.register(self._pipe[0], select.POLLIN)
        poll.register(self._out, 0)
        if descriptor is not None:
            poll.register(descriptor, select.POLLIN)
        ready = dict(poll.poll(None if seconds is None else max(seconds, 0) * 1000))
        if self.count:
            return Ready.INTERRUPT
        if self._out in ready:
            raise BrokenPipeError
        if self._pipe[0] in ready:  # another signal, whose handler let us go on
            os.read(self._pipe[0], 4096)
        return Ready.INPUT if descriptor in ready else Ready.TIMEOUT
