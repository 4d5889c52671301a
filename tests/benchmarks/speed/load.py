"""How long a command takes while a watcher is being sent 100 MB/s."""

import os
import sys
import time
from pathlib import Path

from benchmarks.speed.quantiles import part
from benchmarks.speed.requests import Found
from benchmarks.speed.sink import Sink
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.subjects import Kernel, Subject, running

EVERY = 0.005
PACED = """import os, sys, time
seconds, rate, data = float(sys.argv[1]), int(sys.argv[2]), bytes(65536)
started = time.monotonic()
for number in range(int(seconds * rate / len(data))):
    time.sleep(max(started + number * len(data) / rate - time.monotonic(), 0))
    os.write(1, data)
"""


def load(subject: Subject, sizes: Sizes) -> Found:
    """Ask every 5 ms while a paced writer is watched by another process."""
    with running(subject, tcp=True) as kernel:
        wire = kernel.connect()
        wire.ask(b"set a b")
        reading = _watch_elsewhere(kernel, sizes)
        time.sleep(0.3)
        times: list[float] = []
        due = time.perf_counter()
        until = due + sizes.load_seconds
        while due < until:
            time.sleep(max(due - time.perf_counter(), 0))
            started = time.perf_counter()
            wire.ask(b"get a")
            times.append(time.perf_counter() - started)
            due += EVERY
        rate = float(os.read(reading, 100))
        os.close(reading)
    return {"load": part(times, 0.5) * 1e3, "load.p99": part(times, 0.99) * 1e3, "load.rate": rate}


def _watch_elsewhere(kernel: Kernel, sizes: Sizes) -> int:
    """Watch in a process of its own; return where it writes the MB/s it got."""
    script = Path(kernel.folder, "paced.py")
    script.write_text(PACED)
    seconds = sizes.load_seconds + 0.5
    line = f"make process p watch=1 bufsize=64m {sys.executable} -I -S {script} {seconds} {sizes.load_rate}\n"
    reading, writing = os.pipe()
    if not os.fork():
        status = 1
        try:
            status = _watch(kernel, line.encode(), writing)
        finally:
            os._exit(status)
    os.close(writing)
    return reading


def _watch(kernel: Kernel, line: bytes, writing: int) -> int:
    wire = kernel.connect()
    wire.sock.sendall(line)
    started = time.perf_counter()
    sink = Sink(wire.sock)
    sink.run()
    os.write(writing, b"%.1f" % (sink.total / 1e6 / (time.perf_counter() - started)))
    return 0
