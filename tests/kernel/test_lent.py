"""Output that another kernel handed over in a file: used from there as if it were the kernel's own."""

import mmap
import os
from collections.abc import Iterator

import pytest

from papa_kernel.output import Ring
from papa_kernel.saved import Writer, new_file, read
from papa_protocol.watch import Kind

EVERYTHING = 1 << 30
PIECE = 60_000
COUNT = 200


def letters(number: int) -> bytes:
    return b"%c" % (97 + number % 26) * PIECE


@pytest.fixture
def state() -> Iterator[int]:
    """Provide a file."""
    fd = new_file("papa-state")
    yield fd
    os.close(fd)


@pytest.fixture
def ring(state: int) -> Ring:
    """Provide a ring that was handed over, all of it lent."""
    return handed_over(state)


def handed_over(state: int, count: int = COUNT) -> Ring:
    original = Ring(2 * COUNT * PIECE)
    for number in range(count):
        original.add(Kind.OUT, letters(number), number)
    writer = Writer(state)
    writer.add("ring", original.saved, original.pieces)
    writer.finish()
    (record,) = read(state)
    ring = Ring(original.bufsize)
    ring.restore(record.fields, record.data.lend)
    return ring


def text(ring: Ring) -> bytes:
    return b"".join(piece.data for piece in ring.attach(lambda: None).take(EVERYTHING))


EVERYTHING_WRITTEN = b"".join(map(letters, range(COUNT)))


def test_it_is_read_from_the_file(ring: Ring) -> None:
    assert len(ring.lent) == COUNT
    assert text(ring) == EVERYTHING_WRITTEN


def test_it_is_there_when_the_file_is_not_open_any_more(ring: Ring, state: int) -> None:
    with open(os.devnull, "rb") as other:
        os.dup2(other.fileno(), state)

    assert text(ring) == EVERYTHING_WRITTEN


def test_it_can_be_handed_over_once_more(ring: Ring, state: int) -> None:
    writer = Writer(again := new_file("papa-state"))
    writer.add("ring", ring.saved, ring.pieces)
    writer.finish()
    (record,) = read(again)
    following = Ring(ring.bufsize)
    following.restore(record.fields, record.data.lend)
    os.close(again)

    assert text(following) == EVERYTHING_WRITTEN


def test_more_is_added_to_a_piece_that_is_lent(state: int) -> None:
    original = Ring(20_000_000)
    original.add(Kind.OUT, bytes(9_000_000), 1.0)
    original.add(Kind.ERR, b"1" * 4090, 1.0)
    original.add(Kind.OUT, b"2" * 4090, 1.0)
    writer = Writer(state)
    writer.add("ring", original.saved, original.pieces)
    writer.finish()
    (record,) = read(state)
    ring = Ring(original.bufsize)
    lent: list[memoryview] = []

    def lend(size: int) -> bytes | memoryview:
        data = memoryview(record.data.take(size))
        lent.append(data)
        return data if len(lent) > 1 else bytes(data)  # but for the list of records

    ring.restore(record.fields, lend)
    ring.add(Kind.OUT, b"333", 1.0)

    assert text(ring) == bytes(9_000_000) + b"1" * 4090 + b"2" * 4090 + b"333"
    assert bytes(lent[-1]) == b"2" * 4090


def test_it_is_forgotten_like_any_other(ring: Ring) -> None:
    ring.release(PIECE * 100 + 5)
    ring.cut(PIECE * 10)

    assert text(ring) == b"".join(map(letters, range(COUNT - 10, COUNT)))
    assert len(ring.lent) == 10


def test_it_is_cut_within_a_piece(ring: Ring) -> None:
    ring.cut(100)

    assert text(ring) == letters(COUNT - 1)[:100]


def test_each_piece_becomes_the_kernel_s_own_unless_it_was_forgotten(ring: Ring) -> None:
    records = ring.lent
    ring.release(PIECE * 100)
    for record in records:
        record.own()

    assert not ring.lent
    assert sum(len(record.data) for record in records) == PIECE * 100
    assert text(ring) == b"".join(map(letters, range(100, COUNT)))


def test_nothing_is_lent_where_little_was_handed_over(state: int) -> None:
    ring = handed_over(state, 10)

    assert not ring.lent
    assert text(ring) == b"".join(map(letters, range(10)))


def test_nothing_is_lent_where_the_system_cannot(state: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(mmap, "mmap", refuse)

    ring = handed_over(state)

    assert not ring.lent
    assert text(ring) == EVERYTHING_WRITTEN
