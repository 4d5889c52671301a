"""Sums over rings."""

from papa_kernel.output import Ring
from papa_kernel.totals import Totals
from papa_protocol.watch import Kind


def ring_of(size: int, bufsize: int = 100) -> Ring:
    ring = Ring(bufsize)
    ring.add(Kind.OUT, b"x" * size, 1.0)
    return ring


def test_rings_are_added_up_as_they_are_now() -> None:
    totals = Totals()
    first, second = ring_of(60), ring_of(30)
    for ring in (first, second):
        totals.changed(ring)
    assert totals.read() == (90, 0, 90)

    first.add(Kind.OUT, b"y" * 70, 2.0)
    second.release(10)
    for ring in (first, second):
        totals.changed(ring)

    assert totals.read() == (first.buffered + 20, first.dropped, 160)
    assert first.dropped > 0


def test_a_forgotten_ring_counts_no_more() -> None:
    totals = Totals()
    kept, counted, fresh = ring_of(10), ring_of(20), ring_of(30)
    totals.changed(kept)
    totals.changed(counted)
    totals.read()
    totals.changed(fresh)

    totals.forget(counted)
    totals.forget(fresh)

    assert totals.read() == (10, 0, 10)
