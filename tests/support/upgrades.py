"""Kernels that are upgraded, and installed code that a test changes."""

import os
import shutil
import signal
from pathlib import Path

from support.kernels import REPOSITORY, KernelProcess
from support.waiting import wait_for
from support.wire import Wire

PACKAGES = ("kernel/papa_kernel", "protocol/papa_protocol")


def upgrade(wire: Wire) -> None:
    """Upgrade the kernel by a command."""
    reply = wire.command("upgrade")
    assert " goes on in place of " in reply, reply


def upgrades(kernel: KernelProcess) -> int:
    """Return how often the kernel has been upgraded."""
    return kernel.log_text().count(" goes on in place of ")


def upgrade_by_signal(kernel: KernelProcess) -> None:
    """Upgrade the kernel by SIGHUP, and wait until it has happened."""
    before = upgrades(kernel)
    kernel.signal(signal.SIGHUP)
    wait_for(lambda: upgrades(kernel) > before, "it has been upgraded")


class Installed:
    """A copy of the kernel's code, which a test may change while a kernel runs that was started from it.

    Args:
        folder: an existing folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for package in PACKAGES:
            source = REPOSITORY / package
            shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        # Files that are changed within a second would be taken for what was compiled before.
        self.env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}

    def path(self, name: str) -> Path:
        """Return the file of one of the kernel's modules."""
        return self.folder / "papa_kernel" / f"{name}.py"

    def append(self, name: str, code: str) -> None:
        """Let a module of the kernel end with more code."""
        with self.path(name).open("a") as file:
            file.write(f"\n{code}\n")

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a piece of a module of the kernel."""
        text = self.path(name).read_text()
        assert text.count(old) == 1, f"{old!r} in {name}"
        self.path(name).write_text(text.replace(old, new))
