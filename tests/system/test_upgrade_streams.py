"""An upgrade in place and those who watch or tail: no byte of output is lost or comes twice."""

from collections.abc import Callable

import pytest

from papa_kernel.pace import PATIENCE
from support.gates import Gate
from support.kernels import KernelProcess
from support.upgrades import upgrade, upgrades
from support.waiting import wait_for
from support.watching import (
    Seen,
    batches_until,
    begin,
    buffered,
    field_of,
    follow_to_end,
    make,
    make_python,
    row_of,
    sort,
    start_lines,
    texts,
    wait_until_buffered,
    wait_until_ended,
)
from support.wire import TIMEOUT, Wire

Connect = Callable[..., Wire]
PLENTY = int(2 * TIMEOUT / PATIENCE) * 64 * 1024


def test_a_batch_is_acknowledged_after_the_upgrade(wire: Wire, connect: Connect, gate: Gate) -> None:
    start_lines(wire, gate)
    watcher = connect()
    begin(watcher, "watch processes y")
    assert texts(watcher.batch()) == [b"l1\n"]

    upgrade(wire)
    assert buffered(wire, "y") == 3
    watcher.send("\n")
    gate.open()

    assert texts(watcher.batch()) == [b"l2\n"]
    assert buffered(wire, "y") == 3


def test_a_batch_that_was_not_acknowledged_is_the_next_one_s(wire: Wire, connect: Connect, gate: Gate) -> None:
    start_lines(wire, gate)
    watcher, following = connect(), connect()
    begin(watcher, "watch processes y")
    watcher.batch()

    upgrade(wire)
    watcher.close()
    wait_for(
        lambda: field_of(row_of(wire, "y") + " args=", "pid") and "watchers=" not in row_of(wire, "y"), "it has left"
    )
    begin(following, "watch processes y")

    assert texts(following.batch()) == [b"l1\n"]


def test_a_line_sent_before_its_batch_acknowledges_nothing(wire: Wire, connect: Connect, gate: Gate) -> None:
    make(wire, "y", f"{gate.wait}; echo l1; {gate.wait}")
    watcher = connect()
    begin(watcher, "watch processes y")
    watcher.send("\n\n\n")

    upgrade(wire)
    gate.open()
    assert texts(watcher.batch()) == [b"l1\n"]
    upgrade(wire)

    assert buffered(wire, "y") == 3


def test_a_batch_half_sent_is_completed(wire: Wire, connect: Connect) -> None:
    make(wire, "y", "exec seq 1 1000000", "bufsize=64m")
    wait_until_ended(wire, "y")
    watcher, tail = connect(), connect()
    assert begin(watcher, "watch processes y") == begin(tail, "tail processes y").replace("Tail", "Watch")
    watcher.read_exactly(1)

    for _ in range(2):
        upgrade(wire)

    expected = b"".join(b"%d\n" % number for number in range(1, 1_000_001))
    watcher.buffer = b"o" + watcher.buffer if not watcher.buffer.startswith(b"out:") else watcher.buffer
    assert follow_to_end(watcher)["y"].out == expected
    assert batches_until(tail, "y", "closed").out == expected


