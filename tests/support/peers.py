"""The peers: papa 1.0.6 and circus in an environment of their own, and a kernel of papa 1.0.6."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from support.kernels import REPOSITORY
from support.waiting import wait_for

PEERS = REPOSITORY / ".venv-peers" / "bin"
OURS = REPOSITORY / ".venv" / "bin"


def require_peers() -> None:
    """Skip a test that needs the peers where they are not installed; in CI they must be."""
    if (PEERS / "papa").exists():
        return
    if os.environ.get("CI"):
        pytest.fail("The environment .venv-peers is missing: run `make peers`")
    pytest.skip("the environment .venv-peers is missing: run `make peers`")


def listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


class OldKernel:
    """A kernel of papa 1.0.6 on a path in a private folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="papa-old-"))
        self.path = str(self.folder / "papa.sock")
        self._process = subprocess.Popen(
            [PEERS / "papa", "-u", self.path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(lambda: listens(self.path), "papa 1.0.6 listens")
        except BaseException:
            self.stop()
            raise

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """End the kernel and everything that it started."""
        children = self._children()
        self._process.kill()
        self._process.wait()
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _children(self) -> list[int]:
        """Return the PIDs of its children: each of its threads starts some, and may end while /proc is read."""
        children: list[int] = []
        for task in Path(f"/proc/{self._process.pid}/task").glob("*/children"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                children += map(int, task.read_text().split())
        return children
