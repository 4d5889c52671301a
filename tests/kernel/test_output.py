"""The ring buffer, rule by rule."""

import pytest

from papa_kernel.cursor import Cursor
from papa_kernel.output import Ring
from papa_kernel.pace import Pace
from papa_kernel.records import Piece
from papa_protocol.watch import Kind

EVERYTHING = 1 << 30


def reader(ring: Ring, *, holds: bool = True) -> Cursor:
    return ring.attach(lambda: None, Pace() if holds else None)


def told(pieces: list[Piece]) -> list[tuple[str, object]]:
    return [(piece.kind.value, piece.data or piece.number) for piece in pieces]


def text(cursor: Cursor) -> bytes:
    return b"".join(piece.data for piece in cursor.take(EVERYTHING))


def filled(bufsize: int, *lines: bytes) -> Ring:
    ring = Ring(bufsize)
    for moment, line in enumerate(lines):
        ring.add(Kind.OUT, line, moment)
    return ring


def test_records_come_in_order_with_stream_time_and_position() -> None:
    ring = Ring(1000)
    ring.add(Kind.OUT, b"one", 1.0)
    ring.add(Kind.ERR, b"two", 2.0)
    ring.close(-9, 3.0)

    assert reader(ring).take(EVERYTHING) == [
        Piece(Kind.OUT, 1.0, b"one", 3, 3),
        Piece(Kind.ERR, 2.0, b"two", 3, 6),
        Piece(Kind.CLOSED, 3.0, b"", -9, 7),
    ]


def test_times_never_go_back() -> None:
    """D9, D10: after a step back of the clock, records were lost at the next line or repeated for an hour."""
    ring = Ring(1000)
    for moment, line in ((5000.0, b"l1"), (1400.0, b"l2"), (1401.0, b"l3")):
        ring.add(Kind.OUT, line, moment)
        ring.add(Kind.ERR, line, moment)
    watcher = reader(ring)

    pieces = watcher.take(EVERYTHING)
    watcher.acknowledge()

    assert {piece.time for piece in pieces} == {5000.0}
    assert b"".join(piece.data for piece in pieces if piece.kind is Kind.OUT) == b"l1l2l3"
    assert watcher.take(EVERYTHING) == []
    assert reader(ring).take(EVERYTHING) == []


def test_neighbours_of_one_stream_are_merged_while_they_are_recent() -> None:
    ring = Ring(1 << 20)
    for number in range(1000):
        ring.add(Kind.OUT, b"x", 100 + number * 1e-6)
    ring.add(Kind.OUT, b"later", 101)

    assert [len(piece.data) for piece in reader(ring).take(EVERYTHING)] == [1000, 5]


def test_slow_neighbours_are_merged_once_there_are_many_records() -> None:
    ring = Ring(1 << 20)
    for number in range(20_000):
        ring.add(Kind.OUT, b"x", number)

    pieces = reader(ring).take(EVERYTHING)

    assert sum(len(piece.data) for piece in pieces) == 20_000
    assert len(pieces) < 10_000


def test_records_that_cannot_be_merged_are_bounded_in_number() -> None:
    ring = Ring(1 << 20)
    for number in range(100_000):
        ring.add((Kind.OUT, Kind.ERR)[number % 2], b"x", number)

    pieces = reader(ring).take(EVERYTHING)

    assert len(pieces) < 20_000
    assert ring.buffered + ring.dropped == 100_000


def test_a_reader_gets_the_rest_of_a_record_that_has_grown() -> None:
    ring = filled(1000, b"abc")
    watcher = reader(ring)
    assert text(watcher) == b"abc"

    ring.add(Kind.OUT, b"def", 0)

    assert watcher.take(EVERYTHING) == [Piece(Kind.OUT, 0, b"def", 3, 6)]


def test_a_batch_has_at_least_one_record_and_stops_at_its_limit() -> None:
    ring = filled(1 << 20, b"a" * 500, b"b" * 500, b"c" * 500)
    watcher = reader(ring)

    assert [len(watcher.take(1)), len(watcher.take(600)), len(watcher.take(1))] == [1, 2, 0]


def test_overflow_drops_the_oldest_records_whole_and_counts_them() -> None:
    """D15."""
    ring = Ring(1024)
    data = bytes(range(250)) * 40
    ring.add(Kind.OUT, data, 1)

    kept = text(reader(ring))

    assert data.endswith(kept)
    assert 1024 - 64 < len(kept) <= 1024
    assert ring.dropped == len(data) - len(kept)


def test_a_lone_record_larger_than_the_buffer_is_cut_to_it() -> None:
    ring = Ring(10)
    ring.add(Kind.OUT, b"0123456789abc", 1)

    assert text(reader(ring)) == b"3456789abc"
    assert ring.dropped == 3


def test_a_reader_that_is_overtaken_is_told_how_much_it_lost() -> None:
    ring = filled(64, b"a" * 40)
    watcher = reader(ring)
    watcher.take(EVERYTHING)
    ring.add(Kind.OUT, b"b" * 40, 5)
    ring.add(Kind.OUT, b"c" * 40, 6)

    assert told(watcher.take(EVERYTHING)) == [("lost", 40), ("out", b"c" * 40)]
    assert ring.dropped == 80


def test_what_was_acknowledged_is_not_dropped_but_gone() -> None:
    ring = filled(64, b"a" * 40)
    watcher = reader(ring)
    watcher.take(EVERYTHING)
    watcher.acknowledge()

    ring.add(Kind.OUT, b"b" * 40, 5)

    assert (ring.buffered, ring.dropped) == (40, 0)