class Pieces:
    """The output that a watcher has got, which is joined only at the end, so that the watcher keeps up."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._pieces: list[bytes] = []
        self.ended = False

    def take(self) -> None:
        if self.ended:
            return
        records = self._wire.batch()
        self._pieces += [data for _, data in records]
        self.ended = any(header.startswith("closed:") for header, _ in records)
        self._wire.send("\n")

    @property
    def out(self) -> bytes:
        return b"".join(self._pieces)


@pytest.mark.parametrize("dialect", [1, 2])
def test_a_flood_goes_on_complete_and_in_order(patient: KernelProcess, gate: Gate, dialect: int) -> None:
    """With a buffer that the flood would overflow at once, were it not for the watchers."""
    count = 4_000_000
    with patient.connect() as wire, patient.connect() as one, patient.connect() as other:
        make(wire, "y", f"{gate.wait}; exec seq 1 {count}", "bufsize=1m")
        for watcher in (one, other):
            watcher.command(f"protocol {dialect}")
            begin(watcher, "watch processes y")
        pieces = [Pieces(watcher) for watcher in (one, other)]
        gate.open()
        batches = 0
        while not all(each.ended for each in pieces):
            for each in pieces:
                each.take()
            batches += 1
            if batches % 10 == 5:
                wire.send("upgrade\n")

    expected = b"".join(b"%d\n" % number for number in range(1, count + 1))
    same = [each.out == expected for each in pieces]
    print(f"{upgrades(patient)} upgrades, {same.count(True)} of 2 watchers have all {len(expected):,} bytes, once each")
    assert same == [True, True]
    assert upgrades(patient) > 1


def test_a_process_that_waits_for_its_watcher_goes_on(patient: KernelProcess, gate: Gate) -> None:
    script = f"open({str(gate.path)!r}).readline(); os.write(1, b'x' * 2000000); os._exit(3)"
    with patient.connect() as wire, patient.connect() as watcher:
        make_python(wire, "y", script, "bufsize=64k")
        begin(watcher, "watch processes y")
        seen = {"y": Seen()}
        gate.open()
        while not seen["y"].ended:
            sort(watcher.batch(), seen)
            wire.send("upgrade\n")
            watcher.send("\n")

    assert (len(seen["y"].out), seen["y"].statuses) == (2_000_000, [3])


def test_patterns_take_in_processes_made_afterwards(wire: Wire, connect: Connect) -> None:
    make(wire, "a.one", "exec sleep 1000")
    watcher, tail = connect(), connect()
    begin(watcher, "watch processes a.*")
    begin(tail, "tail processes a.*")

    upgrade(wire)
    make(wire, "a.two", "echo hello")
    make(wire, "b.three", "echo other")

    for stream in (watcher, tail):
        header, data = stream.batch()[0]
        assert (header.split(":")[:2], data) == (["out", "a.two"], b"hello\n")


def test_a_watcher_of_a_removed_process_is_told_its_end(wire: Wire, connect: Connect, gate: Gate) -> None:
    make(wire, "y", f"{gate.wait}; exit 3")
    watcher = connect()
    begin(watcher, "watch processes y")
    wire.command("remove processes y")

    upgrade(wire)
    gate.open()

    assert follow_to_end(watcher)["y"].statuses == [3]


def test_a_watcher_of_a_process_that_is_not_listed_any_more_is_told_its_end(wire: Wire, connect: Connect) -> None:
    make(wire, "y", "echo hello; exit 3")
    wait_until_ended(wire, "y")
    slow = connect()
    begin(slow, "watch processes y")
    slow.batch()
    wire.command("remove processes y")
    assert row_of(wire, "y") == ""
    make(wire, "y", "echo another; exec sleep 1000")

    upgrade(wire)
    slow.send("\n")

    assert slow.read_until(b"> ") == b"Nothing left to watch\n> "
    wait_until_buffered(wire, "y", 8)
    assert " status=" not in row_of(wire, "y")


def test_q_ends_a_stream_afterwards_and_acknowledges(wire: Wire, connect: Connect, gate: Gate) -> None:
    start_lines(wire, gate)
    watcher, tail = connect(), connect()
    begin(tail, "tail processes y")
    begin(watcher, "watch processes y")
    watcher.batch()
    tail.batch()

    upgrade(wire)
    watcher.send("q\nget a\n")
    tail.send("\nget a\n")

    assert watcher.read_until(b"> ") + watcher.read_until(b"> ") == b"Stopped watching\n> \n> "
    assert tail.read_until(b"> ") + tail.read_until(b"> ") == b"Stopped tailing\n> \n> "
    assert buffered(wire, "y") == 0


def test_a_tail_that_fell_behind_is_told_its_own_loss(wire: Wire, connect: Connect, gate: Gate) -> None:
    make(wire, "y", f"{gate.wait}; seq 1 2000000; echo end; {gate.wait}", "bufsize=64k")
    tail = connect()
    begin(tail, "tail processes y")
    gate.open()  # nobody reads: the connection fills up, and the buffer wraps
    wait_for(lambda: int(field_of(row_of(wire, "y"), "position")) == 14_888_900, "all has been written")

    upgrade(wire)

    seen = batches_until(tail, "y", b"end\n")
    assert len(seen.out) + seen.lost == 14_888_900
    assert seen.lost > 0


def test_the_first_batch_of_dialect_1_comes_alone_and_comes(wire: Wire, connect: Connect) -> None:
    make(wire, "y", "echo hello; exec sleep 1000")
    wait_until_buffered(wire, "y", 6)
    watcher = connect()

    watcher.send("watch processes y\n")
    wire.send("upgrade\n")

    assert watcher.read_until(b"\n") == b"Watching 1\n"
    assert texts(watcher.batch()) == [b"hello\n"]


def test_make_with_watch_goes_on(wire: Wire, connect: Connect, gate: Gate) -> None:
    watcher = connect()
    watcher.send(
        f"make process y watch=1 /bin/sh -c {gate.wait};echo\\ hello;exit\\ 3\n".replace(
            gate.wait, gate.wait.replace(" ", "\\ ")
        )
    )
    assert watcher.read_until(b"\n").startswith(b"y pid=")

    upgrade(wire)
    gate.open()

    seen = follow_to_end(watcher)["y"]
    assert (seen.out, seen.statuses) == (b"hello\n", [3])


def test_a_late_watcher_is_not_waited_for_after_an_upgrade_either(wire: Wire, connect: Connect) -> None:
    make(wire, "y", "exec yes", "bufsize=64k")
    begin(connect(), "watch processes y")  # and never acknowledges

    def position() -> int:
        return int(field_of(row_of(wire, "y"), "position"))

    # Had each fill of the buffer to wait, there would be no end to it.
    wait_for(lambda: position() > PLENTY, "it is not waited for")
    upgrade(wire)
    before = position()

    wait_for(lambda: position() > before + PLENTY, "it is still not waited for")
