"""How processes end: what they leave in pipes, descendants that hold them, and nobody dying of SIGPIPE."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.gates import Gate
from support.kernels import KernelProcess
from support.proc import descriptors, running_with
from support.waiting import wait_for
from support.watching import (
    Seen,
    batches_until,
    begin,
    field_of,
    make,
    make_python,
    pid_of,
    row_of,
    sort,
    wait_until_buffered,
    wait_until_ended,
    watch_to_end,
)
from support.wire import Wire

Connect = Callable[..., Wire]
ATTEMPTS = 10


def test_the_end_is_told_at_once_though_a_descendant_holds_the_pipes(wire: Wire, gate: Gate) -> None:
    """D17: a zombie, shown as running, and its end 4.4 s late."""
    make(wire, "y", f"({gate.wait}) & echo last words; exit 3")

    # The descendant waits for the test, so an end that waited for it would never come.
    seen = watch_to_end(wire, "y")["y"]

    assert (seen.out, seen.statuses, seen.order[-1]) == (b"last words\n", [3], "closed")
    gate.open()


def test_the_end_is_told_within_a_second_of_death(wire: Wire, gate: Gate) -> None:
    """On a machine that is busy with other tests not every time, but soon once."""
    seconds: list[float] = []
    while len(seconds) < ATTEMPTS and min(seconds, default=1.0) >= 1:
        name = f"y{len(seconds)}"
        pid = pid_of(make(wire, name, f"({gate.wait}) & exec sleep 100"))
        begin(wire, f"watch processes {name}")

        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        header = wire.batch()[-1][0]

        seconds.append(time.monotonic() - killed)
        assert header.startswith(f"closed:{name}:")
        assert header.endswith(":-9")
        wire.send("\n")
        wire.read_until(b"> ")
        gate.open()
    assert min(seconds) < 1


def test_what_a_descendant_writes_later_still_arrives(wire: Wire, connect: Connect, gate: Gate) -> None:
    make(wire, "y", f"({gate.wait}; echo later; {gate.wait}) & exit 3")
    wait_until_ended(wire, "y")
    tail = connect()
    begin(tail, "tail processes y")
    assert batches_until(tail, "y", "closed").statuses == [3]

    gate.open()

    assert batches_until(tail, "y", b"later\n").order == ["out"]
    gate.open()
    # Nothing holds the pipes any more, so nothing is left to tail.
    assert tail.read_until(b"> ") == b"Nothing left to tail\n> "
    seen = Seen()
    begin(wire, "watch processes y")
    for header, data in wire.batch():
        seen.add(header, data)
    assert (seen.out, seen.statuses, seen.order) == (b"later\n", [3], ["closed", "out"])


def test_a_descendant_outlives_the_acknowledged_end_without_harm(
    kernel: KernelProcess, wire: Wire, gate: Gate, tmp_path: Path
) -> None:
    before = descriptors(kernel.pid)
    make(wire, "y", f"({gate.wait}; seq 1 100000; echo $? > {tmp_path}/result) & exit 3")
    watch_to_end(wire, "y")
    assert row_of(wire, "y") == ""

    gate.open()

    assert result(tmp_path / "result") == "0\n"
    wait_for(lambda: descriptors(kernel.pid) == before, "its pipes are closed")


def test_linger_eof_waits_for_whoever_holds_the_pipes(wire: Wire, gate: Gate) -> None:
    make(wire, "y", f"({gate.wait}; echo later) & echo first; exit 3", "linger=eof")
    wait_until_ended(wire, "y")
    begin(wire, "watch processes y")
    seen = {"y": Seen()}
    sort(wire.batch(), seen)
    wire.send("\n")

    assert seen["y"].statuses == []
    gate.open()
    while not seen["y"].ended:
        sort(wire.batch(), seen)
        wire.send("\n")

    assert (seen["y"].out, seen["y"].statuses, seen["y"].order[-1]) == (b"first\nlater\n", [3], "closed")


def test_linger_eof_of_a_removed_process_keeps_it_listed_until_then(wire: Wire, gate: Gate) -> None:
    make(wire, "y", f"({gate.wait}; echo later) & exit 3", "linger=eof")
    wait_until_ended(wire, "y")

    wire.command("remove processes y")

    assert field_of(row_of(wire, "y"), "status") == "3"
    gate.open()
    wait_for(lambda: row_of(wire, "y") == "", "it leaves the list")


def test_a_flood_of_a_descendant_does_not_hold_up_the_end(wire: Wire, tmp_path: Path) -> None:
    make(wire, "y", f"exec yes & echo $! > {tmp_path}/pid; exit 3", "bufsize=64k")

    row = wait_until_ended(wire, "y")

    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    assert field_of(row, "status") == "3"
    assert watch_to_end(wire, "y")["y"].statuses == [3]


def test_the_end_is_never_lost_to_an_overflow(wire: Wire, gate: Gate) -> None:
    make(wire, "y", f"({gate.wait}; seq 1 10000) & echo first; exit 3", "bufsize=1k")
    wait_until_ended(wire, "y")

    written = len("first\n" + "".join(f"{number}\n" for number in range(1, 10_001)))
    gate.open()
    wait_for(lambda: field_of(row_of(wire, "y"), "position") == str(written + 1), "all has been read, beside the end")
    assert int(field_of(row_of(wire, "y"), "dropped")) > 40_000

    begin(wire, "watch processes y")
    seen = {"y": Seen()}
    sort(wire.batch(), seen)
    assert seen["y"].statuses == [3]
    assert seen["y"].out.endswith(b"9999\n10000\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_printing_processes_go_on_when_the_kernel_ends(
    kernel: KernelProcess, wire: Wire, gate: Gate, tmp_path: Path, number: int
) -> None:
    """D7: every one died of SIGPIPE at its next word."""
    script = f"echo $$; {gate.wait}; seq 1 100000; seq 1 100000 >&2; echo $? > {tmp_path}/result"
    make(wire, "y", script)
    make(wire, "z", f"({gate.wait}; seq 1 100000; echo $? > {tmp_path}/descendant) & exit 0")
    wait_until_buffered(wire, "y", 2)
    wait_until_ended(wire, "z")

    kernel.signal(number)
    assert kernel.wait() == 0
    gate.open()
    gate.open()

    assert result(tmp_path / "result") == "0\n"
    assert result(tmp_path / "descendant") == "0\n"


def result(path: Path) -> str:
    """Return what a script writes to a file, once it has."""
    return wait_for(lambda: path.read_text() if path.exists() else "", f"{path} is written")


def kinds_of_descriptors(pid: int) -> set[str]:
    return {target.partition(":")[0] for target in descriptors(pid).values()}


def test_what_reads_on_after_the_kernel_ends_with_the_last_writer(
    kernel: KernelProcess, wire: Wire, gate: Gate
) -> None:
    make(wire, "y", gate.wait)
    kernel.signal(signal.SIGTERM)
    kernel.wait()

    (reader,) = running_with(kernel.path)
    wait_for(lambda: kinds_of_descriptors(reader) <= {"/dev/null", "pipe", "anon_inode"}, "it keeps the pipes")

    gate.open()

    wait_for(lambda: not running_with(kernel.path), "the reader has ended")


def test_processes_made_with_bufsize_0_never_notice_the_kernels_end(
    kernel: KernelProcess, wire: Wire, gate: Gate, tmp_path: Path
) -> None:
    make(wire, "y", f"{gate.wait}; echo lost; echo $? > {tmp_path}/result", "bufsize=0")
    kernel.signal(signal.SIGKILL)
    kernel.wait()

    gate.open()

    assert result(tmp_path / "result") == "0\n"


def test_hundreds_of_quick_deaths_are_all_told(wire: Wire) -> None:
    for number in range(200):
        wire.send(f"make process y.{number} bufsize=4k /bin/sh -c exit\\ {number}\n")
        wire.send(f"make process z.{number} bufsize=0 /bin/true\n")
    for _ in range(400):
        assert b" pid=" in wire.read_until(b"\n> ")

    seen = watch_to_end(wire, "*")

    assert {name: one.statuses for name, one in seen.items() if name[0] == "y"} == {
        f"y.{number}": [number] for number in range(200)
    }
    assert all(seen[f"z.{number}"].statuses == [0] for number in range(200))


def test_the_end_comes_after_what_a_python_program_wrote_to_both_streams(wire: Wire) -> None:
    for number in range(30):
        make_python(wire, f"y.{number}", "os.write(2, b'e' * 5000); os.write(1, b'o' * 5000); os.abort()")

    seen = watch_to_end(wire, "y.*")

    assert {(len(one.out), len(one.err), *one.statuses, one.order[-1]) for one in seen.values()} == {
        (5000, 5000, -6, "closed")
    }
