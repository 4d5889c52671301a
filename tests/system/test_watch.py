"""Watching: who gets what, and which line acknowledges."""

import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from support.gates import Gate
from support.kernels import KernelProcess
from support.waiting import wait_for
from support.watching import (
    Seen,
    begin,
    buffered,
    field_of,
    follow_to_end,
    make,
    row_of,
    start_lines,
    texts,
    wait_until_buffered,
    wait_until_ended,
    watch_to_end,
)
from support.wire import TIMEOUT, Wire

Connect = Callable[..., Wire]


def test_a_line_acknowledges_a_batch_and_brings_the_next(wire: Wire, connect: Connect, gate: Gate) -> None:
    start_lines(wire, gate)
    watcher = connect()

    begin(watcher, "watch processes y")
    first = watcher.batch()
    assert buffered(wire, "y") == 3
    watcher.send("anything at all\n")
    wait_for(lambda: buffered(wire, "y") == 0, "the batch is forgotten")
    gate.open()
    second = watcher.batch()

    assert (texts(first), texts(second)) == ([b"l1\n"], [b"l2\n"])


def test_what_was_not_acknowledged_is_sent_again_to_the_next_watcher(wire: Wire, connect: Connect, gate: Gate) -> None:
    start_lines(wire, gate)
    seen: list[list[tuple[str, bytes]]] = []

    for _ in range(3):
        watcher = connect()
        begin(watcher, "watch processes y")
        seen.append(watcher.batch())
        watcher.close()

    assert seen[0] == seen[1] == seen[2]
    assert texts(seen[0]) == [b"l1\n"]


@pytest.mark.parametrize("end", ["reset", "close", "quit"])
def test_a_watcher_that_vanishes_acknowledges_nothing(wire: Wire, connect: Connect, gate: Gate, end: str) -> None:
    start_lines(wire, gate)
    watcher = connect()
    begin(watcher, "watch processes y")
    watcher.batch()

    if end == "reset":
        watcher.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    if end == "quit":
        watcher.socket.shutdown(socket.SHUT_WR)
        assert watcher.read_to_end() == b""
    watcher.close()

    wait_for(lambda: "connections 1\n" in wire.command("info"), "the kernel has seen it go")
    assert buffered(wire, "y") == 3


def test_lines_sent_before_there_is_a_batch_acknowledge_nothing(wire: Wire, connect: Connect, gate: Gate) -> None:
    """D8: everything was thrown away, unread."""
    make(wire, "y", f"{gate.wait}; echo l1; {gate.wait}; echo l2; {gate.wait}")
    watcher = connect()

    watcher.send("watch processes y\n\n\n\n")
    watcher.read_until(b"Watching 1\n")
    gate.open()
    first = watcher.batch()
    gate.open()
    wait_until_buffered(wire, "y", 6)
    watcher.close()

    assert texts(first) == [b"l1\n"]
    begin(wire, "watch processes y")
    assert b"".join(texts(wire.batch())) == b"l1\nl2\n"


def test_lines_sent_in_one_piece_with_the_watch_acknowledge_nothing(wire: Wire, connect: Connect, gate: Gate) -> None:
    """D8, with output waiting already."""
    start_lines(wire, gate)
    watcher = connect()

    watcher.send("watch processes y\n\n\n\n")
    assert watcher.read_until(b"Watching 1\n")
    assert texts(watcher.batch()) == [b"l1\n"]
    watcher.close()

    assert buffered(wire, "y") == 3


def test_lines_on_their_way_when_output_comes_acknowledge_nothing(
    kernel: KernelProcess, wire: Wire, connect: Connect, gate: Gate, tmp_path: Path
) -> None:
    """D8: more of them than the kernel reads in a turn, all sent before there was a batch."""
    make(wire, "y", f"{gate.wait}; echo l1; : > {tmp_path}/printed; {gate.wait}")
    watcher = connect(unix=True)
    begin(watcher, "watch processes y")

    kernel.signal(signal.SIGSTOP)
    watcher.send(b"\n" * 100_000)
    gate.open()
    wait_for((tmp_path / "printed").exists, "it has printed")
    kernel.signal(signal.SIGCONT)
    assert texts(watcher.batch()) == [b"l1\n"]
    watcher.close()

    assert buffered(wire, "y") == 3


