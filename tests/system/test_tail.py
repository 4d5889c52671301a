"""Tailing, which consumes nothing, and acknowledging by position."""

import socket
from collections.abc import Callable

from support.gates import Gate
from support.waiting import wait_for
from support.watching import (
    Seen,
    batches_until,
    begin,
    field_of,
    make,
    row_of,
    sort,
    wait_until_buffered,
    wait_until_ended,
    watch_to_end,
)
from support.wire import Wire

Connect = Callable[..., Wire]


def buffered(wire: Wire, name: str = "y") -> int:
    return int(field_of(row_of(wire, name), "buffered"))


def test_a_tail_gets_what_is_buffered_and_then_what_comes(wire: Wire, connect: Connect, gate: Gate) -> None:
    make(wire, "y", f"echo l1; {gate.wait}; echo l2; exit 3")
    wait_until_buffered(wire, "y", 3)
    tail = connect()

    assert begin(tail, "tail processes y") == "Tailing 1"
    first = batches_until(tail, "y", b"l1\n")
    gate.open()
    rest = batches_until(tail, "y", "closed")

    assert (first.positions, rest.out, rest.statuses, rest.positions) == ([3], b"l2\n", [3], [6, 7])
    assert tail.read_until(b"> ") == b"Nothing left to tail\n> "


def test_a_tail_consumes_nothing(wire: Wire) -> None:
    make(wire, "y", "echo hello; exit 3")
    wait_until_ended(wire, "y")

    for _ in range(3):
        begin(wire, "tail processes y")
        assert batches_until(wire, "y", "closed").out == b"hello\n"
        assert wire.read_until(b"> ") == b"Nothing left to tail\n> "

    assert watch_to_end(wire, "y")["y"].out == b"hello\n"


def test_any_line_ends_a_tail(wire: Wire, gate: Gate) -> None:
    make(wire, "y", f"echo hello; {gate.wait}")
    for line in ("", "q", "list processes"):
        begin(wire, "tail processes y")
        batches_until(wire, "y", b"hello\n")

        wire.send(f"{line}\nget a\n")

        assert wire.read_until(b"\n> \n> ") == b"Stopped tailing\n> \n> "


def test_many_tails_and_a_watcher_see_the_same(wire: Wire, connect: Connect, gate: Gate) -> None:
    make(wire, "y", f"echo l1; {gate.wait}; echo l2; {gate.wait}; echo l3")
    wait_until_buffered(wire, "y", 3)
    tails = [connect() for _ in range(4)]
    for tail in tails:
        begin(tail, "tail processes y")
    gate.open()
    gate.open()

    watched = watch_to_end(wire, "y")["y"]

    assert watched.out == b"l1\nl2\nl3\n"
    for tail in tails:
        seen = batches_until(tail, "y", "closed")
        assert (seen.out, seen.statuses) == (watched.out, watched.statuses)
        assert tail.read_until(b"> ") == b"Nothing left to tail\n> "


def test_a_slow_tail_loses_nothing_that_a_watcher_acknowledges(wire: Wire, connect: Connect, gate: Gate) -> None:
    make(wire, "y", f"{gate.wait}; seq 1 100000", "bufsize=4m")
    tail = connect()
    begin(tail, "tail processes y")
    gate.open()

    watched = watch_to_end(wire, "y")["y"].out
    tailed = batches_until(tail, "y", "closed")

    assert (tailed.out, tailed.lost) == (watched, 0)


def test_a_tail_that_does_not_read_is_told_what_it_lost(wire: Wire, connect: Connect, gate: Gate) -> None:
    tail = connect(unix=True)
    make(wire, "y", f"{gate.wait}; seq 1 1000000", "bufsize=64k")
    begin(tail, "tail processes y")
    gate.open()
    wait_until_ended(wire, "y")

    seen = batches_until(tail, "y", "closed")

    total = sum(len(f"{number}\n") for number in range(1, 1000001))
    assert seen.lost > total // 2
    assert seen.lost + len(seen.out) == total
    assert seen.out.endswith(b"1000000\n")


