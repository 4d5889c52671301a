"""How a group of processes is followed on its connection: tailed, or looked at again and again in a papa 1.0 kernel."""

import asyncio
from collections.abc import Callable, Mapping

from papa import requests
from papa.errors import Error
from papa_console.dashboard.held.books import Books, Identity
from papa_console.dashboard.held.connecting import LoggedConnection
from papa_console.dashboard.held.intake import Allowance, Intake, Outcome
from papa_console.dashboard.held.peeking import pause_after
from papa_protocol.errors import ProtocolError
from papa_protocol.watch import BatchReader, Kind, Record
from papa_protocol.words import Dialect

Connect = Callable[[], LoggedConnection]


class Group:
    """Processes that are followed together.

    Attributes:
        members: by name, which process it is; records of others are passed over.
        ended: of which the end has come.
        records: how many records have come, and ``bytes`` how much they hold, since the last summary.

    Args:
        members: the processes.
        words: how the kernel is asked for them.
    """

    def __init__(self, members: Mapping[str, Identity], words: list[str]) -> None:
        self.members = dict(members)
        self.words = words
        self.ended: set[str] = set()
        self.records = self.bytes = 0
        self.task: asyncio.Task[None] | None = None

    def stop(self) -> None:
        """Follow no more; what has not been taken in stays in the kernel."""
        if self.task is not None:
            self.task.cancel()

    def take_summary(self) -> tuple[int, int]:
        """Return how many records and bytes have come since the last time."""
        summary = self.records, self.bytes
        self.records = self.bytes = 0
        return summary


class Streaming:
    """Follows one group to its end.

    Args:
        group: the processes.
        connect: returns a connection, not connected yet.
        books: takes in output.
        allowance: the time for it.
    """

    def __init__(self, group: Group, connect: Connect, books: Books, allowance: Allowance) -> None:
        self._group = group
        self._connect = connect
        self._books = books
        self._allowance = allowance

    async def run(self) -> None:
        """Follow until nothing more can come.

        Raises:
            Error: the kernel said no, or is gone.
            ProtocolError: what it sent is no output.
        """
        connection = self._connect()
        try:
            await connection.open()
            if connection.dialect is Dialect.V2:
                await self._tail(connection)
        except (Error, ProtocolError) as error:
            connection.tell(str(error))
            raise
        finally:
            connection.abort()
        if connection.dialect is Dialect.V1:
            await self._look_again_and_again()
        self._books.finish(self._group.members)

    async def _tail(self, connection: LoggedConnection) -> None:
        data = await connection.begin(requests.follow("tail", self._group.words))
        self._books.begin(self._group.members)
        intake = Intake(BatchReader(connection.dialect, positions=True), self._allowance, self._accept)
        while (outcome := await intake.take_in(data)) is not Outcome.STREAM:
            data = await connection.receive() if outcome is Outcome.BYTES else b""
            self._group.bytes += len(data)
        connection.tell(intake.said)

    def _accept(self, record: Record) -> None:
        self._group.records += 1
        if record.name not in self._group.members:
            return
        self._books.add(record)
        if record.kind is Kind.CLOSED:
            self._group.ended.add(record.name)

    async def _look_again_and_again(self) -> None:
        self._books.begin(self._group.members)
        while not self._books.has_ended(self._group.members):
            records = await self._look()
            for record in self._books.add_look(records):
                await self._allowance.wait()
                self._accept(record)
            await asyncio.sleep(pause_after(sum(len(record.data) for record in records)))

    async def _look(self) -> list[Record]:
        """Return what is buffered, waiting for something; it is not acknowledged."""
        records: list[Record] = []
        connection = self._connect()
        try:
            await connection.open()
            data = await connection.begin(requests.follow("watch", list(self._group.members)))
            intake = Intake(BatchReader(connection.dialect, positions=False), self._allowance, records.append)
            while await intake.take_in(data) is Outcome.BYTES:
                data = await connection.receive()
                self._group.bytes += len(data)
        finally:
            connection.abort()
        return [record for record in records if record.name in self._group.members]
