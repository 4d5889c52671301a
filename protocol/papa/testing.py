"""For tests with pytest: ``pytest_plugins = ["papa.testing"]`` or ``from papa.testing import kernel``.

The fixture ``kernel`` is a kernel of the test's own, which ends with the test, and so does whatever it has started.
"""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from papa.autostart import begin_attached
from papa.client import Papa
from papa.endpoint import ENVIRONMENT_NAME, defaults
from papa.errors import Error

__all__ = ["Kernel", "kernel"]


class Kernel:
    """A kernel on a path in a folder of its own.

    Attributes:
        path: where it listens.
        pid: its process.
        client: connected to it.
    """

    def __init__(self) -> None:
        # Not pytest's own folder: a socket's path must be short.
        self._folder = Path(tempfile.mkdtemp(prefix="papa-"))
        self.path = str(self._folder / "kernel")
        self._process = begin_attached(self.path)
        self.pid = self._process.pid
        try:
            self.client = Papa(self.path, start=False)
        except BaseException:
            self._end()
            raise

    def connect(self) -> Papa:
        """Return another client, which the caller closes."""
        return Papa(self.path, start=False)

    def stop(self) -> None:
        """End the kernel and every process that it holds."""
        self.client.close()
        with contextlib.suppress(Error), self.connect() as client:
            for info in client.list_processes().values():
                if info["running"]:
                    _kill(info["pid"])
        self._end()

    def _end(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _kill(pid: int) -> None:
    """End a process and what it has started; each of papa's begins a group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """A kernel of the test's own, which clients that are told no endpoint find too."""
    running = Kernel()
    monkeypatch.setenv(ENVIRONMENT_NAME, running.path)
    monkeypatch.setattr(defaults, "endpoint", None)
    yield running
    running.stop()
