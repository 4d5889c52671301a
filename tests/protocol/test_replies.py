"""Replies are found wherever the bytes are cut, and payload never ends one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_protocol.replies import Reply, ReplyReader
from papa_protocol.rows import value_row
from papa_protocol.words import Dialect, escape
from support.texts import NASTY, TEXTS, cuts

V1, V2 = Dialect.V1, Dialect.V2


def read(*pieces: bytes, dialect: Dialect) -> list[Reply]:
    reader = ReplyReader(dialect)
    replies: list[Reply] = []
    for piece in pieces:
        reader.receive(piece)
        replies += iter(reader.next_event, None)
    return replies


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"> ", ""),
        (b"\n> ", ""),
        (b"one\n> ", "one"),
        (b"one\ntwo\n> ", "one\ntwo"),
        (b"one > two] \n> ", "one > two] "),
        (b"\xff\n> ", "\udcff"),
    ],
)
def test_a_reply_ends_at_its_prompt_wherever_it_is_cut(data: bytes, text: str, dialect: Dialect) -> None:
    for first, second in cuts(data):
        assert read(first, second, dialect=dialect) == [Reply(text)]


def test_pipelined_replies_are_told_apart_in_dialect_2() -> None:
    data = b"one\n> \n> two\nthree\n> > Error: x\n> "

    for first, second in cuts(data):
        texts = [reply.text for reply in read(first, second, dialect=V2)]
        assert texts == ["one", "", "two\nthree", "", "Error: x"]


def test_dialect_1_takes_a_prompt_amid_what_has_arrived_for_payload() -> None:
    assert read(b"a\n> b\n> ", dialect=V1) == [Reply("a\n> b")]


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_no_value_ends_a_reply_or_is_an_error_in_dialect_2(values: list[str]) -> None:
    texts = [escape(value) for value in values]
    texts.append("\n".join(value_row(value, value, V2) for value in values))
    data = b"".join(text.encode() + b"\n> " for text in texts)

    replies = read(data, dialect=V2)

    assert [reply.text for reply in replies] == texts
    assert not [reply for reply in replies if reply.error is not None]


def test_nasty_values_survive_any_cut_in_dialect_2() -> None:
    texts = [escape(value) for value in NASTY]
    data = b"".join(text.encode() + b"\n> " for text in texts)

    for first, second in cuts(data):
        assert [reply.text for reply in read(first, second, dialect=V2)] == texts


@pytest.mark.parametrize(
    ("text", "error"),
    [("Error: bad", "bad"), ("Error: ", ""), ("Error:", None), ("error: x", None), ("x\nError: y", None)],
)
def test_an_error_is_told_by_how_a_reply_begins(text: str, error: str | None) -> None:
    assert Reply(text).error == error


def test_the_first_line_of_a_stream_is_read_and_the_rest_handed_over() -> None:
    reader = ReplyReader(V2)
    reader.receive(b"Watching 1\nout:a:1.0")

    assert reader.next_line() == "Watching 1"
    assert reader.next_line() is None
    assert reader.rest() == b"out:a:1.0"
    assert reader.rest() == b""


def test_a_reply_is_found_after_a_line_was_taken_from_what_had_been_searched() -> None:
    reader = ReplyReader(V2)
    reader.receive(b"a long first line\nx")
    assert reader.next_event() is None
    reader.next_line()

    reader.receive(b"\n> ")

    assert reader.next_event() == Reply("x")


def test_a_long_reply_in_small_pieces_is_searched_once() -> None:
    reader = ReplyReader(V2)

    for _ in range(20_000):
        reader.receive(b"x" * 50)
        assert reader.next_event() is None

    assert reader._scanned == 1_000_000


def test_a_long_first_line_in_small_pieces_is_searched_once() -> None:
    reader = ReplyReader(V2)

    for _ in range(20_000):
        reader.receive(b"x" * 50)
        assert reader.next_line() is None

    assert reader._line_scanned == 1_000_000
    reader.receive(b"\n> ")
    assert reader.next_line() == "x" * 1_000_000
    assert reader.next_event() == Reply("")
