"""Kernels with work to do, for the benchmark of the console."""

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

import papa
from support.kernels import KernelProcess

# Writes RATE lines a second, so many every STEP seconds, the ones that are late at once.
_WRITER = """
import os, sys, time
rate, step = int(sys.argv[1]), float(sys.argv[2])
line = b"2024-11-23 16:13:00,%06d INFO worker.%d handled request %d in 12 ms, status 200 OK\\n"
block = b"".join(line % (n, n % 7, n) for n in range(max(int(rate * step), 1)))
time.sleep(float(sys.argv[3]))
due = time.monotonic()
while True:
    view = memoryview(block)
    while view:
        view = view[os.write(1, view):]
    due += step
    time.sleep(max(due - time.monotonic(), 0))
"""
LINE = len(b"2024-11-23 16:13:00,000000 INFO worker.0 handled request 0 in 12 ms, status 200 OK\n")
_ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


@contextmanager
def kernel() -> Iterator[KernelProcess]:
    """A kernel on a path of its own."""
    process = KernelProcess()
    try:
        yield process
    finally:
        process.stop()


def quiet(client: papa.Papa, count: int, name: str = "quiet") -> None:
    """Make processes that do nothing."""
    for number in range(count):
        client.make_process(f"{name}.{number:04}", "/bin/sleep", ["100000"], _ENVIRONMENT)


def ended(client: papa.Papa, count: int, name: str = "done") -> None:
    """Make processes that have ended: facts of these are kept as well."""
    for number in range(count):
        client.make_process(f"{name}.{number % 40}.{number:04}", "/bin/true", [], _ENVIRONMENT)


def writer(
    client: papa.Papa, name: str, rate: int, *, step: float = 0.02, after: float = 0.0, bufsize: str = "1m"
) -> None:
    """Make a process that writes so many lines a second."""
    arguments = ["-ISc", _WRITER, str(rate), str(step), str(after)]
    client.make_process(name, sys.executable, arguments, _ENVIRONMENT, bufsize=bufsize)


def yes(client: papa.Papa, name: str = "flood") -> None:
    """Make a process that writes as fast as it can."""
    client.make_process(name, "/usr/bin/yes", ["y"], _ENVIRONMENT)


def written(client: papa.Papa, names: Sequence[str] = ("*",)) -> int:
    """Return how many bytes processes have written."""
    return sum(info.get("position", 0) for info in client.list_processes(*names).values())


class Getter:
    """Asks the kernel for a value again and again, in a thread, and notes how long each answer took.

    Args:
        path: the kernel's.
    """

    def __init__(self, path: Path | str) -> None:
        self.times: list[float] = []
        self._client = papa.Papa(str(path))
        self._client.set("asked", "1")
        self._going = True
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while self._going:
            begun = time.perf_counter()
            self._client.get("asked")
            self.times.append(time.perf_counter() - begun)
            time.sleep(0.02)

    def stop(self) -> list[float]:
        """Stop asking; return the seconds that the answers took."""
        self._going = False
        self._thread.join()
        self._client.close()
        return self.times


def cpu_of(process: KernelProcess) -> float:
    """Return the seconds of processor time that a kernel has used."""
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)
