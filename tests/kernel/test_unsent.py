"""Bytes on their way to a peer."""

from hypothesis import given
from hypothesis import strategies as st

from papa_kernel.unsent import Unsent


def rest(unsent: Unsent) -> bytes:
    data = b""
    while unsent.size:
        pieces = unsent.next_pieces()
        data += b"".join(pieces)
        unsent.sent(sum(map(len, pieces)))
    return data


@given(st.lists(st.one_of(st.binary(max_size=20), st.integers(0, 30)), max_size=60))
def test_every_byte_is_sent_once_in_order_however_it_is_cut(steps: list[bytes | int]) -> None:
    unsent, added, sent = Unsent(), b"", b""

    for step in steps:
        if isinstance(step, bytes):
            unsent.add([step])
            added += step
        else:
            taken = b"".join(unsent.next_pieces())[:step]
            unsent.sent(len(taken))
            sent += taken
        assert unsent.size == len(added) - len(sent)

    assert sent + rest(unsent) == added


def test_empty_pieces_are_left_out() -> None:
    unsent = Unsent()

    unsent.add([b"", b"a", b""])

    assert unsent.next_pieces() == [b"a"]


def test_more_pieces_than_the_system_takes_go_in_several_calls() -> None:
    unsent = Unsent()
    unsent.add([b"x"] * 5000)

    assert len(unsent.next_pieces()) <= 1024
    assert rest(unsent) == b"x" * 5000


def test_nothing_is_copied() -> None:
    unsent, block = Unsent(), bytes(1 << 20)
    unsent.add([block])

    unsent.sent(1)

    piece = unsent.next_pieces()[0]
    assert isinstance(piece, memoryview)
    assert piece.obj is block
