"""A kernel that holds much output and is replaced: the next one serves before it has read all of it."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from support.faults import Fault
from support.guarded import GuardedKernel
from support.kernels import KernelProcess
from support.proc import descriptors
from support.upgrades import upgrade
from support.waiting import wait_for
from support.watching import batches_until, begin, field_of, make, row_of, wait_until_buffered
from support.wire import Wire

Connect = Callable[..., Wire]
LAST = 1_300_000


def start_large(wire: Wire) -> None:
    """Start a process that has written much, which nobody has read yet, and goes on."""
    make(wire, "y", f"seq 1 {LAST}; exec sleep 1000", "bufsize=64m")
    wait_until_buffered(wire, "y", len(large()))


@cache
def large() -> bytes:
    """Return what it has written."""
    return b"".join(b"%d\n" % number for number in range(1, LAST + 1))


def moved_in(pid: int) -> bool:
    """Whether a kernel has let go of what the one before handed over."""
    is_open = any("papa-state" in target for target in descriptors(pid).values())
    return not is_open and "memfd:papa" not in Path(f"/proc/{pid}/maps").read_text()


def read_large(wire: Wire) -> None:
    wire.command("protocol 2")
    begin(wire, "tail processes y")
    assert batches_until(wire, "y", b"\n%d\n" % LAST).out == large()


def test_much_output_that_nobody_has_read_stays_whole(kernel: KernelProcess, wire: Wire, connect: Connect) -> None:
    start_large(wire)

    upgrade(wire)
    read_large(connect())

    wait_for(lambda: moved_in(kernel.pid), "the file has gone")
    read_large(connect())


def test_much_output_stays_whole_through_upgrades_that_follow_at_once(wire: Wire, connect: Connect) -> None:
    start_large(wire)

    wire.send("upgrade\nupgrade\nupgrade\n")
    said = b"".join(wire.read_until(b"\n> ") for _ in range(3))
    assert said.count(b" goes on in place of ") == 3

    read_large(connect())


def test_much_output_is_forgotten_right_after_an_upgrade(kernel: KernelProcess, wire: Wire, connect: Connect) -> None:
    start_large(wire)

    wire.send(f"upgrade\nacknowledge processes y upto={len(large()) - 14}\n")
    wire.read_until(b"\n> ")
    wire.read_until(b"\n> ")

    wait_for(lambda: moved_in(kernel.pid), "the file has gone")
    assert field_of(row_of(wire, "y") + " args=", "buffered") == "14"


def test_much_output_stays_whole_where_there_is_no_memory_to_move_it_at_first(
    start_kernel: Callable[..., KernelProcess], tmp_path: Path
) -> None:
    fault = Fault(tmp_path, "papa_kernel.records.Record.own")
    kernel = start_kernel(env=fault.env)
    with kernel.connect() as wire, kernel.connect() as reader, kernel.connect() as later:
        start_large(wire)
        fault.begin()
        upgrade(wire)
        wait_for(lambda: fault.count, "it has failed")
        read_large(reader)
        assert not moved_in(kernel.pid)

        fault.end()

        wait_for(lambda: moved_in(kernel.pid), "the file has gone")
        read_large(later)


def test_much_output_stays_whole_through_crashes(guarded: GuardedKernel) -> None:
    with guarded.connect() as wire:
        start_large(wire)

    for _ in range(2):
        with guarded.crash_and_connect() as wire:
            read_large(wire)

    wait_for(lambda: moved_in(guarded.kernel), "the file has gone")
    with guarded.connect() as wire:
        read_large(wire)


def test_what_a_journal_has_of_output_that_did_not_fit_is_not_there_after_a_crash(guarded: GuardedKernel) -> None:
    with guarded.connect() as wire:
        make(wire, "y", f"seq 1 {LAST}; exec sleep 1000", "bufsize=64k")
        wait_for(lambda: field_of(row_of(wire, "y"), "position") == str(len(large())), "all has been written")

    with guarded.crash_and_connect() as wire:
        wire.command("protocol 2")
        begin(wire, "tail processes y")
        seen = batches_until(wire, "y", b"\n%d\n" % LAST)

    assert len(seen.out) + seen.lost == len(large())
    assert large().endswith(seen.out)
