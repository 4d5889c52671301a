"""Watchers and tails: receive the output of processes, consuming it or not."""

import select
from collections.abc import Callable, Iterator
from typing import Self

from papa.connection import Connection
from papa.errors import Error
from papa.following import Following
from papa.output import Batch
from papa_protocol.errors import RemoteProtocolError
from papa_protocol.watch import ACKNOWLEDGE, STOP, Record


class _Follower:
    """What watchers and tails have in common.

    Args:
        connection: it has just begun to stream.
        give_back: called with the connection once it takes commands again.
        consumes: whether batches are acknowledged.
    """

    def __init__(self, connection: Connection, give_back: Callable[[Connection], None], *, consumes: bool) -> None:
        self._connection: Connection | None = connection
        self._give_back = give_back
        self._following = Following(connection.dialect, consumes=consumes)

    @property
    def exit_code(self) -> dict[str, int]:
        """The exit statuses seen so far, by name; negative for a signal."""
        return self._following.exit_code

    @property
    def ready(self) -> bool:
        """Whether ``read`` has something to begin with: data waits, or the end has come."""
        if self._connection is None:
            return False
        if self._following.holds_bytes:
            return True
        poll = select.poll()
        poll.register(self._connection.socket, select.POLLIN)
        return bool(poll.poll(0))

    def fileno(self) -> int:
        """Return the connection's descriptor, to wait until there is something to read.

        Raises:
            ValueError: the stream has ended or was closed.
        """
        if self._connection is None:
            raise ValueError("The watcher is closed")
        return self._connection.socket.fileno()

    def __bool__(self) -> bool:
        """Whether more may come."""
        return self._connection is not None

    def read(self) -> Batch:
        """Return the next batch, waiting for it.

        Returns:
            Lists of standard output, standard error and ends. At the end of the stream, when nothing is left
            to follow, all are empty and the batch is false.

        Raises:
            LostConnectionError: the kernel is gone; what was not acknowledged is not lost.
        """
        records = self.read_records()
        return Batch(records, ended=not records and not self)

    def read_records(self) -> list[Record]:
        """Return the records of the next batch in the order of their positions, waiting for it.

        Raises:
            LostConnectionError: the kernel is gone; what was not acknowledged is not lost.
        """
        while self._connection is not None:
            records = self._next_records()
            if self._following.ended:
                self._end()
            if records is not None:
                return records
            self._receive(self._connection)
        return []

    def _next_records(self) -> list[Record] | None:
        try:
            return self._following.next_records()
        except RemoteProtocolError as error:
            self.abandon()
            raise Error(f"The kernel's output cannot be understood: {error}") from None

    def _receive(self, connection: Connection) -> None:
        """Wait for output for as long as it takes, but not for what is due."""
        try:
            self._following.receive(connection.receive(connection.timeout if self._following.is_due else None))
        except Error:
            self._connection = None
            raise

    def abandon(self) -> None:
        """Close the connection without a word: what was not acknowledged stays in the kernel."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Read no more."""
        self.abandon()

    def _end(self) -> None:
        if self._connection is not None:
            self._give_back(self._connection)
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close; after an exception without acknowledging, so that nothing unhandled is lost."""
        if kind is None:
            self.close()
        else:
            self.abandon()


class Watcher(_Follower):
    """Receives the output of processes; the kernel forgets each batch once it is acknowledged.

    It borrows the connection of the Papa object that made it, and gives it back at its end.
    """

    def read_records(self) -> list[Record]:
        """Return the records of the next batch in order, waiting for it; the one before counts as acknowledged.

        Raises:
            LostConnectionError: the kernel is gone; what was not acknowledged is not lost.
        """
        self.acknowledge()
        return super().read_records()

    def acknowledge(self) -> None:
        """Say that the batch read last is safe to forget; nothing happens where none is outstanding.

        Raises:
            LostConnectionError: the kernel is gone; it sends the batch again to the next watcher.
        """
        if self._following.outstanding and self._connection is not None:
            self._send(self._connection, ACKNOWLEDGE)

    def _send(self, connection: Connection, line: bytes) -> None:
        self._following.outstanding = False
        try:
            connection.send(line)
        except BaseException:  # Ctrl-C too: whether the line is on its way is not known
            self.abandon()
            raise

    def close(self) -> None:
        """Stop watching, and acknowledge the batch read last if that has not been done.

        Output that was not read stays for the next watcher.

        Raises:
            LostConnectionError: the kernel is gone; it sends the batch again to the next watcher.
        """
        if self._connection is None or not self._following.outstanding:
            # An idle kernel might take a word of farewell for the acknowledgement of a batch that it is just sending.
            self.abandon()
            return
        self._send(self._connection, STOP)
        self._following.stopping = True
        while self._connection is not None:
            super().read_records()

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches to the end; each is acknowledged when the next one is asked for."""
        while batch := self.read():
            yield batch


class Tail(_Follower):
    """Receives the output of processes and consumes nothing.

    Its records carry positions, up to which ``acknowledge_processes`` can release output.
    """

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches to the end."""
        while batch := self.read():
            yield batch