def test_lines_on_their_way_acknowledge_nothing_however_many_they_are(
    kernel: KernelProcess, wire: Wire, gate: Gate
) -> None:
    """More of them than are read in a turn before there is a batch."""
    start_lines(wire, gate)
    with kernel.connect() as watcher:
        kernel.signal(signal.SIGSTOP)
        watcher.socket.setblocking(False)
        watcher.send("watch processes y\n")
        with suppress(BlockingIOError):
            while True:
                watcher.send(b"\n" * 65536)
        kernel.signal(signal.SIGCONT)
        watcher.socket.settimeout(TIMEOUT)
        watcher.read_until(b"Watching 1\n")
        assert texts(watcher.batch()) == [b"l1\n"]

        assert buffered(wire, "y") == 3


@pytest.mark.parametrize("line", ["", "q"])
def test_a_line_sent_before_a_batch_has_arrived_whole_acknowledges_nothing(
    wire: Wire, connect: Connect, line: str
) -> None:
    """D8."""
    make(wire, "y", "head -c 900000 /dev/zero")
    wait_until_ended(wire, "y")
    watcher = connect(unix=True)
    watcher.send("watch processes y\n")
    # A larger read could take in the whole batch while the kernel writes it.
    assert watcher.socket.recv(len(b"Watching 1\n")) == b"Watching 1\n"
    assert watcher.socket.recv(4) == b"out:"

    watcher.send(f"{line}\n")
    wire.command("info")
    assert buffered(wire, "y") == 900_000
    if line == "q":
        assert watcher.read_until(b"Stopped watching\n> ").endswith(b"\n] Stopped watching\n> ")
    watcher.close()

    assert watch_to_end(wire, "y")["y"].out == bytes(900_000)


def test_a_command_typed_at_the_batch_prompt_is_a_line_like_any_other(wire: Wire, connect: Connect, gate: Gate) -> None:
    start_lines(wire, gate)
    watcher = connect()
    begin(watcher, "watch processes y")
    watcher.batch()

    watcher.send("list processes\n")
    gate.open()

    assert texts(watcher.batch()) == [b"l2\n"]


@pytest.mark.parametrize("line", ["q", "Q", "quit", " q ", "q\r"])
def test_q_acknowledges_the_batch_and_stops(wire: Wire, gate: Gate, line: str) -> None:
    start_lines(wire, gate)
    begin(wire, "watch processes y")
    wire.batch()

    wire.send(f"{line}\n")

    assert wire.read_until(b"> ") == b"Stopped watching\n> "
    assert buffered(wire, "y") == 0


def test_q_with_nothing_outstanding_stops_at_once_and_acknowledges_nothing(wire: Wire, gate: Gate) -> None:
    """D8: it waited for output, and then threw that away."""
    make(wire, "y", f"{gate.wait}; echo l1; {gate.wait}")

    begin(wire, "watch processes y")
    wire.send("q\n")

    assert wire.read_until(b"> ") == b"Stopped watching\n> "
    gate.open()
    wait_until_buffered(wire, "y", 3)
    begin(wire, "watch processes y")
    assert texts(wire.batch()) == [b"l1\n"]


def test_q_sent_with_the_watch_stops_before_any_batch(wire: Wire, gate: Gate) -> None:
    start_lines(wire, gate)

    wire.send("watch processes y\nq\nlist processes\n")

    assert wire.read_until(b"\n> ").startswith(b"Watching 1\nStopped watching\n> ")
    assert b" buffered=3 " in wire.read_until(b"\n> ")


def test_commands_go_on_where_a_watch_has_ended(wire: Wire, gate: Gate) -> None:
    start_lines(wire, gate)
    begin(wire, "watch processes y")
    wire.batch()

    wire.send("q\nset a 1\nget a\n")

    assert wire.read_until(b"1\n> ") == b"Stopped watching\n> \n> 1\n> "


