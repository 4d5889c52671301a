"""What watchers and tails return: pieces of output, and the batches that hold them."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from papa_protocol.watch import Kind, Record


class _Output(NamedTuple):
    name: str
    timestamp: float
    data: bytes


class _Closed(NamedTuple):
    name: str
    timestamp: float
    data: int


class ProcessOutput(_Output):
    """A piece of output: the process' ``name``, a ``timestamp`` (seconds since 1970) and the ``data``.

    ``position`` says where it ends, for ``acknowledge_processes``; None from a papa 1.0 kernel.
    """

    position: int | None = None


class ProcessClosed(_Closed):
    """The end of a process: its ``name``, a ``timestamp`` and, as ``data``, its exit status.

    The status is negative for a signal. ``position`` is as for output.
    """

    position: int | None = None


class Batch(tuple[list[ProcessOutput], list[ProcessOutput], list[ProcessClosed]]):  # noqa: SLOT001 - it has attributes
    """What ``read`` returns: the pieces of standard output, of standard error, and the ends.

    It is true except at the end of the stream, when it is empty and false, and ``ended`` is set. ``lost`` has
    the count of bytes, by process, that the kernel had to drop before this reader could have them.
    """

    lost: dict[str, int]
    ended: bool

    def __new__(cls, records: Iterable[Record] = (), *, ended: bool = False) -> Self:
        """Sort the records of one batch."""
        out: list[ProcessOutput] = []
        err: list[ProcessOutput] = []
        ends: list[ProcessClosed] = []
        lost: dict[str, int] = {}
        for record in records:
            match record.kind:
                case Kind.OUT:
                    out.append(_output(record))
                case Kind.ERR:
                    err.append(_output(record))
                case Kind.CLOSED:
                    ends.append(_closed(record))
                case Kind.LOST:
                    lost[record.name] = lost.get(record.name, 0) + record.number
        batch = super().__new__(cls, (out, err, ends))
        batch.lost = lost
        batch.ended = ended
        return batch

    def __bool__(self) -> bool:
        return not self.ended

    def __reduce__(self) -> tuple[object, ...]:
        """Let batches be copied and pickled, for other processes to work on."""
        return _batch, (tuple(self), self.lost, self.ended)


def _batch(
    pieces: tuple[list[ProcessOutput], list[ProcessOutput], list[ProcessClosed]], lost: dict[str, int], ended: bool
) -> Batch:
    batch = tuple.__new__(Batch, pieces)
    batch.lost, batch.ended = lost, ended
    return batch


def _output(record: Record) -> ProcessOutput:
    output = ProcessOutput(record.name, record.time, record.data)
    output.position = record.position
    return output


def _closed(record: Record) -> ProcessClosed:
    closed = ProcessClosed(record.name, record.time, record.number)
    closed.position = record.position
    return closed