def test_what_was_dropped_after_it_had_been_read_is_not_missing_once_it_is_acknowledged() -> None:
    ring = filled(128, b"a" * 60)
    watcher = reader(ring)
    watcher.take(EVERYTHING)
    ring.add(Kind.OUT, b"b" * 60, 10)
    ring.add(Kind.OUT, b"c" * 60, 20)
    ring.add(Kind.OUT, b"d" * 60, 30)
    assert (ring.base, ring.missing) == (120, 120)

    watcher.acknowledge()
    watcher.detach()

    assert told(reader(ring).take(1)) == [("lost", 60), ("out", b"c" * 60)]


def test_what_is_kept_for_a_slow_reader_alone_goes_uncounted() -> None:
    ring = filled(100, b"a" * 40, b"b" * 40)
    slow = reader(ring, holds=False)
    ring.release(60)

    ring.add(Kind.OUT, b"c" * 60, 5)
    ring.add(Kind.OUT, b"d" * 40, 6)

    # Of the bytes that went, all of a and half of b had been acknowledged.
    assert (ring.buffered, ring.dropped) == (100, 20)
    assert told(slow.take(EVERYTHING)) == [("lost", 80), ("out", b"c" * 60), ("out", b"d" * 40)]


def test_what_comes_after_the_end_is_no_part_of_what_came_before_it() -> None:
    ring = Ring(1000)
    ring.add(Kind.OUT, b"before", 1)
    ring.close(0, 1)
    ring.add(Kind.OUT, b"after", 1)

    assert told(reader(ring).take(EVERYTHING)) == [("out", b"before"), ("closed", 0), ("out", b"after")]


def test_an_acknowledgement_is_of_what_was_taken_and_not_of_what_came_since() -> None:
    ring = filled(1000, b"one")
    watcher = reader(ring)
    watcher.take(EVERYTHING)
    ring.add(Kind.OUT, b"two", 0)

    watcher.acknowledge()

    assert ring.base == 3
    assert text(reader(ring)) == b"two"


def test_records_are_released_when_every_watcher_has_acknowledged_them() -> None:
    ring = filled(1000, b"one", b"two")
    fast, slow, tail = reader(ring), reader(ring), reader(ring, holds=False)
    fast.take(EVERYTHING)
    slow.take(1)

    fast.acknowledge()
    assert ring.base == 0
    slow.acknowledge()
    assert ring.base == 3

    # A tail holds nothing back, and is not cheated of what was there when it came.
    assert text(tail) == b"onetwo"


def test_a_watcher_that_goes_changes_nothing_by_that() -> None:
    ring = filled(1000, b"one")
    fast, slow = reader(ring), reader(ring)
    fast.take(EVERYTHING)
    fast.acknowledge()

    slow.detach()

    assert (ring.base, ring.buffered) == (0, 3)
    fast.acknowledge()
    assert (ring.base, ring.buffered) == (3, 0)


def test_a_late_watcher_begins_at_what_nobody_has_acknowledged() -> None:
    ring = filled(1000, b"one")
    first = reader(ring)
    first.take(EVERYTHING)
    first.acknowledge()
    ring.add(Kind.OUT, b"two", 9)

    assert text(reader(ring)) == b"two"


@pytest.mark.parametrize("holds", [True, False])
def test_a_release_by_position_leaves_a_reader_what_it_has_yet_to_take(holds: bool) -> None:
    ring = filled(1000, b"one", b"two")
    other = reader(ring, holds=holds)

    ring.release(4)

    assert ring.buffered == 2
    assert text(other) == b"onetwo"
    assert text(reader(ring)) == b"wo"


def test_the_end_is_told_to_each_reader_and_is_never_dropped() -> None:
    ring = filled(64, b"a" * 10)
    ring.close(3, 20)
    readers = [reader(ring), reader(ring, holds=False)]
    for moment in range(10):
        ring.add(Kind.OUT, b"b" * 60, 30 + moment)

    for each in readers:
        assert told(each.take(EVERYTHING)) == [("lost", 550), ("closed", 3), ("out", b"b" * 60)]
    assert told(reader(ring).take(EVERYTHING)) == [("lost", 550), ("closed", 3), ("out", b"b" * 60)]


def test_all_is_acknowledged_once_the_end_is() -> None:
    ring = filled(100, b"a")
    ring.close(0, 1)

    ring.release(1)
    assert not ring.all_acknowledged
    ring.release(2)

    assert ring.all_acknowledged


def test_what_is_discarded_is_gone_for_every_reader_but_the_end_is_not() -> None:
    ring = filled(100, b"one")
    watcher = reader(ring)
    ring.close(3, 5)

    ring.discard()

    assert ring.buffered == ring.dropped == 0
    assert told(watcher.take(EVERYTHING)) == [("lost", 3), ("closed", 3)]
    assert told(reader(ring).take(EVERYTHING)) == [("closed", 3)]


def test_readers_are_woken_by_output_and_by_the_end() -> None:
    ring, wakes = Ring(100), []
    cursor = ring.attach(lambda: wakes.append(ring.end))

    ring.add(Kind.OUT, b"a", 1)
    ring.close(0, 2)
    cursor.detach()
    ring.add(Kind.OUT, b"b", 3)

    assert wakes == [1, 2]