def test_several_processes_are_watched_at_once_by_name_pattern_and_pid(wire: Wire) -> None:
    """D29."""
    rows = {name: make(wire, name, f"echo {name}; exit {number}") for number, name in enumerate(("a.1", "a.2", "b"))}
    make(wire, "c", "exec sleep 100")

    seen = watch_to_end(wire, "a.*", field_of(rows["b"], "pid"))

    assert {name: (one.out, one.statuses) for name, one in seen.items()} == {
        "a.1": (b"a.1\n", [0]), "a.2": (b"a.2\n", [1]), "b": (b"b\n", [2]),
    }  # fmt: skip
    assert wire.command("list processes").startswith("c pid=")


def test_a_pattern_takes_in_processes_made_later(wire: Wire, connect: Connect, gate: Gate) -> None:
    """D41."""
    watcher = connect()
    make(wire, "a.1", gate.wait)
    begin(watcher, "watch processes a.*")

    make(wire, "b.2", "echo other")
    make(wire, "a.2", f"echo later; {gate.wait}")
    assert texts(watcher.batch()) == [b"later\n"]
    gate.open()
    gate.open()

    assert {name: one.statuses for name, one in follow(watcher).items()} == {"a.1": [0], "a.2": [0]}


def follow(watcher: Wire) -> dict[str, Seen]:
    watcher.send("\n")
    return follow_to_end(watcher)


def test_all_of_a_process_comes_before_what_a_later_one_of_its_name_writes(wire: Wire, connect: Connect) -> None:
    """Their records look the same: the old end would be taken for the new one's."""
    make(wire, "y", "head -c 3000000 /dev/zero; exit 1", "bufsize=8m")
    wait_until_ended(wire, "y")
    watcher = connect()
    begin(watcher, "watch processes *")
    records = watcher.batch()

    wire.command("acknowledge processes y upto=3000001")
    make(wire, "y", "echo new; exit 2")
    wait_until_ended(wire, "y")
    while ends(records) < 2:
        watcher.send("\n")
        records += watcher.batch()
    watcher.send("\n")

    assert watcher.read_until(b"> ") == b"Nothing left to watch\n> "
    assert [text for text in texts(records) if text[0]] == [b"closed", b"new\n", b"closed"]
    assert sum(len(text) for text in texts(records) if not text[0]) == 3_000_000


def ends(records: list[tuple[str, bytes]]) -> int:
    return texts(records).count(b"closed")


def test_a_half_closed_watcher_gets_a_batch_and_is_closed_unacknowledged(wire: Wire, connect: Connect) -> None:
    make(wire, "y", "echo hello; exit 3")
    wait_until_ended(wire, "y")
    watcher = connect()

    watcher.send("watch processes y\n")
    watcher.socket.shutdown(socket.SHUT_WR)
    received = watcher.read_to_end()

    assert received.startswith(b"Watching 1\nout:y:")
    assert received.endswith(b":3\n] ")
    assert watch_to_end(wire, "y")["y"].out == b"hello\n"


@pytest.mark.parametrize("rest", ["x", "q"])
def test_a_watcher_that_goes_in_the_middle_of_a_line_is_closed(
    wire: Wire, connect: Connect, kernel: KernelProcess, rest: str
) -> None:
    make(wire, "y", "exec sleep 1000")
    watcher = connect()

    kernel.signal(signal.SIGSTOP)  # so that all of it has arrived when the kernel looks
    watcher.send(f"watch processes y\n{rest}")
    watcher.socket.shutdown(socket.SHUT_WR)
    kernel.signal(signal.SIGCONT)
    received = watcher.read_to_end()

    assert received == b"Watching 1\n" + b"Stopped watching\n> " * (rest == "q")


def test_a_name_with_a_colon_is_watched(wire: Wire, kernel: KernelProcess) -> None:
    """D23: the time, length and position are the last fields of a header, whatever the name holds."""
    wire.command("protocol 2")
    make(wire, "a:b:1", "printf x")
    wait_for(lambda: " status=" in row_of(wire, "a:b:1"), "it has ended")

    begin(wire, "watch processes a:b:1")

    header = wire.read_until(b"\n").decode().rstrip().rsplit(":", 3)
    assert (header[0], header[2:]) == ("out:a:b:1", ["1", "1"])


def test_a_stream_of_many_batches_arrives_whole(wire: Wire) -> None:
    make(wire, "y", "seq 1 700000", "bufsize=16m")

    seen = watch_to_end(wire, "y")["y"]

    assert seen.out == "".join(f"{number}\n" for number in range(1, 700001)).encode()
