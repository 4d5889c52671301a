"""Making processes and watching them over a bare connection, in dialect 1 or 2."""

import sys
from dataclasses import dataclass, field
from typing import Self

from papa_protocol.words import Dialect, join_words
from support.gates import Gate
from support.waiting import wait_for
from support.wire import Wire


@dataclass
class Seen:
    """What a stream told of one process; order holds its records by kind."""

    out: bytes = b""
    err: bytes = b""
    statuses: list[int] = field(default_factory=list)
    lost: int = 0
    order: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        return bool(self.statuses)

    def add(self, header: str, data: bytes) -> Self:
        kind, _, moment, number, *position = header.split(":")
        if kind in ("out", "err"):
            setattr(self, kind, getattr(self, kind) + data)
        elif kind == "closed":
            self.statuses.append(int(number))
        else:
            self.lost += int(number)
        self.order.append(kind)
        self.times.append(float(moment))
        self.positions += map(int, position)
        return self


def make(wire: Wire, name: str, script: str, options: str = "") -> str:
    """Start a line of /bin/sh and return the row of its process."""
    line = join_words(["make", "process", name, *options.split(), "/bin/sh", "-c", script], Dialect.V1)
    return _row(wire, name, line)


def make_python(wire: Wire, name: str, script: str, options: str = "") -> str:
    """Start one line of Python, with os, sys and time imported, and return the row of its process."""
    words = [sys.executable, "-I", "-S", "-c", f"import os, sys, time; {script}"]
    return _row(wire, name, join_words(["make", "process", name, *options.split(), *words], Dialect.V1))


def _row(wire: Wire, name: str, line: bytes) -> str:
    reply = wire.command(line)
    assert reply.startswith(f"{name} pid="), reply
    return reply


def field_of(row: str, key: str) -> str:
    """Return what stands after ``key=`` in a row, before its ``args=``."""
    fields = dict(pair.split("=", 1) for pair in row.split(" args=", maxsplit=1)[0].split(" ")[1:])
    return fields[key]


def pid_of(row: str) -> int:
    return int(field_of(row, "pid"))


def row_of(wire: Wire, name: str) -> str:
    """Return the row of a process in the list."""
    return wire.command(f"list processes {name}")


def wait_until_ended(wire: Wire, name: str) -> str:
    """Return the row of a process once it has an exit status."""

    def ended() -> str:
        row = row_of(wire, name)
        assert row, f"{name} left the list"
        return row if " status=" in row.split(" args=")[0] else ""

    return wait_for(ended, f"{name} has ended")


def wait_until_buffered(wire: Wire, name: str, count: int) -> str:
    """Return the row of a process once ``count`` bytes of its output, or more, are held."""

    def buffered() -> str:
        row = row_of(wire, name)
        return row if int(field_of(row, "buffered")) >= count else ""

    return wait_for(buffered, f"{name} has {count} bytes buffered")


def begin(wire: Wire, line: str) -> str:
    """Send a command that starts a stream and return the line before its first batch."""
    wire.send(line + "\n")
    return wire.read_until(b"\n")[:-1].decode()


def sort(records: list[tuple[str, bytes]], seen: dict[str, Seen]) -> None:
    for header, data in records:
        seen.setdefault(header.split(":")[1], Seen()).add(header, data)


def watch_to_end(wire: Wire, *names: str) -> dict[str, Seen]:
    """Watch processes, acknowledging everything, until nothing is left; return what was seen of each."""
    line = begin(wire, "watch processes " + " ".join(names))
    assert line.startswith("Watching "), line
    return follow_to_end(wire)


def follow_to_end(wire: Wire) -> dict[str, Seen]:
    """Acknowledge batch after batch of a watch that has begun, until nothing is left."""
    seen: dict[str, Seen] = {}
    while (record := wire.record()) != "Nothing left to watch":
        if record == "] ":
            wire.send("\n")
        else:
            assert isinstance(record, tuple), record
            sort([record], seen)
    assert wire.read_until(b"> ") == b"> "
    return seen


def batches_until(wire: Wire, name: str, done: str | bytes) -> Seen:
    """Read a tail's batches until ``done``, a kind of record or the end of its output, has come."""
    seen: dict[str, Seen] = {name: Seen()}
    while not (done in seen[name].order if isinstance(done, str) else seen[name].out.endswith(done)):
        sort(wire.batch(), seen)
    return seen[name]


def texts(records: list[tuple[str, bytes]]) -> list[bytes]:
    """Return the data of records, and the kind of those that have none."""
    return [data or header.split(":")[0].encode() for header, data in records]


def buffered(wire: Wire, name: str) -> int:
    return int(field_of(row_of(wire, name), "buffered"))


def start_lines(wire: Wire, gate: Gate, count: int = 3) -> None:
    """Make a process y that prints l1, waits at the gate, prints l2, waits, and so on."""
    make(wire, "y", "; ".join(f"echo l{number}; {gate.wait}" for number in range(1, count + 1)))
    wait_until_buffered(wire, "y", 3)
