"""Telnet's own bytes never reach a command line, and are answered as telnet wants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_protocol.telnet import TelnetFilter
from support.texts import cuts


def filtered(*pieces: bytes) -> tuple[bytes, bytes]:
    telnet = TelnetFilter()
    clean = b"".join(map(telnet.receive, pieces))
    return clean, telnet.data_to_send()


@pytest.mark.parametrize(
    ("data", "clean", "answer"),
    [
        (b"list\r\n", b"list\r\n", b""),
        (b"\xff\xfd\x03get a\r\n", b"get a\r\n", b"\xff\xfc\x03"),
        (b"\xff\xfb\x01get a\r\n", b"get a\r\n", b"\xff\xfe\x01"),
        (b"ge\xff\xfe\x01t\xff\xfc\x18 a\r\n", b"get a\r\n", b""),
        (b"\xff\xf4\xff\xfd\x06get a\r\n", b"get a\r\n", b"\xff\xfb\x06"),
        (b"\xff\xed\xff\xfd\x06", b"", b"\xff\xfb\x06"),
        (b"\xff\xec\xff\xee\xff\xf1\xff\xf2\xff\xf9a", b"a", b""),
        (b"a\xff\xffb", b"a\xffb", b""),
        (b"a\xff\xff\xff\xffb", b"a\xff\xffb", b""),
        (b"a\xffb", b"a\xffb", b""),
        (b"\xff\xfa\x18\x00xterm\xff\xf0get a", b"get a", b""),
        (b"\xff\xfd\xff\xff\xfb\xf0x", b"x", b"\xff\xfc\xff\xff\xfe\xf0"),
        (b"\xff\xfd\nlist\n", b"list\n", b"\xff\xfc\n"),
    ],
)
def test_telnet_commands_are_taken_out_wherever_they_are_cut(data: bytes, clean: bytes, answer: bytes) -> None:
    for first, second in cuts(data):
        assert filtered(first, second) == (clean, answer)


def test_bytes_come_one_by_one() -> None:
    data = b"\xff\xfb\x03l\xff\xf1i\xff\xfa\x1f\x00\x50\xff\xf0st\r\n"

    clean, answer = filtered(*(bytes([byte]) for byte in data))

    assert clean == b"list\r\n"
    assert answer == b"\xff\xfe\x03"


def test_an_answer_is_sent_once() -> None:
    telnet = TelnetFilter()
    telnet.receive(b"\xff\xfd\x03")

    assert telnet.data_to_send() == b"\xff\xfc\x03"
    assert telnet.data_to_send() == b""


def test_an_endless_subnegotiation_is_cut_and_the_rest_is_text() -> None:
    telnet = TelnetFilter()

    clean = b"".join(telnet.receive(piece) for piece in (b"\xff\xfa", b"x" * 2000, b"\nlist\n"))

    assert clean == b"x" * (2000 - 1026) + b"\nlist\n"


@given(st.lists(st.sampled_from([b"\xff", b"\xfa", b"\xf0", b"\xfd", b"\x06", b"a", b"\n", b"\xec"]), max_size=30))
def test_any_pieces_give_the_same_as_the_whole(pieces: list[bytes]) -> None:
    assert filtered(*pieces) == filtered(b"".join(pieces))
