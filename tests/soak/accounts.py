"""What was received of processes, held against what they were told to write.

Positions must follow each other without a gap, every byte must be the one that was written there, the end must come
after everything that the process itself wrote, with its status; and what is said to be lost must make up exactly for
what is missing. A reader that comes back must go on where it has acknowledged.
"""

from collections.abc import Iterable
from typing import NamedTuple

from papa_protocol.watch import Kind, Record
from soak.plans import Plan


class DiffersError(Exception):
    """Something was not as it had to be."""


class Mark(NamedTuple):
    """How far a reader has come.

    Args:
        position: in the output as the kernel counts it.
        out: in standard output.
        err: in standard error.
        lost: how many bytes were said to be lost.
        ended: whether the end has been told.
    """

    position: int = 0
    out: int = 0
    err: int = 0
    lost: int = 0
    ended: bool = False


_BEGINNING = Mark()


def expect(found: object, wanted: object, what: str) -> None:
    """Raise an error that says what differs, unless it is as it must be."""
    if found != wanted:
        raise DiffersError(f"{what}: found {_shortened(found)}, expected {_shortened(wanted)}")


def _shortened(thing: object) -> str:
    text = repr(thing)
    return text if len(text) <= 200 else f"{text[:180]}… ({len(text)} characters)"


def _start(record: Record) -> int | None:
    """Return the position at which a record begins, if the stream tells."""
    if record.position is None:
        return None
    return record.position - _length(record)


def _length(record: Record) -> int:
    return {Kind.CLOSED: 1, Kind.LOST: record.number}.get(record.kind, len(record.data))


class Account:
    """What one reader has of one process.

    Args:
        name: the process' name.
        plan: what it was told.
        start: where the reader begins; None: wherever its first record does, for a plan of one stream.
    """

    def __init__(self, name: str, plan: Plan, start: Mark | None = _BEGINNING) -> None:
        self.name = name
        self.plan = plan
        self.here = start
        self.safe = start or Mark()
        self.bytes = 0
        self._content = {kind: plan.content(kind) for kind in (Kind.OUT, Kind.ERR)}

    @property
    def over(self) -> bool:
        """Whether the end has been acknowledged."""
        return self.safe.ended

    def begin(self) -> None:
        """Expect what has not been acknowledged once more."""
        self.here = self.safe

    def acknowledge(self) -> None:
        """Expect nothing of this again."""
        self.safe = self.here or self.safe

    def take(self, record: Record) -> None:
        """Check the next record.

        Raises:
            DiffersError: it is not the one that must come.
        """
        here = self._here(record)
        start = _start(record)
        if start is not None and start != here.position:
            self._differs(f"a record of {_length(record)} bytes begins at {start}, expected {here.position}")
        here = here._replace(position=here.position + _length(record))
        match record.kind:
            case Kind.LOST:
                self.here = self._after_loss(here, record.number)
            case Kind.CLOSED:
                self.here = self._after_end(here, record.number)
            case Kind.OUT | Kind.ERR:
                self.here = self._after_output(here, record)

    def _here(self, record: Record) -> Mark:
        if self.here is None:
            self.here = self._mark_at(_start(record) or 0)
        return self.here

    def _mark_at(self, position: int) -> Mark:
        single = self.plan.single
        assert single is not None, "only a single stream tells by its position where it is"
        return Mark(position, out=position) if single is Kind.OUT else Mark(position, err=position)

    def _after_loss(self, here: Mark, count: int) -> Mark:
        here = here._replace(lost=here.lost + count)
        single = self.plan.single
        return here if single is None else here._replace(**{single.value: getattr(here, single.value) + count})

    def _after_end(self, here: Mark, status: int) -> Mark:
        if here.ended:
            self._differs("its end is told twice")
        if status != self.plan.ending:
            self._differs(f"it ended with status {status}, expected {self.plan.ending}")
        if here.position - 1 not in self.plan.before_end:
            wanted = self.plan.before_end
            self._differs(
                f"its end comes after {here.position - 1} bytes ({here.lost} of them lost), "
                f"expected {wanted.start} to {wanted.stop - 1}"
            )
        return here._replace(ended=True)

    def _after_output(self, here: Mark, record: Record) -> Mark:
        field = record.kind.value
        content, at = self._content[record.kind], getattr(here, field)
        if not content.startswith(record.data, at):
            at = content.find(record.data, at) if here.lost and self.plan.single is None else -1
        if at < 0:
            self._differs_in_output(content, getattr(here, field), record)
        self.bytes += len(record.data)
        return here._replace(**{field: at + len(record.data)})

    def _differs_in_output(self, content: bytes, at: int, record: Record) -> None:
        wanted = content[at : at + len(record.data)]
        pairs = zip(record.data, wanted, strict=False)
        same = next((index for index, (one, other) in enumerate(pairs) if one != other), len(wanted))
        found = content.find(record.data)
        place = f"these bytes were written at {found}" if found >= 0 else "these bytes were never written"
        self._differs(
            f"{len(record.data)} bytes of {record.kind.value} received at {at} differ from what was written "
            f"there from the byte {same} on; {place}"
        )

    def _differs(self, how: str) -> None:
        raise DiffersError(f"process {self.name} ({self.plan}): {how}")


class Accounts:
    """What one reader has of several processes, by name."""

    def __init__(self) -> None:
        self.by_name: dict[str, Account] = {}

    def open(self, name: str, plan: Plan) -> None:
        """Expect the output of a process."""
        self.by_name[name] = Account(name, plan)

    @property
    def unfinished(self) -> list[str]:
        """The names of those whose end has not been acknowledged."""
        return [name for name, account in self.by_name.items() if not account.over]

    @property
    def bytes(self) -> int:
        return sum(account.bytes for account in self.by_name.values())

    def begin(self) -> None:
        for account in self.by_name.values():
            account.begin()

    def acknowledge(self) -> None:
        for account in self.by_name.values():
            account.acknowledge()

    def take(self, records: Iterable[Record]) -> None:
        """Check the records of a batch."""
        for record in records:
            account = self.by_name.get(record.name)
            if account is None or account.over:
                raise DiffersError(f"a record of {record.name}, which is not awaited: {_shortened(record)}")
            account.take(record)
