"""How long a process' write takes to reach its watcher.

The writer puts the time (CLOCK_MONOTONIC) into each line; the reader compares it with the time of receipt.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.speed.holding import hold
from benchmarks.speed.quantiles import part
from benchmarks.speed.requests import Found
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.subjects import Kernel, Subject, running

WRITER = """import os, sys, time
time.sleep(0.3)
for _ in range(int(sys.argv[1])):
    time.sleep(0.02)
    os.write(1, b"@%d\\n" % time.monotonic_ns())
"""
BUSY = """import os, time
for number in range(6000):
    time.sleep(0.01)
    os.write(1, b"a short line of text, number %d\\n" % number)
"""


def _delays(chunks: Iterator[bytes]) -> list[float]:
    """Return the delay of each line in milliseconds; a chunk is what one read returned."""
    found: list[float] = []
    for chunk in chunks:
        now = time.monotonic_ns()
        found += [(now - int(line[1:])) / 1e6 for line in chunk.split(b"\n") if line.startswith(b"@")]
    return found


def pipe_delays(count: int) -> list[float]:
    """Measure a bare pipe: the physical limit."""
    command = [sys.executable, "-I", "-S", "-c", WRITER, str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        reading = writer.stdout.fileno()
        return _delays(iter(lambda: os.read(reading, 65536), b""))


def watch_delays(kernel: Kernel, count: int) -> list[float]:
    """Measure a kernel."""
    script = Path(kernel.folder, "writer.py")
    script.write_text(WRITER)
    sock = kernel.connect().sock
    sock.sendall(f"make process w watch=1 {sys.executable} -I -S {script} {count}\n".encode())

    def chunks() -> Iterator[bytes]:
        seen = b""
        while b"closed:w:" not in seen:
            data = sock.recv(65536)
            yield data
            seen = (seen + data)[-200:]
            if seen.endswith(b"] "):
                sock.sendall(b"\n")

    found = _delays(chunks())
    if len(found) != count:
        raise RuntimeError(f"{len(found)} of {count} lines came")
    return found


def summary(name: str, found: list[float]) -> Found:
    return {name: part(found, 0.5), f"{name}.p99": part(found, 0.99)}


def delay(subject: Subject, sizes: Sizes) -> Found:
    """Measure with nothing else held."""
    with running(subject) as kernel:
        return summary("delay", watch_delays(kernel, sizes.delay_lines))


def delay_limit(sizes: Sizes, name: str) -> Found:
    return summary(name, pipe_delays(sizes.delay_lines))


def delay_held(subject: Subject, sizes: Sizes) -> Found:
    """Measure while idle processes and busy ones are held."""
    with running(subject) as kernel:
        wire = kernel.connect()
        hold(wire, min(sizes.delay_idle, subject.most - sizes.delay_busy))
        hold_busy(kernel, sizes.delay_busy)
        return summary("delay.held", watch_delays(kernel, sizes.delay_lines))


def hold_busy(kernel: Kernel, count: int) -> None:
    """Start processes that write 100 short lines a second, for a minute."""
    script = Path(kernel.folder, "busy.py")
    script.write_text(BUSY)
    line = f"{sys.executable} -I -S {script}"
    kernel.connect().ask_all([f"make process b.{number} {line}".encode() for number in range(count)])
    time.sleep(0.5)
