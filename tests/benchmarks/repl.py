"""How quick papa-repl is: its first prompt, one command, a key with 10,000 names, a key while the kernel stands still.

``python tests/benchmarks/repl.py`` prints what was measured beside its goal. Programs run on a terminal or a pipe of
their own; a key counts until its last byte has been drawn.
"""

import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path

from papa import Papa

NAMES = 10_000
RUNS = 11
KEYS = 40
QUIET = 0.05
REPL = str(Path(sys.executable).with_name("papa-repl"))
KINDS = ("circus", "supervisor", "tweeter", "gunicorn", "web")


@contextmanager
def kernel() -> Iterator[subprocess.Popen[str]]:
    """A kernel that holds many names."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/papa.sock"
        process = subprocess.Popen(
            [sys.executable, "-m", "papa_kernel", "-p", "0", "-u", path], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        os.environ |= {"PAPA_ENDPOINT": path, "XDG_STATE_HOME": folder, "XDG_CONFIG_HOME": folder, "TERM": "xterm"}
        with Papa(path) as papa:
            for number in range(NAMES):
                papa.set(f"{KINDS[number % 5]}.{number % 40}.{number:05}", "1")
        yield process
        process.kill()
        process.wait()


class Session:
    """papa-repl on a terminal."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(REPL, [REPL])
        ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))

    def read_prompt(self) -> float:
        """Return the seconds from the start until the prompt was drawn."""
        seen, endpoint = b"", os.environ["PAPA_ENDPOINT"].encode()
        while b">" not in seen.partition(endpoint)[2]:
            data = os.read(self.fd, 65536)
            if b"\x1b[6n" in data:
                os.write(self.fd, b"\x1b[1;1R")
            seen += data
        return time.perf_counter() - self.started

    def drain(self, seconds: float = 0.3) -> None:
        while select.select([self.fd], [], [], seconds)[0]:
            os.read(self.fd, 65536)

    def press(self, key: bytes) -> float:
        """Return the seconds from a key to the last byte that it drew."""
        started = last = time.perf_counter()
        os.write(self.fd, key)
        while select.select([self.fd], [], [], 1.0 if last == started else QUIET)[0]:
            os.read(self.fd, 65536)
            last = time.perf_counter()
        return last - started

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def first_prompt() -> float:
    session = Session()
    try:
        return session.read_prompt()
    finally:
        session.close()


def one_command() -> float:
    started = time.perf_counter()
    subprocess.run([REPL, "-c", "l p"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def python(code: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


def keys(*, as_you_type: bool, stopped: subprocess.Popen[str] | None = None) -> list[float]:
    """Return the times of keys that complete among all names."""
    config = Path(os.environ["XDG_CONFIG_HOME"], "papa", "repl.toml")
    config.parent.mkdir(exist_ok=True)
    config.write_text(f"complete_while_typing = {str(as_you_type).lower()}\n")
    session = Session()
    try:
        session.read_prompt()
        session.press(b"l v \t")
        session.drain()
        session.press(b"\x03")
        session.press(b"l v ")
        if stopped is not None:
            stopped.send_signal(signal.SIGSTOP)
        typed = [bytes([code]) for code in b"circus.1"]
        found: list[float] = []
        while len(found) < KEYS:
            found += [session.press(key) for key in typed]
            for _ in typed:
                found.append(session.press(b"\x7f"))
        return found
    finally:
        if stopped is not None:
            stopped.send_signal(signal.SIGCONT)
        session.close()


def tabs() -> list[float]:
    """Return the times of Tab opening a menu of segments."""
    session = Session()
    try:
        session.read_prompt()
        session.drain()
        found = []
        for _ in range(15):
            session.press(b"l v circus.")
            found.append(session.press(b"\t"))
            session.press(b"\x03")
        return found
    finally:
        session.close()


def show(what: str, found: list[float], goal: float | None) -> None:
    """Print the least, the median and the most beside the goal, in milliseconds."""
    least, middle, most = (pick(found) * 1000 for pick in (min, statistics.median, max))
    judged = "" if goal is None else f"  goal {goal:g} ms: {'met' if middle <= goal else 'MISSED'}"
    print(f"{what:<40} min {least:6.1f}  median {middle:6.1f}  max {most:6.1f} ms{judged}")


def main() -> None:
    """Measure each in turn."""
    with kernel() as process:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a session that compiles first is no measure
        first_prompt()
        show("for comparison: python", [python("") for _ in range(RUNS)], None)
        show("for comparison: import prompt_toolkit", [python("import prompt_toolkit") for _ in range(RUNS)], None)
        show("first prompt", [first_prompt() for _ in range(RUNS)], 150)
        show("papa-repl -c 'l p'", [one_command() for _ in range(RUNS)], 60)
        show(f"a key, {NAMES:,} names", keys(as_you_type=False), 16)
        show(f"a key, {NAMES:,} names, menu as you type", keys(as_you_type=True), 16)
        show(f"Tab, {NAMES:,} names", tabs(), 16)
        show("a key, kernel stopped", keys(as_you_type=False, stopped=process), 16)
        show("a key, kernel stopped, menu as you type", keys(as_you_type=True, stopped=process), 16)


if __name__ == "__main__":
    main()
