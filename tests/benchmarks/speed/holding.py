"""Processes that are held while something is measured, and what the system knows about a process."""

from pathlib import Path

from benchmarks.speed.sleeper import sleeper
from benchmarks.speed.wire import Wire


def hold(wire: Wire, count: int, prefix: str = "s") -> None:
    """Have the kernel start processes that do nothing."""
    lines = [f"make process {prefix}.{number} {sleeper()}".encode() for number in range(count)]
    wire.ask_all(lines, window=20)


def status(pid: int, key: str, task: int | None = None) -> int:
    """Return a number from /proc/PID/status, of a thread where one is named."""
    path = f"/proc/{pid}/status" if task is None else f"/proc/{pid}/task/{task}/status"
    for line in Path(path).read_text().splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return int(value.split()[0])
    raise KeyError(key)


def resident(pid: int) -> int:
    """Return the resident memory of a process in bytes."""
    return status(pid, "VmRSS") * 1024
