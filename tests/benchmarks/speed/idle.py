"""A kernel at rest: memory, threads, wake-ups, and how long it takes to start."""

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.speed.holding import hold, resident, status
from benchmarks.speed.places import environment
from benchmarks.speed.quantiles import part
from benchmarks.speed.requests import Found
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.subjects import Subject, running

WARM = 10


def idle(subject: Subject, sizes: Sizes) -> Found:
    """Hold processes that do nothing, with one watcher of all."""
    count = min(sizes.idle, subject.most)
    with running(subject) as kernel:
        wire = kernel.connect()
        alone = resident(kernel.pid)
        hold(wire, WARM, "warm")
        before = resident(kernel.pid)
        hold(wire, count)
        time.sleep(0.3)
        grown = resident(kernel.pid) - before
        watcher = kernel.connect()
        watcher.sock.sendall(b"watch processes *\n")
        watcher.sock.recv(100)
        time.sleep(1)
        before = _switches(kernel.pid)
        time.sleep(sizes.idle_seconds)
        return {
            "memory.idle": alone / 2**20,
            "memory.process": grown / count / 1024,
            "threads": status(kernel.pid, "Threads"),
            "wakeups": (_switches(kernel.pid) - before) / sizes.idle_seconds,
        }


def idle_limit(sizes: Sizes) -> Found:
    """Look at a Python that has just started."""
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"]) as python:
        time.sleep(0.2)
        found = resident(python.pid) / 2**20
        python.kill()
    return {"memory.idle": found, "wakeups": 0, "threads": 1}


def _switches(pid: int) -> int:
    """Return how often any thread of a process was switched to."""
    keys = ("voluntary_ctxt_switches", "nonvoluntary_ctxt_switches")
    tasks = [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]
    return sum(status(pid, key, task) for task in tasks for key in keys)


def start(subject: Subject, sizes: Sizes) -> Found:
    """Start a kernel until its first prompt."""
    times: list[float] = []
    for _ in range(sizes.starts + 1):
        with running(subject) as kernel:
            kernel.connect()
            times.append(time.perf_counter() - kernel.started)
    return {"start": part(times[1:], 0.5) * 1e3}


def start_limit(sizes: Sizes) -> Found:
    """Start a Python that does nothing."""
    times: list[float] = []
    for _ in range(sizes.starts + 1):
        started = time.perf_counter()
        pid = os.posix_spawn(sys.executable, [sys.executable, "-I", "-S", "-c", "pass"], environment())
        os.waitpid(pid, 0)
        times.append(time.perf_counter() - started)
    return {"start": part(times[1:], 0.5) * 1e3}
