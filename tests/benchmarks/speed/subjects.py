"""What is measured: our kernel, papa 1.0.6, and a bare server that answers like a kernel without doing anything."""

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.speed.places import BENCH_VENV, PACKAGE, PEERS_VENV, environment
from benchmarks.speed.wire import Wire

STARTS_WITHIN = 20.0


@dataclass(frozen=True)
class Subject:
    """A kernel that can be started.

    Args:
        key: its column.
        command: how it is started, without the endpoint.
        python: an interpreter that has its client library.
        most: how many processes it can hold at once and live.
    """

    key: str
    command: Sequence[str]
    python: str = sys.executable
    most: int = 1_000_000


BARE = Subject("limit", [sys.executable, "-I", "-S", str(PACKAGE / "bare_server.py")])
# One thread for each process; from 1,024 descriptors on its select() fails and threads die.
PAPA_1 = Subject("papa1", [str(PEERS_VENV / "bin" / "papa")], str(PEERS_VENV / "bin" / "python"), most=400)


def ours(*, working_tree: bool) -> Subject:
    """Return our kernel: installed as users install it, or as it is in the working tree."""
    if working_tree:
        return Subject("ours", [sys.executable, "-m", "papa_kernel"], sys.executable)
    return Subject("ours", [str(BENCH_VENV / "bin" / "papa")], str(BENCH_VENV / "bin" / "python"))


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Kernel:
    """A kernel that runs in a folder of its own, on a TCP port or on a Unix path.

    Args:
        subject: what to start.
        tcp: on a port rather than on a path.
    """

    def __init__(self, subject: Subject, *, tcp: bool) -> None:
        self.folder = tempfile.mkdtemp(prefix="papa-speed-")
        self.endpoint: int | str = _free_port() if tcp else f"{self.folder}/papa.sock"
        where = ["-p" if tcp else "-u", str(self.endpoint)]
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            [*subject.command, *where],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env=environment(),
        )
        self.pid = self._process.pid

    def socket(self) -> socket.socket:
        """Return a new connection, as soon as the kernel takes one."""
        family, address = (
            (socket.AF_UNIX, self.endpoint)
            if isinstance(self.endpoint, str)
            else (socket.AF_INET, ("127.0.0.1", self.endpoint))
        )
        while True:
            sock = socket.socket(family)
            sock.settimeout(STARTS_WITHIN)
            if not sock.connect_ex(address):
                return sock
            sock.close()
            self._check_alive()
            time.sleep(0.0002)

    def _check_alive(self) -> None:
        if self._process.poll() is not None:
            raise RuntimeError(f"the kernel ended with status {self._process.returncode}")
        if time.perf_counter() - self.started > STARTS_WITHIN:
            raise RuntimeError("the kernel does not listen")

    def connect(self) -> Wire:
        """Return a new connection that has read the greeting."""
        return Wire(self.socket())

    def stop(self) -> None:
        """Kill it; its children become those of this process."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def running(subject: Subject, *, tcp: bool = False) -> Iterator[Kernel]:
    """Run a kernel in the block."""
    kernel = Kernel(subject, tcp=tcp)
    try:
        yield kernel
    finally:
        kernel.stop()
