"""How much each ring may hold where all together hold too much."""

from hypothesis import given
from hypothesis import strategies as st

from papa_kernel.output import Ring
from papa_kernel.shares import Shares, fair_share
from papa_protocol.watch import Kind

SIZES = st.lists(st.integers(0, 1000), max_size=20)


@given(SIZES, st.integers(0, 5000))
def test_a_fair_share_is_the_largest_that_fits(sizes: list[int], most: int) -> None:
    share = fair_share(sizes, most)

    assert sum(min(size, share) for size in sizes) <= most or share == 1
    assert share >= max(sizes, default=1) or sum(min(size, share + 1) for size in sizes) > most


def test_the_fullest_forgets_its_oldest_and_readers_are_told() -> None:
    rings = [Ring(10_000) for _ in range(3)]
    changed: list[Ring] = []
    shares = Shares(1600, lambda: rings, changed.append)
    reader = rings[2].attach(lambda: None)

    for ring, size in zip(rings, (100, 700, 2000), strict=True):
        for _ in range(size // 100):
            ring.add(Kind.OUT, b"x" * 100, 1.0)
            ring.add(Kind.ERR, b"", 1.0)
            shares.took_in(100)

    assert [ring.held for ring in rings] == [100, 700, 700]
    assert [ring.dropped for ring in rings] == [0, 0, 1300]
    assert set(changed) == {rings[2]}
    lost, first = reader.take(10_000)[:2]
    assert (lost.kind, lost.number, first.kind) == (Kind.LOST, 1300, Kind.OUT)


def test_relief_gives_back_a_sixteenth() -> None:
    rings = [Ring(100_000) for _ in range(2)]
    for ring, size in zip(rings, (1000, 31_000), strict=True):
        for _ in range(size // 1000):
            ring.add(Kind.OUT, b"x" * 1000, 1.0)

    Shares(1 << 30, lambda: rings, lambda _: None).relieve()

    assert rings[0].held == 1000
    assert 25_000 <= rings[1].held <= 29_000
