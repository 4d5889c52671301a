"""How much more a ring takes, so that watchers who keep up lose nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_kernel.cursor import Cursor
from papa_kernel.output import Ring
from papa_kernel.pace import PATIENCE, Pace
from papa_protocol.watch import Kind

EVERYTHING = 1 << 30
NOW = 100.0
LATER = NOW + PATIENCE


def watcher(ring: Ring) -> Cursor:
    """Attach a watcher that is sent a batch at once."""
    pace = Pace()
    pace.sent(NOW)
    return ring.attach(lambda: None, pace)


def fill(ring: Ring, size: int) -> None:
    ring.add(Kind.OUT, b"x" * size, 1.0)


def test_without_a_watcher_there_is_always_room() -> None:
    ring = Ring(1000)
    ring.attach(lambda: None)

    fill(ring, 5000)

    assert ring.room(NOW) > 0


def test_there_is_no_room_while_a_watcher_has_enough_to_read() -> None:
    ring = Ring(1000)
    reading = watcher(ring)

    fill(ring, 500)
    assert ring.room(NOW) > 0
    fill(ring, 1)
    assert ring.room(NOW) == 0
    reading.take(EVERYTHING)
    assert ring.room(NOW) == 0
    reading.acknowledge()

    assert ring.room(NOW) > 0


def test_many_small_records_leave_no_room_before_any_is_dropped() -> None:
    ring = Ring(1 << 20)
    watcher(ring)
    moment = 0.0

    while ring.room(NOW):
        moment += 1
        ring.add((Kind.OUT, Kind.ERR)[int(moment) % 2], b"x", moment)

    assert ring.dropped == 0


def test_there_is_room_again_when_the_watcher_is_late() -> None:
    ring = Ring(1000)
    watcher(ring)
    fill(ring, 900)

    assert ring.wait_until(NOW) == LATER
    assert ring.room(LATER) > 0


def test_whoever_was_late_only_just_is_not_waited_for_any_longer() -> None:
    ring = Ring(1000)
    watcher(ring)
    fill(ring, 600)

    assert ring.room(NOW) == 0
    assert ring.wait_until(NOW) == LATER
    assert ring.wait_until(LATER) == LATER


def test_the_slowest_of_those_that_keep_up_counts() -> None:
    ring = Ring(1000)
    fast, slow = watcher(ring), watcher(ring)
    fill(ring, 600)
    for each in (fast, slow):
        each.take(EVERYTHING)

    fast.acknowledge()

    assert ring.room(NOW) == 0
    slow.detach()
    assert ring.room(NOW) > 0


def test_what_is_released_by_position_is_not_waited_for() -> None:
    ring = Ring(1000)
    watcher(ring)
    fill(ring, 600)

    ring.release(600)

    assert ring.room(NOW) > 0


@pytest.mark.parametrize("bufsize", [1, 10, 64, 100, 256, 1000, 4096, 65536, 1 << 20])
@given(data=st.data())
def test_nothing_is_dropped_by_who_adds_no_more_than_there_is_room_for(bufsize: int, data: st.DataObject) -> None:
    ring = Ring(bufsize)
    reading, lagging = watcher(ring), ring.attach(lambda: None)
    got = b""
    total = 0
    for step in data.draw(st.lists(st.sampled_from(["out", "err", "take", "acknowledge", "tail"]), max_size=60)):
        if step in ("out", "err"):
            room = ring.room(NOW)
            size = min(room, data.draw(st.sampled_from([1, 100, room])))
            if size:
                ring.add(Kind(step), b"x" * size, total)
            total += size
        elif step == "take":
            got += b"".join(piece.data for piece in reading.take(data.draw(st.sampled_from([1, EVERYTHING]))))
        elif step == "acknowledge":
            reading.acknowledge()
        else:
            lagging.take(1)
    got += b"".join(piece.data for piece in reading.take(EVERYTHING))

    if bufsize >= 256:
        assert (ring.dropped, len(got)) == (0, total)
    assert ring.dropped <= total
