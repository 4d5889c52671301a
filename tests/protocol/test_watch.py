"""Batches: what the kernel's writer writes, the client's reader reads, wherever the bytes are cut."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from papa_protocol.errors import RemoteProtocolError
from papa_protocol.watch import BATCH_END, BatchEnd, BatchReader, BatchWriter, Event, Finished, Kind, Record
from papa_protocol.words import Dialect
from support.texts import TEXTS, cuts

V1, V2 = Dialect.V1, Dialect.V2
RECORDS = [
    Record(Kind.OUT, "web", 1700000000.123456, b"one\ntwo\n", 0, 8),
    Record(Kind.ERR, "a:b:c", 0.1, b"] > closed:web:1:0\n\n> ", 0, 30),
    Record(Kind.OUT, "web", 1e9, b"", 0, 30),
    Record(Kind.LOST, "web", 5.0, b"", 4096, 4126),
    Record(Kind.OUT, "web", 5.5, bytes(range(256)), 0, 4382),
    Record(Kind.CLOSED, "web", 6.0, b"", -9, 4383),
]


def written(records: list[Record], dialect: Dialect, *, positions: bool) -> bytes:
    writer = BatchWriter(dialect, positions=positions)
    pieces: list[bytes] = []
    for record in records:
        has_data = record.kind in (Kind.OUT, Kind.ERR)
        number = len(record.data) if has_data else record.number
        pieces.append(writer.header(record.kind, record.name, record.time, number, record.position or 0))
        pieces += [record.data, b"\n"] * has_data
    return b"".join(pieces) + BATCH_END


def read(*pieces: bytes, dialect: Dialect, positions: bool) -> list[Event]:
    reader = BatchReader(dialect, positions=positions)
    events: list[Event] = []
    for piece in pieces:
        reader.receive(piece)
        events += iter(reader.next_event, None)
    assert not reader.holds_bytes
    return events


def without_positions(records: list[Record]) -> list[Record]:
    return [Record(record.kind, record.name, record.time, record.data, record.number) for record in records]


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("positions", [True, False])
def test_a_batch_is_read_wherever_it_is_cut(dialect: Dialect, positions: bool) -> None:
    expected = RECORDS if positions else without_positions(RECORDS)
    data = written(RECORDS, dialect, positions=positions) + b"Nothing left to watch\n> "

    for first, second in cuts(data):
        events = read(first, second, dialect=dialect, positions=positions)

        assert events == [*expected, BatchEnd(), Finished("Nothing left to watch")]


def test_a_batch_is_read_byte_by_byte() -> None:
    data = written(RECORDS, V2, positions=True) * 2 + b"Stopped watching\n> "

    events = read(*(bytes([byte]) for byte in data), dialect=V2, positions=True)

    assert events == [*RECORDS, BatchEnd(), *RECORDS, BatchEnd(), Finished("Stopped watching")]


@given(TEXTS, st.binary(max_size=50), st.floats(0, 1e12), st.integers(0, 2**63))
@example("a:b\nc", b"\n] ", 1.0, 5)
@settings(max_examples=300)
def test_any_name_and_any_bytes_survive_in_dialect_2(name: str, data: bytes, time: float, position: int) -> None:
    records = [Record(Kind.OUT, name, time, data, 0, position), Record(Kind.CLOSED, name, time, b"", 3, position)]

    events = read(written(records, V2, positions=True), dialect=V2, positions=True)

    assert events == [*records, BatchEnd()]


@given(TEXTS)
def test_no_name_makes_a_second_line_in_either_dialect(name: str) -> None:
    for dialect in Dialect:
        header = BatchWriter(dialect, positions=False).header(Kind.OUT, name, 1.0, 5, 9)

        assert header.endswith(b":1.0:5\n")
        assert header.count(b"\n") == 1


@pytest.mark.parametrize(
    ("dialect", "positions", "header"),
    [
        (V1, False, b"out:a\\x20b:1.5:3\n"),
        (V1, True, b"out:a\\x20b:1.5:3:7\n"),
        (V2, True, b"out:a\\ b:1.5:3:7\n"),
    ],
)
def test_a_header_is_written_as_the_dialect_has_it(dialect: Dialect, positions: bool, header: bytes) -> None:
    writer = BatchWriter(dialect, positions=positions)

    assert writer.header(Kind.OUT, "a b", 1.5, 3, 7) == header
    assert writer.tells_losses is positions


def test_a_stream_may_end_without_a_batch() -> None:
    events = read(b"Nothing left to tail\n> ", dialect=V1, positions=True)

    assert events == [Finished("Nothing left to tail")]


def test_the_end_of_a_stream_may_speak_of_kinds_and_colons() -> None:
    events = read(b"closed: the kernel ends\n> ", dialect=V1, positions=False)

    assert events == [Finished("closed: the kernel ends")]


def test_what_has_not_arrived_whole_is_not_told() -> None:
    reader = BatchReader(V1, positions=False)
    reader.receive(b"out:a:1.0:3\nabc")

    assert reader.next_event() is None
    assert reader.holds_bytes


@pytest.mark.parametrize(
    "data",
    [
        b"out:a:1.0:x:1\n",
        b"out:a:x:1:1\n",
        b"out:a:1.0:-1:1\n",
        b"lost:a:1.0:-1:1\n",
        b"out:a\\q:1.0:1:1\n",
        b"closed:a:1.0::1\n",
        b"Nothing left to watch\nout:",
    ],
)
def test_what_is_no_batch_is_the_peer_s_fault(data: bytes) -> None:
    reader = BatchReader(V2, positions=True)
    reader.receive(data)

    with pytest.raises(RemoteProtocolError):
        reader.next_event()


def test_a_long_stream_leaves_nothing_behind() -> None:
    reader = BatchReader(V2, positions=True)
    batch = written(RECORDS, V2, positions=True)

    for _ in range(1000):
        reader.receive(batch)
        while reader.next_event() is not None:
            pass

    assert len(reader._buffer) <= len(batch)
