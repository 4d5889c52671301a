"""Kernels under a guardian, which a test kills, and clients that go on with the next one."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.kernels import KernelProcess
from support.proc import is_running
from support.waiting import wait_for
from support.wire import Wire


class GuardedKernel(KernelProcess):
    """A kernel and its guardian, whose PID is ``pid``."""

    def __init__(self, *arguments: str, **options: Any) -> None:
        super().__init__(["--guard", *arguments], **options)
        self.connect().close()  # the guardian does not go on for a kernel that has never served

    @property
    def kernel(self) -> int:
        """The PID of the kernel, once there is one."""
        return wait_for(self._find_kernel, "there is a kernel")

    def _find_kernel(self) -> int:
        return next((pid for pid in self.children() if _is_kernel(pid)), 0)

    def children_of_kernel(self) -> list[int]:
        return _children(self.kernel)

    def crash(self) -> None:
        """Kill the kernel, and wait until it is gone."""
        pid = self.kernel
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not is_running(pid), "the kernel has ended")

    def crash_and_connect(self) -> Wire:
        """Kill the kernel and return a connection to the next."""
        self.crash()
        return self.connect()

    def stop(self) -> None:
        pids = [pid for parent in [self.pid, *_children(self.pid)] for pid in (parent, *_children(parent))]
        super().stop()
        for pid in pids[1:]:
            _end(pid)

    def wait_for_all(self) -> int:
        """Return the guardian's exit status once it and all kernels have ended."""
        assert self._process.stdout is not None
        self._process.stdout.read()  # all of them hold the other end
        return self.wait()

    def served(self) -> int:
        """Return how many kernels have gone on after a crash."""
        return self.log_text().count(" goes on after a crash")


StartGuarded = Callable[..., GuardedKernel]


class Caller:
    """A client that asks once more when a kernel ends before it has answered.

    Args:
        endpoint: a port of 127.0.0.1 or a path.
    """

    def __init__(self, endpoint: int | str) -> None:
        self._endpoint = endpoint
        self._wire: Wire | None = None
        self.repeats = 0

    def command(self, line: str | bytes) -> str:
        while True:
            try:
                return self._connected().command(line)
            except ConnectionRefusedError:
                raise
            except (ConnectionError, AssertionError):  # a wire's word for a connection that was closed
                self.repeats += 1
                self.close()

    def _connected(self) -> Wire:
        if self._wire is None:
            self._wire = Wire(self._endpoint, greeted=False)  # kept before it can fail, to be closed
            self._wire.read_until(b"\n> ")
        return self._wire

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None


def _is_kernel(pid: int) -> bool:
    """Whether a child of a guardian is the kernel, and not what a kernel that was killed was about to start or try."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        others = b"--check-state" in words or os.getsid(pid) == pid
        return b"--guarded" in words and not others and is_running(pid)
    except (FileNotFoundError, ProcessLookupError):
        return False


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _end(pid: int) -> None:
    for end in (os.killpg, os.kill):
        try:
            end(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
