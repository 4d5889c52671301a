"""How long a process' write takes to reach a watcher: our kernel, papa 1.0.6 and a bare pipe, in one run.

``python tests/benchmarks/delay.py`` prints medians and 99th percentiles in milliseconds. The writer puts the
time (CLOCK_MONOTONIC) into each line; the reader compares it with the time of receipt.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
OLD_PAPA = REPOSITORY / ".venv-peers" / "bin" / "papa"
LINES = 200
WRITER = (
    "import os, time\n"
    "time.sleep(0.5)\n"
    f"for _ in range({LINES}):\n"
    "    time.sleep(0.02)\n"
    "    os.write(1, b'@%d\\n' % time.monotonic_ns())\n"
)


def delays(chunks: Iterator[bytes]) -> list[float]:
    """Return the delay of each line in milliseconds; a chunk is what one read returned."""
    found: list[float] = []
    for chunk in chunks:
        now = time.monotonic_ns()
        found += [(now - int(line[1:])) / 1e6 for line in chunk.split(b"\n") if line.startswith(b"@")]
    return found


def from_pipe() -> list[float]:
    """Measure a bare pipe: the physical limit."""
    with subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        reading = writer.stdout.fileno()
        return delays(iter(lambda: os.read(reading, 65536), b""))


def from_kernel(command: list[str]) -> list[float]:
    """Measure a kernel over its Unix socket, in dialect 1."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/papa.sock"
        kernel = subprocess.Popen([*command, "-u", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return delays(watch(connect(path)))
        finally:
            kernel.kill()
            kernel.wait()


def connect(path: str) -> socket.socket:
    """Connect as soon as the kernel listens."""
    sock = socket.socket(socket.AF_UNIX)
    while sock.connect_ex(path):
        time.sleep(0.01)
    sock.recv(4096)
    return sock


def watch(sock: socket.socket) -> Iterator[bytes]:
    """Start the writer and yield what arrives, acknowledging each batch, until it has ended."""
    script = Path(tempfile.mkdtemp()) / "writer.py"
    script.write_text(WRITER)
    sock.sendall(f"make process w watch=1 {sys.executable} {script}\n".encode())
    pending = b""
    while b"closed:w:" not in pending:
        data = sock.recv(65536)
        yield data
        pending = (pending + data)[-200:]
        if pending.endswith(b"] "):
            sock.sendall(b"\n")
    sock.close()


def describe(found: list[float]) -> str:
    """Return count, median and 99th percentile."""
    found.sort()
    p99 = found[min(len(found) - 1, int(len(found) * 0.99))]
    return f"{len(found)} lines, median {statistics.median(found):.3f} ms, p99 {p99:.3f} ms"


def main() -> None:
    """Measure each in turn, twice."""
    subjects: dict[str, Callable[[], list[float]]] = {
        "bare pipe": from_pipe,
        "papa 2": lambda: from_kernel([sys.executable, "-m", "papa_kernel"]),
        "papa 1.0.6": lambda: from_kernel([str(OLD_PAPA)]),
    }
    totals: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(2):
        for name, measure in subjects.items():
            totals[name] += measure()
    for name, found in totals.items():
        print(f"{name:<11} {describe(found)}")


if __name__ == "__main__":
    main()
