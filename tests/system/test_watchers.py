"""Several watchers of one process: each gets everything, and nothing goes before all have acknowledged it."""

from collections.abc import Callable

from support.gates import Gate
from support.waiting import wait_for
from support.watching import (
    Seen,
    begin,
    buffered,
    follow_to_end,
    make,
    row_of,
    sort,
    start_lines,
    texts,
    wait_until_ended,
)
from support.wire import Wire

Connect = Callable[..., Wire]


def test_each_of_two_watchers_gets_every_record_and_the_end(wire: Wire, connect: Connect, gate: Gate) -> None:
    """D11: the second missed lines and was never told the end."""
    start_lines(wire, gate, 5)
    watchers = [connect(), connect()]
    seen = [{"y": Seen()}, {"y": Seen()}]
    for watcher in watchers:
        begin(watcher, "watch processes y")

    for step in range(5):
        for number in range(2):
            sort(watchers[number].batch(), seen[number])
        # One of them is always a step behind with its line.
        watchers[step % 2].send("\n")
        watchers[1 - step % 2].send("\n")
        gate.open()
    ends = [follow_to_end(watcher)["y"] for watcher in watchers]

    for number in range(2):
        assert seen[number]["y"].out + ends[number].out == b"l1\nl2\nl3\nl4\nl5\n"
        assert ends[number].statuses == [0]
    assert row_of(wire, "y") == ""


def test_records_go_when_every_watcher_has_acknowledged_them(wire: Wire, connect: Connect, gate: Gate) -> None:
    start_lines(wire, gate)
    fast, slow = connect(), connect()
    for watcher in (fast, slow):
        begin(watcher, "watch processes y")
        assert texts(watcher.batch()) == [b"l1\n"]

    fast.send("\n")
    gate.open()
    assert texts(fast.batch()) == [b"l2\n"]
    assert buffered(wire, "y") == 6
    slow.send("\n")
    assert texts(slow.batch()) == [b"l2\n"]

    assert buffered(wire, "y") == 3


def test_a_slow_watcher_that_vanishes_releases_nothing(wire: Wire, connect: Connect, gate: Gate) -> None:
    start_lines(wire, gate)
    fast, slow = connect(), connect()
    for watcher in (fast, slow):
        begin(watcher, "watch processes y")
        watcher.batch()
    fast.send("\n")
    gate.open()
    fast.batch()

    slow.close()
    wait_for(lambda: "connections 2\n" in wire.command("info"), "the kernel has seen it go")

    assert buffered(wire, "y") == 6
    fast.send("\n")
    wait_for(lambda: buffered(wire, "y") == 0, "what the other has acknowledged is released")


def test_a_process_stays_listed_until_its_end_is_acknowledged_by_all(wire: Wire, connect: Connect) -> None:
    make(wire, "y", "exit 3")
    wait_until_ended(wire, "y")
    first, second = connect(), connect()
    for watcher in (first, second):
        begin(watcher, "watch processes y")
        assert texts(watcher.batch()) == [b"closed"]

    first.send("\n")
    assert first.read_until(b"> ") == b"Nothing left to watch\n> "
    assert row_of(wire, "y").startswith("y pid=")
    second.send("\n")

    assert second.read_until(b"> ") == b"Nothing left to watch\n> "
    assert row_of(wire, "y") == ""