def test_a_pattern_takes_in_processes_made_later(wire: Wire, connect: Connect, gate: Gate) -> None:
    tail = connect()
    make(wire, "a.1", gate.wait)
    begin(tail, "tail processes a.*")

    make(wire, "a.2", f"echo later; {gate.wait}")

    assert batches_until(tail, "a.2", b"later\n").err == b""


def test_a_half_closed_tail_gets_what_is_buffered_and_is_closed(wire: Wire, connect: Connect, gate: Gate) -> None:
    make(wire, "y", f"seq 1 50000; {gate.wait}")
    written = "".join(f"{number}\n" for number in range(1, 50001)).encode()
    wait_until_buffered(wire, "y", len(written))
    tail = connect()

    tail.send("tail processes y\n")
    tail.socket.shutdown(socket.SHUT_WR)
    tail.read_until(b"Tailing 1\n")
    tail.buffer = tail.read_to_end()

    seen = Seen()
    while tail.buffer:
        record = tail.record()
        if isinstance(record, tuple):
            seen.add(*record)
    assert seen.out == written
    assert buffered(wire) == len(written)


def test_acknowledging_by_position_releases_exactly_that(wire: Wire, gate: Gate) -> None:
    make(wire, "y", f"printf 0123456789; {gate.wait}; printf abc")
    wait_until_buffered(wire, "y", 10)

    assert wire.command("acknowledge processes y upto=4") == ""
    assert buffered(wire) == 6
    assert wire.command("acknowledge processes y upto=2") == ""
    assert buffered(wire) == 6
    beyond = wire.command("acknowledge processes y upto=11")
    gate.open()

    assert beyond == "Error: upto: 11 is beyond the end of the output, 10"
    assert watch_to_end(wire, "y")["y"].out == b"456789abc"


def test_acknowledging_by_position_releases_whoever_else_reads(wire: Wire, connect: Connect, gate: Gate) -> None:
    make(wire, "y", f"printf 0123456789; {gate.wait}; printf abc")
    wait_until_buffered(wire, "y", 10)
    watcher, tail = connect(), connect()
    begin(watcher, "watch processes y")
    watcher.batch()

    wire.command("acknowledge processes y upto=10")
    begin(tail, "tail processes y")
    gate.open()

    assert batches_until(tail, "y", b"abc").out == b"abc"
    watcher.send("\n")
    seen: dict[str, Seen] = {"y": Seen()}
    while not seen["y"].ended:
        sort(watcher.batch(), seen)
        watcher.send("\n")
    assert seen["y"].out == b"abc"


def test_acknowledging_the_end_takes_a_process_off_the_list(wire: Wire, connect: Connect) -> None:
    make(wire, "y", "echo hello; exit 3")
    wait_until_ended(wire, "y")
    tail = connect()
    begin(tail, "tail processes y")
    position = batches_until(tail, "y", "closed").positions[-1]

    wire.command(f"acknowledge processes y upto={position - 1}")
    assert row_of(wire, "y").startswith("y pid=")
    wire.command(f"acknowledge processes y upto={position}")

    assert row_of(wire, "y") == ""


def test_a_watcher_gets_its_own_end_though_another_acknowledged_it(wire: Wire, connect: Connect, gate: Gate) -> None:
    """D11."""
    make(wire, "y", f"echo l1; {gate.wait}; exit 3")
    wait_until_buffered(wire, "y", 3)
    watcher = connect()
    begin(watcher, "watch processes y")
    watcher.batch()
    gate.open()
    wait_until_ended(wire, "y")

    wire.command("acknowledge processes y upto=4")
    wait_for(lambda: row_of(wire, "y") == "", "it has left the list")
    watcher.send("\n")

    assert watcher.batch()[0][0].startswith("closed:y:")
    watcher.send("\n")
    assert watcher.read_until(b"> ") == b"Nothing left to watch\n> "
