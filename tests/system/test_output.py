"""What is kept of a process' output, in which order, and what has to go."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.gates import Gate
from support.kernels import KernelProcess
from support.proc import resident
from support.waiting import wait_for
from support.watching import (
    Seen,
    begin,
    field_of,
    make,
    make_python,
    row_of,
    sort,
    wait_until_buffered,
    wait_until_ended,
    watch_to_end,
)
from support.wire import Wire

MEGABYTE = 1 << 20


def test_both_streams_are_captured_to_the_last_byte(wire: Wire) -> None:
    make_python(wire, "y", "os.write(1, bytes(range(256)) * 100); os.write(2, b'no line end'); os._exit(3)")

    seen = watch_to_end(wire, "y")["y"]

    assert seen.out == bytes(range(256)) * 100
    assert seen.err == b"no line end"
    assert seen.statuses == [3]
    assert seen.order[-1] == "closed"


def test_the_end_of_one_stream_does_not_stop_the_other(wire: Wire, tmp_path: Path) -> None:
    """D6: got out1, then closed -13."""
    with Gate(tmp_path / "gate") as gate:
        make(wire, "y", f"exec 2>&-; for i in 1 2 3; do echo out$i; {gate.wait}; done; exit 5")
        make(wire, "z", f"exec 1>&-; for i in 1 2 3; do echo err$i >&2; {gate.wait}; done; exit 6")
        for name in "yz":
            wait_until_buffered(wire, name, 5)
        for _ in range(6):
            gate.open()

        seen = watch_to_end(wire, "y", "z")

    assert (seen["y"].out, seen["y"].err, seen["y"].statuses) == (b"out1\nout2\nout3\n", b"", [5])
    assert (seen["z"].out, seen["z"].err, seen["z"].statuses) == (b"", b"err1\nerr2\nerr3\n", [6])


def test_everything_written_before_a_sudden_death_comes_before_the_end(wire: Wire) -> None:
    make_python(wire, "y", "os.write(1, b'o' * 60000); os.write(2, b'e' * 60000); os.kill(os.getpid(), 9)")

    seen = watch_to_end(wire, "y")["y"]

    assert (len(seen.out), len(seen.err), seen.statuses) == (60000, 60000, [-9])
    assert seen.order.index("closed") == len(seen.order) - 1


def test_records_tell_when_they_were_read_and_never_go_back(wire: Wire, tmp_path: Path) -> None:
    before = time.time()
    with Gate(tmp_path / "gate") as gate:
        make(wire, "y", f"echo 1; {gate.wait}; echo 2 >&2; {gate.wait}; echo 3")
        for count in (2, 4):
            wait_until_buffered(wire, "y", count)
            gate.open()
        wait_until_ended(wire, "y")

        seen = watch_to_end(wire, "y")["y"]

    assert seen.order == ["out", "err", "out", "closed"]
    moments = [before, *seen.times, time.time()]
    assert moments == sorted(moments)


def test_the_wire_format_of_dialect_1_is_papa_1_0s(wire: Wire) -> None:
    make(wire, "y", "printf 'a\\nb'; exit 3")
    wait_until_ended(wire, "y")

    begin(wire, "watch processes y")
    batch = wire.read_until(b"] ")
    wire.send("\n")

    moment = rb"\d{10}\.\d+"
    assert re.fullmatch(rb"out:y:%b:3\na\nb\nclosed:y:%b:3\n\] " % (moment, moment), batch)
    assert wire.read_until(b"> ") == b"Nothing left to watch\n> "


def test_records_of_dialect_2_carry_the_position_at_which_they_end(wire: Wire) -> None:
    make(wire, "y", "printf 'a\\nb'; exit 3")
    wait_until_ended(wire, "y")
    wire.command("protocol 2")

    begin(wire, "watch processes y")
    batch = wire.read_until(b"] ")

    moment = rb"\d{10}\.\d+"
    assert re.fullmatch(rb"out:y:%b:3:3\na\nb\nclosed:y:%b:3:4\n\] " % (moment, moment), batch)


@pytest.mark.parametrize("bufsize", [100, 1024, 4096, 65536])
def test_on_overflow_the_oldest_goes_and_is_counted(wire: Wire, bufsize: int) -> None:
    """D15: one chunk too many lost all but the last 4 bytes, and nothing said so."""
    written = "".join(f"{number}\n" for number in range(1, 30001)).encode() + b"end\n"
    make(wire, "y", "seq 1 30000; echo end; exit 0", f"bufsize={bufsize}")
    row = wait_until_ended(wire, "y")

    seen = watch_to_end(wire, "y")["y"]

    assert written.endswith(seen.out)
    assert bufsize - max(64, bufsize // 16) < len(seen.out) <= bufsize
    assert field_of(row, "buffered") == str(len(seen.out))
    assert field_of(row, "dropped") == str(len(written) - len(seen.out))
    assert seen.statuses == [0]


def test_a_buffer_of_less_than_a_record_keeps_its_last_bytes(wire: Wire) -> None:
    make(wire, "y", "seq 1 1000", "bufsize=10")
    wait_until_ended(wire, "y")

    assert watch_to_end(wire, "y")["y"].out == b"\n999\n1000\n"


def test_a_watcher_of_dialect_2_is_told_what_it_lost(wire: Wire, connect: Callable[..., Wire], tmp_path: Path) -> None:
    other = connect()
    wire.command("protocol 2")
    with Gate(tmp_path / "gate") as gate:
        make(wire, "y", f"echo start; {gate.wait}; seq 1 5000", "bufsize=4k")
        begin(wire, "watch processes y")
        seen = {"y": Seen()}
        sort(wire.batch(), seen)
        gate.open()
        wait_for(lambda: field_of(row_of(other, "y"), "dropped") != "0", "the process has waited long enough")
        while not seen["y"].ended:
            wire.send("\n")
            sort(wire.batch(), seen)

    total = len("".join(f"{number}\n" for number in range(1, 5001)))
    assert seen["y"].order[:2] == ["out", "lost"]
    assert seen["y"].lost + len(seen["y"].out) == total + len("start\n")


def test_many_writers_on_one_pipe_stay_within_the_buffer(kernel: KernelProcess, wire: Wire) -> None:
    """D14: four ``yes`` on one pipe grew papa 1.0 to 559 MB."""
    make(wire, "warm-up", "exec timeout 0.2 yes", "bufsize=1m")
    wait_until_ended(wire, "warm-up")
    before = resident(kernel.pid)

    make(wire, "y", "yes & yes & yes & yes & wait", "bufsize=1m")
    row = wait_for(lambda: enough(row_of(wire, "y"), 50 * MEGABYTE), "50 MB have been dropped")

    assert int(field_of(row, "buffered")) <= MEGABYTE
    assert resident(kernel.pid) - before < 6 * MEGABYTE


def enough(row: str, count: int) -> str:
    return row if int(field_of(row, "dropped")) > count else ""


def test_a_million_single_bytes_cost_little_more_than_a_million_bytes(kernel: KernelProcess, wire: Wire) -> None:
    """D16, acceptance 7: less than 8 MB."""
    before = resident(kernel.pid)
    make_python(wire, "y", "w = os.write; [w(1, b'x') for _ in range(10 ** 6)]", "bufsize=1m")

    row = wait_until_ended(wire, "y")

    growth = resident(kernel.pid) - before
    print(f"a million single bytes: {growth / MEGABYTE:.2f} MB")
    assert growth < 8 * MEGABYTE
    assert (field_of(row, "buffered"), field_of(row, "dropped")) == ("1000000", "0")
    seen = watch_to_end(wire, "y")["y"]
    assert seen.out == b"x" * 10**6


def test_single_bytes_that_alternate_between_the_streams_stay_bounded(kernel: KernelProcess, wire: Wire) -> None:
    """D16: neighbours of different streams cannot be merged."""
    before = resident(kernel.pid)
    script = "w = os.write; [w(1 + (n & 1), b'x') for n in range(200_000)]"
    make_python(wire, "y", script, "bufsize=1m")

    row = wait_until_ended(wire, "y")

    assert resident(kernel.pid) - before < 8 * MEGABYTE
    assert int(field_of(row, "buffered")) + int(field_of(row, "dropped")) == 200_000


def test_watchers_that_do_not_read_hold_no_copies(
    kernel: KernelProcess, wire: Wire, connect: Callable[..., Wire]
) -> None:
    """D16: three of them took 430 MB for a buffer of 150 MB."""
    make_python(wire, "y", "[os.write(1, b'x' * 65536) for _ in range(480)]", "bufsize=32m")
    wait_until_ended(wire, "y")
    before = resident(kernel.pid)

    watchers = [connect() for _ in range(5)]
    for watcher in watchers:
        watcher.send("watch processes y\n")
    for watcher in watchers:
        watcher.read_until(b"Watching 1\nout:")
    # The kernel answers after it has given each what its connection takes.
    wire.command("info")

    assert resident(kernel.pid) - before < 4 * MEGABYTE
