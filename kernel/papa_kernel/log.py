"""The kernel's log: lines of time, level and text, on standard error or in a file.

The kernel has one thread and one place to log to. ``logging`` would take a tenth of its start, and show, long after
it began, lines of source code that have changed on disk since.
"""

import contextlib
import os
import select
import sys
import time
from collections.abc import Iterator

DEBUG, INFO, WARNING, ERROR = "DEBUG", "INFO", "WARNING", "ERROR"
_LEVELS = (DEBUG, INFO, WARNING, ERROR)


class Log:
    """Writes what is at or above its level; that it cannot be written is no reason to fail, or to wait."""

    def __init__(self) -> None:
        self.open(2, WARNING)

    def open(self, fd: int, level: str) -> None:
        """Log to a descriptor what is at or above a level."""
        self._fd = fd
        self._poller = select.poll()
        self._poller.register(fd, select.POLLOUT)
        self._levels = _LEVELS[_LEVELS.index(level) :]

    @property
    def debugs(self) -> bool:
        """Whether every step is logged."""
        return DEBUG in self._levels

    def debug(self, text: str, *values: object) -> None:
        """Log a step."""
        self._write(DEBUG, text, values)

    def info(self, text: str, *values: object) -> None:
        """Log what happens seldom."""
        self._write(INFO, text, values)

    def warning(self, text: str, *values: object) -> None:
        """Log what should not happen."""
        self._write(WARNING, text, values)

    def exception(self, text: str, *values: object) -> None:
        """Log a bug, and where it is; called while its exception is handled."""
        with contextlib.suppress(MemoryError):
            self._write(ERROR, "\n".join([text % values, *_traceback(sys.exception())]), ())

    def _write(self, level: str, text: str, values: tuple[object, ...]) -> None:
        if level not in self._levels:
            return
        with contextlib.suppress(OSError, MemoryError):
            now = time.time()
            stamp = f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(now))},{int(now % 1 * 1000):03}"
            line = f"{stamp} {level} {text % values if values else text}\n"
            self._put(line.encode(errors="backslashreplace"))

    def _put(self, data: bytes) -> None:
        """Write as much as can be written at once: nobody may read the pipe or the terminal that it goes to."""
        for start in range(0, len(data), select.PIPE_BUF):
            if not self._poller.poll(0):
                return
            os.write(self._fd, data[start : start + select.PIPE_BUF])


def _traceback(error: BaseException | None) -> Iterator[str]:
    if error is None:
        return
    if error.__context__ is not None:
        yield from _traceback(error.__context__)
        yield "While that was handled:"
    yield "Traceback (most recent call last):"
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f'  File "{code.co_filename}", line {trace.tb_lineno}, in {code.co_qualname}'
        trace = trace.tb_next
    yield f"{type(error).__qualname__}: {error}"


log = Log()
