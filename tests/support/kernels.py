"""Real kernels on private endpoints."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from support.proc import descriptors
from support.wire import TIMEOUT, Wire

REPOSITORY = Path(__file__).resolve().parents[2]


class KernelProcess:
    """A kernel in a process of its own, on a port that it chose and a path in a private folder.

    Args:
        arguments: further arguments of the command.
        before_exec: called in the child between fork and exec, for limits.
        env: its environment, the test's own where None.
        cwd: where it runs.
    """

    def __init__(
        self,
        arguments: Sequence[str] = (),
        before_exec: Callable[[], None] | None = None,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="papa-test-"))
        self.path = str(self.folder / "papa.sock")
        self.log = self.folder / "papa.log"
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "papa_kernel",
                "-p",
                "0",
                "-u",
                self.path,
                "--log-file",
                str(self.log),
                *arguments,
            ],
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=before_exec,  # noqa: PLW1509 - the tests have one thread
            env=env,
            cwd=cwd,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if " listens on 127.0.0.1:" not in said:
            self.stop()
            raise AssertionError(f"The kernel did not start: {said!r}")
        self.port = int(said.split("127.0.0.1:")[1].split()[0])

    @property
    def pid(self) -> int:
        return self._process.pid

    def connect(self, *, unix: bool = False) -> Wire:
        """Return a new connection that has read the greeting."""
        return Wire(self.path if unix else self.port)

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait(self, timeout: float = TIMEOUT) -> int:
        return self._process.wait(timeout)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def log_text(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def children(self) -> list[int]:
        """Return the PIDs of the kernel's children, running or not reaped."""
        tasks = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(pid) for pid in tasks.read_text().split()]

    def descriptors(self) -> list[str]:
        """Return what the kernel's descriptors point to, sorted."""
        return sorted(descriptors(self.pid).values())

    def stop(self) -> None:
        """End the kernel and everything that it started."""
        pids = self.children() if self.alive else []
        if self.alive:
            self.signal(signal.SIGKILL)
        self.wait()
        for pid in pids:
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self._process.stdout is not None:
            self._process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)
