"""Received bytes become lines, whatever the pieces in which they come."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_protocol.lines import LineReader, TooLong
from support.texts import cuts


def read(*pieces: bytes, limit: int = 10, ended: bool = False) -> list[bytes | TooLong]:
    reader = LineReader(limit)
    for piece in pieces:
        reader.receive(piece)
    if ended:
        reader.rest()
    return list(reader.waiting)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"abc", []),
        (b"abc\n", [b"abc"]),
        (b"abc\r\n", [b"abc"]),
        (b"abc\r\r\n", [b"abc\r"]),
        (b"\n\r\n\n", [b"", b"", b""]),
        (b"a\rb\n", [b"a\rb"]),
        (b"abc\ndef\r\ng", [b"abc", b"def"]),
        (b"0123456789\n", [b"0123456789"]),
        (b"0123456789\r\n", [b"0123456789"]),
    ],
)
def test_a_line_ends_at_a_line_feed_wherever_the_bytes_are_cut(data: bytes, lines: list[bytes]) -> None:
    for first, second in cuts(data):
        assert read(first, second) == lines


@pytest.mark.parametrize("data", [b"0123456789x\nnext\n", b"0123456789x\r\nnext\n", b"x" * 50 + b"\nnext\n"])
def test_a_line_that_is_too_long_is_reported_once_and_the_next_is_read(data: bytes) -> None:
    for first, second in cuts(data):
        assert read(first, second) == [TooLong(10), b"next"]


def test_what_the_peer_sent_last_is_a_line_without_a_line_end() -> None:
    assert read(b"list\nqu", b"it", ended=True) == [b"list", b"quit"]
    assert read(b"list\n", ended=True) == [b"list"]
    assert read(b"x" * 30, ended=True) == [TooLong(10)]


def test_a_line_that_is_too_long_takes_no_memory() -> None:
    reader = LineReader(10)

    for _ in range(1000):
        reader.receive(b"x" * 1000)

    assert len(reader._start) <= 11


def test_a_line_that_comes_in_tiny_pieces_takes_little_more_memory_than_its_size() -> None:
    reader = LineReader(1 << 20)
    tracemalloc.start()

    for _ in range(1 << 19):
        reader.receive(bytes((120, 121)))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 << 20
    reader.receive(b"\n")
    assert reader.waiting.pop() == b"xy" * (1 << 19)


@given(st.lists(st.binary(max_size=20), max_size=10))
def test_any_pieces_give_the_same_lines_as_the_whole(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)

    assert read(*pieces, limit=6, ended=True) == read(whole, limit=6, ended=True)
