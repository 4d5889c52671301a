"""A program on a terminal of its own, and what it shows there: pexpect types, pyte draws."""

import os
import pty
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Self

import pexpect
import pyte

from support.wire import TIMEOUT


class Terminal:
    """A program on a terminal; a thread keeps the screen drawn and answers where the cursor is.

    Args:
        arguments: the program's command line.
        environment: what is set beside the test's own.
        columns: the terminal's width.
        rows: the terminal's height.
        silent: whether it leaves questions about the cursor unanswered.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: dict[str, str] | None = None,
        columns: int = 100,
        rows: int = 24,
        *,
        silent: bool = False,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.screen.write_process_input = self._answer  # type: ignore[method-assign]
        self.asked = 0
        self._silent = silent
        self._lock = threading.Lock()
        self.modes_before = _usual_modes()
        # A shell that outlives the program shows how the program left the terminal.
        self.program = pexpect.spawn(
            arguments[0],
            list(arguments[1:]),
            dimensions=(rows, columns),
            env=os.environ | {"TERM": "xterm"} | (environment or {}),
            timeout=TIMEOUT,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _answer(self, data: str) -> None:
        self.asked += 1
        if not self._silent:
            os.write(self.program.child_fd, data.encode())

    def _read(self) -> None:
        while True:
            try:
                select.select([self.program.child_fd], [], [])
                data = os.read(self.program.child_fd, 65536)
            except (OSError, ValueError):
                return
            if not data:
                return
            with self._lock:
                self._draw(data)

    def _draw(self, data: bytes) -> None:
        self._stream.feed(data)

    def modes(self) -> list[object]:
        """Return the terminal's modes, as termios has them."""
        return list(termios.tcgetattr(self.program.child_fd))

    @property
    def lines(self) -> list[str]:
        """The lines of the screen, without trailing blanks and blank lines at the end."""
        with self._lock:
            lines = [line.rstrip() for line in self.screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def type(self, keys: str) -> None:
        self.program.send(keys)

    def until(self, condition: Callable[[list[str]], object], what: str) -> list[str]:
        """Return the screen once it is as it should be."""
        deadline = time.monotonic() + TIMEOUT
        while not condition(lines := self.lines):
            assert time.monotonic() < deadline, f"never {what}; the screen is:\n" + "\n".join(lines)
            time.sleep(0.005)
        return lines

    def until_last(self, text: str) -> list[str]:
        """Return the screen once its last line is ``text``."""
        return self.until(lambda lines: lines and lines[-1] == text, f"ended in {text!r}")

    def until_shown(self, text: str) -> list[str]:
        """Return the screen once ``text`` is on it."""
        return self.until(lambda lines: any(text in line for line in lines), f"showed {text!r}")

    def resize(self, columns: int, rows: int) -> None:
        with self._lock:
            self.screen.resize(rows, columns)
        self.program.setwinsize(rows, columns)

    def wait(self) -> int:
        """Wait for the end and all that was written, and return the status, negative for a signal."""
        self.program.wait()
        self._reader.join(TIMEOUT)
        status = self.program.exitstatus
        return status if status is not None else -(self.program.signalstatus or 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        end(self.program)
        self._reader.join(TIMEOUT)


def end(program: "pexpect.spawn[Any]") -> None:
    """Kill a program and close its terminal; pexpect itself fails where that takes a tenth of a second."""
    if program.isalive():
        program.kill(signal.SIGKILL)
        program.wait()
    program.close()


def _usual_modes() -> list[object]:
    """Return the modes of a new terminal, which no program has changed yet."""
    ours, theirs = pty.openpty()
    modes = list(termios.tcgetattr(theirs))
    os.close(ours)
    os.close(theirs)
    return modes


def repl_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "papa_console.repl", *arguments]
