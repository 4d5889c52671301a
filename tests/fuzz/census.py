"""How many objects a kernel's Python holds: a leak of one a line shows long before the system sees more memory used.

The kernel's Python reads a module at its start that answers a signal with the count.
"""

import os
import signal
from pathlib import Path

from support.kernels import KernelProcess
from support.waiting import wait_for

_SCRIPT = """
import gc, os, signal, sys

def tell(*_):
    gc.collect()
    with open({answer!r} + ".new", "w") as file:
        file.write(str(sys.getallocatedblocks()))
    os.replace({answer!r} + ".new", {answer!r})

signal.signal(signal.SIGUSR1, tell)
"""


class Census:
    """Counts in kernels that are started with ``env``.

    Args:
        folder: an empty folder of the test's own.
    """

    def __init__(self, folder: Path) -> None:
        self._answer = folder / "count"
        (folder / "sitecustomize.py").write_text(_SCRIPT.format(answer=str(self._answer)))
        paths = filter(None, (str(folder), os.environ.get("PYTHONPATH")))
        self.env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}

    def count(self, kernel: KernelProcess) -> int:
        """Return how many blocks of memory a kernel's objects take."""
        kernel.signal(signal.SIGUSR1)
        wait_for(self._answer.exists, "the kernel has counted")
        count = int(self._answer.read_text())
        self._answer.unlink()
        return count
