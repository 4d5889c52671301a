"""A program whose children save the output of a process, each batch before it is acknowledged, until the end.

It is started as ``consumer.py CLIENT ENDPOINT NAME FOLDER``. For each line on standard input it starts a child, so
that only the first takes the time that imports take, and tells on standard output, a line each: the child's PID,
``saved`` after each batch, and the child's exit status.

In the folder ``saved`` has the output, and ``borders`` a line for each batch, written before the batch itself. A kill
can cut a write short at the end of a page of memory: each line begins with its own line end, and its last word tells
that it is whole.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import NamedTuple

from papa import Batch, Papa
from papa.aio import AsyncPapa

WHOLE = "whole"


class Border(NamedTuple):
    """What a child knew of a batch when it began to save it: its positions, and how much had been saved before."""

    pid: int
    begin: int
    end: int
    offset: int


class Folder:
    """Where the output is saved.

    Args:
        path: an existing folder.
    """

    def __init__(self, path: Path) -> None:
        self._saved = path / "saved"
        self._borders = path / "borders"

    def save(self, batch: Batch) -> None:
        if not batch[0]:
            return
        saved = os.open(self._saved, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        with self._borders.open("a") as borders:
            first, last = batch[0][0], batch[0][-1]
            begin = (first.position or 0) - len(first.data)
            borders.write(f"\n{os.getpid()} {begin} {last.position} {os.fstat(saved).st_size} {WHOLE}")
        for record in batch[0]:
            os.write(saved, record.data)
        os.fsync(saved)
        os.close(saved)
        tell("saved")

    def read(self) -> tuple[bytes, list[Border]]:
        """Return what has been saved, and the borders within; who was killed amid writing one had saved nothing yet."""
        lines = [line.split() for line in self._borders.read_text().splitlines()]
        borders = [Border(*map(int, words[:-1])) for words in lines if words[-1:] == [WHOLE]]
        return self._saved.read_bytes(), borders


def tell(text: object) -> None:
    os.write(1, f"{text}\n".encode())


def consume(endpoint: str, name: str, folder: Folder) -> None:
    with Papa(endpoint).watch_processes(name) as watcher:
        for batch in watcher:
            folder.save(batch)


async def consume_async(endpoint: str, name: str, folder: Folder) -> None:
    async with AsyncPapa(endpoint) as papa, await papa.watch_processes(name) as watcher:
        async for batch in watcher:
            folder.save(batch)


def run_child(client: str, endpoint: str, name: str, path: str) -> None:
    tell(os.getpid())
    if client == "Papa":
        consume(endpoint, name, Folder(Path(path)))
    else:
        asyncio.run(consume_async(endpoint, name, Folder(Path(path))))


def main(*arguments: str) -> None:
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            run_child(*arguments)
            os._exit(0)
        tell(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
