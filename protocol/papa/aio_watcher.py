"""Asyncio watchers and tails: receive the output of processes, consuming it or not."""

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from papa.aio_connection import AsyncConnection
from papa.errors import Error, TimedOutError
from papa.following import Following
from papa.output import Batch
from papa_protocol.errors import RemoteProtocolError
from papa_protocol.watch import ACKNOWLEDGE, STOP, Record


class _AsyncFollower:
    """What asyncio watchers and tails have in common.

    Args:
        connection: it has just begun to stream, and belongs to the follower.
        received: what came after the first line of the reply.
        consumes: whether batches are acknowledged.
    """

    def __init__(self, connection: AsyncConnection, received: bytes, *, consumes: bool) -> None:
        self._connection: AsyncConnection | None = connection
        self._following = Following(connection.dialect, consumes=consumes, received=received)

    @property
    def exit_code(self) -> dict[str, int]:
        """The exit statuses seen so far, by name; negative for a signal."""
        return self._following.exit_code

    def __bool__(self) -> bool:
        """Whether more may come."""
        return self._connection is not None

    async def read(self) -> Batch:
        """Return the next batch, waiting for it; at the end of the stream it is empty and false.

        A read that is cancelled loses nothing: the next one goes on where it was.

        Raises:
            LostConnectionError: the kernel is gone; what was not acknowledged is not lost.
        """
        records = await self.read_records()
        return Batch(records, ended=not records and not self)

    async def read_records(self) -> list[Record]:
        """Return the records of the next batch in the order of their positions, waiting for it.

        Raises:
            LostConnectionError: the kernel is gone; what was not acknowledged is not lost.
        """
        while self._connection is not None:
            records = self._next_records()
            if self._following.ended:
                await self._close()
            if records is not None:
                return records
            await self._receive(self._connection)
        return []

    def _next_records(self) -> list[Record] | None:
        try:
            return self._following.next_records()
        except RemoteProtocolError as error:
            self.abandon()
            raise Error(f"The kernel's output cannot be understood: {error}") from None

    async def _receive(self, connection: AsyncConnection) -> None:
        """Wait for output for as long as it takes, but not for what is due."""
        limit = connection.timeout if self._following.is_due else None
        try:
            async with asyncio.timeout(limit):
                self._following.receive(await connection.receive())
        except TimeoutError:
            self.abandon()
            raise TimedOutError(f"The kernel did not answer in {connection.timeout:g} s") from None
        except Error:
            self._connection = None
            raise

    def abandon(self) -> None:
        """Close the connection without a word: what was not acknowledged stays in the kernel."""
        if self._connection is not None:
            self._connection.abort()
            self._connection = None

    async def _close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    async def close(self) -> None:
        """Read no more."""
        await self._close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close; after an exception without acknowledging, so that nothing unhandled is lost."""
        if kind is None:
            await self.close()
        else:
            self.abandon()

    async def __aiter__(self) -> AsyncIterator[Batch]:
        """Yield batches to the end; a watcher acknowledges each when the next one is asked for."""
        while batch := await self.read():
            yield batch


class AsyncWatcher(_AsyncFollower):
    """Receives the output of processes; the kernel forgets each batch once it is acknowledged."""

    async def read_records(self) -> list[Record]:
        """Return the records of the next batch in order; the one before counts as acknowledged.

        Raises:
            LostConnectionError: the kernel is gone; what was not acknowledged is not lost.
        """
        await self.acknowledge()
        return await super().read_records()

    async def acknowledge(self) -> None:
        """Say that the batch read last is safe to forget; nothing happens where none is outstanding.

        Raises:
            LostConnectionError: the kernel is gone; it sends the batch again to the next watcher.
        """
        if self._following.outstanding and self._connection is not None:
            await self._send(self._connection, ACKNOWLEDGE)

    async def _send(self, connection: AsyncConnection, line: bytes) -> None:
        self._following.outstanding = False
        try:
            await connection.send(line)
        except Error:
            self._connection = None
            raise

    async def close(self) -> None:
        """Stop watching, and acknowledge the batch read last if that has not been done.

        Raises:
            LostConnectionError: the kernel is gone; it sends the batch again to the next watcher.
        """
        if self._connection is not None and self._following.outstanding:
            await self._send(self._connection, STOP)
            self._following.stopping = True
            while self._connection is not None:
                await super().read_records()
        await self._close()


class AsyncTail(_AsyncFollower):
    """Receives the output of processes and consumes nothing; its records carry positions."""
