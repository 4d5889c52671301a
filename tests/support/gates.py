"""A gate that scripts of a test wait at, opened by the test."""

import os
from pathlib import Path
from typing import Self


class Gate:
    """A named pipe: ``wait`` in a script passes once for each ``open`` in the test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._fd = os.open(path, os.O_RDWR)

    @property
    def wait(self) -> str:
        """The words of a shell script that wait."""
        return f"read _ < {self.path}"

    def open(self) -> None:
        """Let one who waits, or will wait, pass."""
        os.write(self._fd, b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)
