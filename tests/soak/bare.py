"""Streams over bare connections: the words that begin them, and their records."""

from papa_protocol.watch import Kind, Record
from papa_protocol.words import Dialect, join_words
from soak.accounts import expect
from soak.plans import Plan
from support.wire import Wire


def speak(wire: Wire, dialect: Dialect) -> None:
    """Choose the dialect of a connection."""
    expect(wire.command(f"protocol {dialect.value}"), f"protocol {dialect.value}", "the reply to protocol")


def make(wire: Wire, name: str, plan: Plan, *options: str) -> str:
    """Start the process of a plan; return its row."""
    words = ["make", "process", name, f"linger={plan.linger}", *options, *plan.words]
    row = wire.command(join_words(words, Dialect.V1))
    expect(row[: len(name) + 5], f"{name} pid=", "the row of a new process")
    return row


def begin(wire: Wire, line: str, reply: str) -> None:
    """Send a command that starts a stream, and read its first line."""
    wire.send(line + "\n")
    expect(wire.read_until(b"\n").decode(), reply + "\n", f"the first line of the reply to {line}")


def read_record(header: str, data: bytes) -> Record:
    """Return a record from its header line; no name of a soak has a colon."""
    kind, name, time, number, *position = header.split(":")
    count = int(number) if kind in ("closed", "lost") else 0
    return Record(Kind(kind), name, float(time), data, count, int(position[0]) if position else None)


def read_batch(wire: Wire) -> list[Record] | None:
    """Return the next batch; None where the stream has ended instead."""
    records: list[Record] = []
    while (found := wire.record()) != "] ":
        if isinstance(found, str):
            expect(wire.read_until(b"> "), b"> ", f"what follows {found}")
            expect(records, [], f"the records before {found}")
            return None
        records.append(read_record(*found))
    return records
