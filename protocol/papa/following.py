"""A reader's side of a watch or a tail: which batch is outstanding, what has ended. Pure."""

from papa_protocol.watch import BatchEnd, BatchReader, Kind, Record
from papa_protocol.words import Dialect


class Following:
    """Turns what the kernel streams into batches.

    Args:
        dialect: the connection's.
        consumes: whether it is a watch, whose batches are acknowledged; else it is a tail.
        received: what has arrived already.
    """

    def __init__(self, dialect: Dialect, *, consumes: bool, received: bytes = b"") -> None:
        self.consumes = consumes
        self.exit_code: dict[str, int] = {}
        self.outstanding = False
        self.ended = False
        self.stopping = False
        self._reader = BatchReader(dialect, positions=not consumes or dialect is Dialect.V2)
        self._reader.receive(received)
        self._records: list[Record] = []

    @property
    def is_due(self) -> bool:
        """Whether the kernel owes something: the rest of a batch that has begun, or the end that it was asked for."""
        return self.stopping or self.holds_bytes

    def receive(self, data: bytes) -> None:
        """Take in what the kernel sent."""
        self._reader.receive(data)

    def next_records(self) -> list[Record] | None:
        """Return the records of the next batch, in order; None where it has not arrived whole.

        At the end of the stream the list is empty and ``ended`` is set.
        """
        next_event = self._reader.next_event
        while not self.ended:
            event = next_event()
            if isinstance(event, Record):
                self._records.append(event)
                if event.kind is Kind.CLOSED:
                    self.exit_code[event.name] = event.number
            elif event is None:
                return None
            elif isinstance(event, BatchEnd):
                self.outstanding = self.consumes
                return self._take()
            else:
                self.ended = True
        return self._take()

    @property
    def holds_bytes(self) -> bool:
        """Whether something has arrived that was not returned yet."""
        return self._reader.holds_bytes or bool(self._records)

    def _take(self) -> list[Record]:
        records, self._records = self._records, []
        return records
