"""The output of processes in Python's ``logging``: ``forward(client)``.

Each line becomes a record of the logger ``papa.NAME``, NAME being the process: INFO for standard output, ERROR for
standard error; a WARNING tells what the kernel had to drop. A handler that fails fails ``forward``, and the kernel
forgets a batch only once handlers have taken all of it: whoever forwards next gets what was not acknowledged again.
"""

import logging
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from papa.client import Papa
from papa_protocol.watch import Kind, Record

LOGGER = "papa"
_LEVELS = {Kind.OUT: logging.INFO, Kind.ERR: logging.ERROR}
# By process and stream, a line that has not ended, and when the kernel read its last piece.
_Begun = dict[tuple[str, Kind], tuple[float, bytes]]


class Line(NamedTuple):
    """A line that a process wrote.

    Attributes:
        name: the process.
        time: when the kernel read its end, in seconds since 1970.
        level: one of ``logging``.
        text: without its line end.
    """

    name: str
    time: float
    level: int
    text: str


def read_lines(records: Iterable[Record]) -> Iterator[Line]:
    """Yield the lines of a batch, each once its end has come, and one for each piece of output that was dropped.

    Pieces of output begin and end anywhere. A line that goes on in the next batch, or in what was dropped, is cut in
    two: what is kept back would be acknowledged with its batch, and lost with this program.

    Args:
        records: as ``Watcher.read_records`` returns them.
    """
    begun: _Begun = {}
    for record in records:
        if record.kind is Kind.LOST:
            yield from _cut(begun, record.name)
            text = f"{record.number} bytes of output were lost: the kernel had to drop them"
            yield Line(record.name, record.time, logging.WARNING, text)
        elif record.kind in _LEVELS:
            yield from _go_on(begun, record)
    for name in dict.fromkeys(name for name, _ in begun):
        yield from _cut(begun, name)


def _go_on(begun: _Begun, record: Record) -> Iterator[Line]:
    """Yield the lines that end in a piece of output; what it leaves is begun."""
    key = record.name, record.kind
    _, before = begun.pop(key, (0.0, b""))
    *whole, rest = (before + record.data).split(b"\n")
    for data in whole:
        yield _line(*key, record.time, data)
    if rest:
        begun[key] = record.time, rest


def _cut(begun: _Begun, name: str) -> Iterator[Line]:
    """Yield the lines that a process has begun, as far as they have come."""
    for key in [key for key in begun if key[0] == name]:
        yield _line(*key, *begun.pop(key))


def _line(name: str, kind: Kind, time: float, data: bytes) -> Line:
    return Line(name, time, _LEVELS[kind], data.decode("utf-8", "backslashreplace").removesuffix("\r"))


def forward(client: Papa, *names: str) -> None:
    """Hand what processes print to ``logging``, until nothing is left to watch.

    Args:
        client: whose kernel holds them.
        names: names and patterns; all where none is given.

    Raises:
        CommandFailedError: there is no such process.
        LostConnectionError: the kernel is gone; what was not acknowledged is not lost.
        Exception: whatever a handler raises; its batch is not acknowledged.
    """
    with client.watch_processes(*names) as watcher:
        while watcher:
            for line in read_lines(watcher.read_records()):
                _log(line)


def _log(line: Line) -> None:
    """Hand a line to its logger, in whose name the dots of namespaces make a hierarchy."""
    logger = logging.getLogger(f"{LOGGER}.{line.name}")
    if not logger.isEnabledFor(line.level):
        return
    record = logger.makeRecord(logger.name, line.level, line.name, 0, line.text, (), None)
    record.created = line.time
    record.msecs = line.time % 1 * 1000
    logger.handle(record)


class Delivering:
    """Makes a handler of ``logging`` raise what it fails with, where it would print that and go on: mix it in first.

    ``class Syslog(Delivering, logging.handlers.SysLogHandler): pass``
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - its name in logging
        """Raise what ``emit`` has caught."""
        raise  # noqa: PLE0704
