"""A terminal for the benchmark of the console: it types, takes what is drawn at its own speed, and notes the times."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import psutil

_ALL = 2**20
_TURN = 0.05  # how often a slow terminal reads
_PATIENCE = 20.0


class Told(NamedTuple):
    """What the probe told of an action."""

    name: str
    time: float
    taken: int
    behind: int


class Terminal:
    """The console on a terminal.

    Args:
        endpoint: the kernel's path.
        home: a folder for its settings and state.
        size: columns and rows.
        rate: how many bytes a second are read; None for as many as come.
        probed: whether actions are told.
    """

    def __init__(
        self,
        endpoint: str,
        home: Path,
        size: tuple[int, int] = (120, 40),
        rate: int | None = None,
        *,
        probed: bool = True,
    ) -> None:
        self.rate = rate
        self.drawn = 0
        self.bytes = b""  # the latest ones
        self.told: list[Told] = []
        self._partial = b""
        self._next_read = 0.0
        self._screen, terminal = pty.openpty()
        self._probe, telling = os.pipe()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        program = [sys.executable, "-m", "benchmarks.console_probe", str(telling)]
        plain = [str(Path(sys.executable).with_name("papa-console"))]
        environment = os.environ | {
            "TERM": "xterm-256color", "COLORTERM": "truecolor", "HOME": str(home),
            "XDG_STATE_HOME": str(home), "XDG_CONFIG_HOME": str(home),
        }  # fmt: skip
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [*(program if probed else plain), "-u", endpoint],
            stdin=terminal, stdout=terminal, stderr=terminal, env=environment, pass_fds=[telling],
            start_new_session=True, cwd=Path(__file__).parents[1],
        )  # fmt: skip
        os.close(terminal)
        os.close(telling)
        self.usage = psutil.Process(self.process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._screen)
        os.close(self._probe)

    # reading

    def step(self, seconds: float) -> None:
        """Read what comes, for so long at most; return early if anything came."""
        until = time.monotonic() + seconds
        slow = self.rate is not None and time.monotonic() < self._next_read
        watched = [self._probe] if slow else [self._probe, self._screen]
        left = min(until, self._next_read) - time.monotonic() if slow else seconds
        ready = select.select(watched, [], [], max(left, 0))[0]
        if self._probe in ready:
            self._hear(os.read(self._probe, _ALL))
        if self._screen in ready:
            self._read()

    def _read(self) -> None:
        data = os.read(self._screen, _ALL if self.rate is None else max(int(self.rate * _TURN), 1))
        self._next_read = time.monotonic() + _TURN
        self.drawn += len(data)
        self.bytes = self.bytes[-65536:] + data

    def _hear(self, data: bytes) -> None:
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            name, when, taken, behind = line.decode().split()
            self.told.append(Told(name, float(when), int(taken), int(behind)))

    def rest(self, seconds: float) -> None:
        """Let time pass, reading."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.step(left)

    def until(self, condition: Callable[[], object], what: str, seconds: float = _PATIENCE) -> float:
        """Read until a condition holds; return when it did."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"never {what}: {self.bytes[-2000:]!r}")
            self.step(0.05)
        return time.monotonic()

    def until_drawn(self, pattern: bytes, seconds: float = _PATIENCE) -> float:
        """Read until something has been drawn, from now on or just before; return when it was."""
        return self.until(lambda: re.search(pattern, self.bytes), f"drew {pattern!r}", seconds)

    # typing

    def type(self, keys: bytes) -> float:
        """Type; return when."""
        self.bytes = b""
        now = time.monotonic()
        os.write(self._screen, keys)
        return now

    def act(self, key: bytes, seconds: float = _PATIENCE) -> float:
        """Type a key and return the seconds until its action was done."""
        count = len(self.told)
        typed = self.type(key)
        self.until(lambda: len(self.told) > count, f"did what {key!r} is for", seconds)
        return self.told[count].time - typed

    def paint(self, key: bytes, pattern: bytes, seconds: float = _PATIENCE) -> tuple[float, float]:
        """Type a key; return the seconds until its action was done, and until what only it makes was drawn."""
        count = len(self.told)
        typed = self.type(key)
        drawn = self.until_drawn(pattern, seconds)
        self.until(lambda: len(self.told) > count, f"did what {key!r} is for", seconds)
        return self.told[count].time - typed, drawn - typed

    # usage

    def cpu(self) -> float:
        """Return the seconds of processor time used so far."""
        times = self.usage.cpu_times()
        return float(times.user + times.system)

    def waited(self) -> float:
        """Return the seconds for which its main thread was ready to go on, and other programs had the processors."""
        return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[1]) / 1e9

    @property
    def memory(self) -> float:
        """MiB in memory."""
        return float(self.usage.memory_info().rss) / 2**20


def part(values: Sequence[float], share: float) -> float:
    """Return a quantile in milliseconds."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] * 1000 if values else 0.0
