"""Capturing output: floods and short lines, watched and not, beside ``cat``."""

import os
import subprocess
import time
from pathlib import Path

from benchmarks.speed.requests import Found
from benchmarks.speed.sink import Sink
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.subjects import Kernel, Subject, running
from benchmarks.speed.wire import Wire

MB = 1e6
LONG = 1_000_000_000


def flood_command(size: int) -> str:
    return f"/usr/bin/head -c {size} /dev/zero"


def lines_command(count: int) -> str:
    return f"/usr/bin/seq 1 {count}"


def lines_size(count: int) -> int:
    """Return how many bytes ``seq 1 count`` writes."""
    size, digits = 0, len(str(count))
    for length in range(1, digits + 1):
        last = min(10**length - 1, count)
        size += (last - 10 ** (length - 1) + 1) * (length + 1)
    return size


def cat(command: str, size: int) -> float:
    """Return the MB/s of a pipe to cat."""
    started = time.perf_counter()
    subprocess.run(["/bin/sh", "-c", f"{command} | cat >/dev/null"], check=True)
    return size / (time.perf_counter() - started) / MB


def watched(wire: Wire, command: str, size: int) -> tuple[float, float]:
    """Return the MB/s that a watcher got until the end, and the share of the output that was dropped, in percent."""
    started = time.perf_counter()
    wire.sock.sendall(f"make process flood watch=1 bufsize=64m {command}\n".encode())
    sink = Sink(wire.sock)
    sink.run()
    seconds = time.perf_counter() - started
    return sink.total / seconds / MB, 100 * (1 - sink.total / size)


def capture(subject: Subject, sizes: Sizes, *, tcp: bool) -> Found:
    """Watch a flood."""
    name = f"capture.{'tcp' if tcp else 'unix'}"
    with running(subject, tcp=tcp) as kernel:
        rate, dropped = watched(kernel.connect(), flood_command(sizes.flood), sizes.flood)
    return {name: rate, f"{name}.dropped": dropped}


def capture_limit(sizes: Sizes, name: str) -> Found:
    return {name: cat(flood_command(sizes.flood), sizes.flood)}


def unwatched(subject: Subject, sizes: Sizes) -> Found:
    """Capture a flood that nobody reads."""
    with running(subject) as kernel:
        wire = kernel.connect()
        started = time.perf_counter()
        wire.ask(f"make process flood bufsize=64m {flood_command(sizes.flood)}".encode())
        while b"running=True" in wire.ask(b"list processes flood"):
            time.sleep(0.002)
        seconds = time.perf_counter() - started
    return {"capture.nobody": sizes.flood / seconds / MB}


def lines(subject: Subject, sizes: Sizes) -> Found:
    """Watch short lines."""
    size = lines_size(sizes.lines)
    with running(subject, tcp=True) as kernel:
        rate, dropped = watched(kernel.connect(), lines_command(sizes.lines), size)
    return {"lines": rate, "lines.dropped": dropped}


def lines_limit(sizes: Sizes) -> Found:
    return {"lines": cat(lines_command(sizes.lines), lines_size(sizes.lines))}


def talkers(subject: Subject, sizes: Sizes) -> Found:
    """Watch many that write lines as fast as they can, for a fixed time while all still write."""
    with running(subject, tcp=True) as kernel:
        gate = _start_talkers(kernel, sizes.talkers)
        wire = kernel.connect()
        wire.sock.sendall(b"watch processes *\n")
        sink = Sink(wire.sock)
        until = (started := time.perf_counter()) + sizes.talk_seconds
        descriptor = os.open(gate, os.O_WRONLY)
        while time.perf_counter() < until:
            sink.receive()
        seconds = time.perf_counter() - started
        os.close(descriptor)
    shares = sorted(sink.received.get(b"t.%d" % number, 0) for number in range(sizes.talkers))
    return {"talkers": sink.total / seconds / MB, "talkers.fair": shares[len(shares) // 2] / max(shares[0], 1)}


def _start_talkers(kernel: Kernel, count: int) -> str:
    """Start them behind a gate: a FIFO whose opening for writing lets them all through."""
    gate = f"{kernel.folder}/gate"
    os.mkfifo(gate)
    script = Path(kernel.folder, "talk.sh")
    script.write_text(f": <{gate}\nexec {lines_command(LONG)}\n")
    kernel.connect().ask_all([b"make process t.%d /bin/sh %s" % (number, bytes(script)) for number in range(count)])
    time.sleep(0.3)
    return gate
