"""Records on their way to a file: cut at positions, counted and hashed, fetched from the kernel by a tail.

Each byte of output takes one position and the end of the process takes one, so what lies between two positions is
always the same bytes, whoever asks, and however the kernel cut them into records.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from typing import Any

from papa.aio import AsyncPapa
from papa_protocol.watch import Kind, Record
from papa_protocol.words import Dialect

PATIENCE = 10.0  # seconds for output that the kernel has said that it holds


class NotSavedError(Exception):
    """Output was not saved, and so was not acknowledged; the text says why."""


def check_kernel(client: AsyncPapa) -> None:
    """See that a kernel can acknowledge up to a position.

    Raises:
        NotSavedError: it is papa 1.0, where output has no positions.
    """
    if client.dialect is Dialect.V1:
        raise NotSavedError("this kernel is papa 1.0, which cannot acknowledge up to a line")


def start_of(record: Record) -> int:
    """Return the position at which a record begins."""
    assert record.position is not None, "a tail's records have positions"
    match record.kind:
        case Kind.CLOSED:
            return record.position - 1
        case Kind.LOST:
            return record.position - record.number
        case _:
            return record.position - len(record.data)


def between(record: Record, start: int, stop: int) -> Record | None:
    """Return what of a record lies between two positions; None where nothing does."""
    begins, ends = start_of(record), record.position or 0
    first, last = max(begins, start), min(ends, stop)
    if first >= last:
        return None
    if (first, last) == (begins, ends):
        return record
    if record.kind is Kind.LOST:
        return record._replace(number=last - first, position=last)
    return record._replace(data=record.data[first - begins : last - begins], position=last)


@dataclass(slots=True)
class Tally:
    """What was written so far: how much, from where to where, and its hash."""

    sizes: dict[Kind, int] = field(default_factory=lambda: {Kind.OUT: 0, Kind.ERR: 0})
    lost: int = 0
    from_position: int | None = None
    to_position: int | None = None
    first_time: float | None = None
    last_time: float | None = None
    exit_status: int | None = None
    _hash: Any = field(default_factory=hashlib.sha256)

    @property
    def size(self) -> int:
        """How many bytes were written."""
        return sum(self.sizes.values())

    @property
    def sha256(self) -> str:
        """The hash of all of them."""
        return str(self._hash.hexdigest())

    def add(self, records: Iterable[Record]) -> None:
        """Count records."""
        for record in records:
            if self.from_position is None:
                self.from_position, self.first_time = start_of(record), record.time
            self.to_position, self.last_time = record.position, record.time
            if record.kind is Kind.LOST:
                self.lost += record.number
            elif record.kind is Kind.CLOSED:
                self.exit_status = record.number
            else:
                self.sizes[record.kind] += len(record.data)
                self._hash.update(record.data)


def data_of(records: Iterable[Record]) -> bytes:
    """Return the bytes that a file gets of records."""
    return b"".join(record.data for record in records)


async def records_upto(
    client: AsyncPapa, name: str, upto: int, patience: float = PATIENCE
) -> AsyncGenerator[list[Record], None]:
    """Yield the records of a process that nobody has acknowledged, up to a position, batch by batch.

    They come by a tail, which consumes nothing. Nothing is yielded where all of it has been acknowledged.

    Args:
        client: of a kernel that knows ``tail``.
        name: the process.
        upto: where to stop; a record that goes on beyond is cut.
        patience: seconds to wait for what is missing.

    Raises:
        NotSavedError: the process is no longer held, or has not written that much.
        papa.Error: the kernel said no, or was lost.
    """
    async with await client.tail_processes(name) as tail:
        reached = 0
        while reached < upto:
            try:
                async with asyncio.timeout(patience):
                    records = await tail.read_records()
            except TimeoutError:
                raise NotSavedError(f"{name} has written less than that: no output up to position {upto}") from None
            if not records and not tail:
                raise NotSavedError(f"{name} is no longer held")
            reached = max([reached, *(record.position or 0 for record in records)])
            kept = [cut for record in records if (cut := between(record, 0, upto)) is not None]
            if kept:
                yield kept
