"""The replies to ``list``, read in slices: a row that is the same as last time is not read again."""

import asyncio
import time
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Generic, TypeVar

from papa_protocol.model import ProcessInfo
from papa_protocol.rows import read_process_row
from papa_protocol.words import Dialect

T = TypeVar("T")
_SLICE_SECONDS = 0.004
_SLICE_ROWS = 64
_WORDS = 10_000

Reader = Callable[[str, Dialect], tuple[str, T]]


class Rows(Generic[T]):
    """Reads the replies to one kind of list.

    Args:
        read: reads one row.
    """

    def __init__(self, read: Reader[T]) -> None:
        self.found: Mapping[str, T] = {}
        self._read = read
        self._known: dict[str, tuple[str, T]] = {}
        self._text: str | None = None

    async def take_in(self, text: str, dialect: Dialect) -> bool:
        """Read a reply; return whether ``found`` has changed, which is another object then.

        Raises:
            RemoteProtocolError: a row cannot be read.
        """
        if text == self._text:
            return False
        rows = text.split("\n") if text else []
        known = await self._recognise(rows, dialect)
        self._text, self._known = text, known
        found = dict(known.values())
        changed = found.keys() != self.found.keys() or any(info is not self.found[name] for name, info in found.items())
        if changed:
            self.found = found
        return changed

    async def _recognise(self, rows: list[str], dialect: Dialect) -> dict[str, tuple[str, T]]:
        """Return what each row says; others may run between slices."""
        known: dict[str, tuple[str, T]] = {}
        remaining = iter(rows)
        until = time.perf_counter() + _SLICE_SECONDS
        while part := list(islice(remaining, _SLICE_ROWS)):
            for row in part:
                known[row] = self._known.get(row) or self._read(row, dialect)
            if time.perf_counter() > until:
                await asyncio.sleep(0)
                until = time.perf_counter() + _SLICE_SECONDS
        return known

    def distrust(self) -> None:
        """Read every row anew next time: the kernel or its dialect may be another."""
        self._text = None
        self._known = {}


class ProcessReader:
    """Reads rows of processes; their words, which stay the same while positions grow, are read once."""

    def __init__(self) -> None:
        self._words: dict[str, ProcessInfo] = {}

    def __call__(self, row: str, dialect: Dialect) -> tuple[str, ProcessInfo]:
        """Read one row."""
        facts, mark, written = row.partition(" args=")
        if not mark or "\\" in facts:  # what looks like the mark may be a part of an escaped word
            return read_process_row(row, dialect)
        name, info = read_process_row(facts, dialect)
        words = self._words.get(written)
        if words is None:
            if len(self._words) > _WORDS:
                self._words.clear()
            words = self._words[written] = read_process_row(f"-{mark}{written}", dialect)[1]
        info.update(words)
        return name, info
