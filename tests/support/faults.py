"""Faults: functions of a kernel, system calls above all, that fail when a test wants them to; peers that vanish.

The kernel's Python reads a module at its start that replaces functions; they fail while a file is there.
"""

import os
import socket
from pathlib import Path

from support.wire import Wire

_TCP_REPAIR = 19

_SCRIPT = """
import os, pkgutil

def fail(place, name, error, flag):
    holder = pkgutil.resolve_name(place)
    real, begin, note, end = getattr(holder, name), os.open, os.write, os.close

    def replacement(*args, **options):
        try:
            count = begin(flag, os.O_WRONLY | os.O_APPEND)
        except FileNotFoundError:
            return real(*args, **options)
        note(count, b".")
        end(count)
        raise error

    setattr(holder, name, replacement)

place, _, name = {function!r}.rpartition(".")
fail(place, name, {error}, {flag!r})
"""


class Fault:
    """A function that fails while the fault is switched on.

    Args:
        folder: an empty folder of the test's own.
        function: its module and name: ``os.pipe2``, ``socket.socket.accept``.
        code: the error's number; 0 for a lack of memory that Python tells of itself.
    """

    def __init__(self, folder: Path, function: str, code: int = 0) -> None:
        self._flag = folder / "flag"
        error = f"OSError({code}, os.strerror({code}))" if code else "MemoryError"
        (folder / "sitecustomize.py").write_text(_SCRIPT.format(function=function, error=error, flag=str(self._flag)))
        paths = filter(None, (str(folder), os.environ.get("PYTHONPATH")))
        self.env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}

    def begin(self) -> None:
        self._flag.write_text("")

    def end(self) -> None:
        self._flag.unlink()

    @property
    def count(self) -> int:
        """How often it has failed."""
        return self._flag.stat().st_size


def vanish(wire: Wire) -> None:
    """Close a TCP connection so that the other end is told nothing; only root can."""
    wire.socket.setsockopt(socket.IPPROTO_TCP, _TCP_REPAIR, 1)
    wire.close()
