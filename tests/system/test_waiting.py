"""Processes that wait for their watchers, so that who keeps reading loses nothing."""

from collections.abc import Callable

import pytest

from support.gates import Gate
from support.kernels import KernelProcess
from support.waiting import wait_for
from support.watching import Seen, begin, field_of, follow_to_end, make, make_python, row_of, sort, wait_until_ended
from support.wire import Wire

Connect = Callable[..., Wire]


@pytest.mark.parametrize(("bufsize", "writes"), [("4k", 300), ("64k", 600), ("1m", 6000)])
def test_a_watcher_that_keeps_reading_loses_nothing(
    patient: KernelProcess, gate: Gate, bufsize: str, writes: int
) -> None:
    """The process writes many times as much as its buffer holds, to both streams, and ends with its pipes full."""
    wait = f"open('{gate.path}').readline()"
    script = f"{wait}; [os.write(1 + n % 2, b'%08d' % n * 500) for n in range({writes})]; os._exit(3)"
    with patient.connect() as wire:
        make_python(wire, "y", script, f"bufsize={bufsize}")
        begin(wire, "watch processes y")
        gate.open()
        seen = follow_to_end(wire)["y"]

    assert seen.out == b"".join(b"%08d" % n * 500 for n in range(0, writes, 2))
    assert seen.err == b"".join(b"%08d" % n * 500 for n in range(1, writes, 2))
    assert (seen.statuses, seen.order[-1]) == ([3], "closed")


def test_a_watcher_that_does_not_acknowledge_holds_nobody_up_for_long(wire: Wire, connect: Connect) -> None:
    stuck = connect()
    make(wire, "y", "seq 1 300000", "bufsize=64k")
    begin(stuck, "watch processes y")

    row = wait_until_ended(wire, "y")

    assert int(field_of(row, "dropped")) > 0


def test_a_tail_holds_nobody_up(wire: Wire, connect: Connect) -> None:
    tail = connect()
    make(wire, "y", "seq 1 300000", "bufsize=64k")
    begin(tail, "tail processes y")

    row = wait_until_ended(wire, "y")

    assert int(field_of(row, "position")) > 1_900_000


def test_a_removed_process_does_not_wait(wire: Wire, connect: Connect, gate: Gate) -> None:
    stuck = connect()
    make(wire, "y", f"seq 1 300000; {gate.wait}", "bufsize=64k")
    begin(stuck, "watch processes y")
    stuck.batch()

    wire.command("remove processes y")
    gate.open()

    wait_for(lambda: row_of(wire, "y") == "", "it has ended and left the list")


def test_the_end_comes_after_all_that_waited_in_the_pipe(wire: Wire, gate: Gate) -> None:
    make(wire, "y", f"seq 1 5000; {gate.wait}; exit 3", "bufsize=4k linger=eof")
    begin(wire, "watch processes y")
    seen = {"y": Seen()}
    sort(wire.batch(), seen)

    gate.open()
    while not seen["y"].ended:
        wire.send("\n")
        sort(wire.batch(), seen)

    assert seen["y"].out.endswith(b"5000\n")
    assert (seen["y"].statuses, seen["y"].order[-1]) == ([3], "closed")
