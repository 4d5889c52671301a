"""What the kernel does when it has no more memory: who asks for it is told, and everything else goes on."""

import re
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from papa_protocol.rows import read_info
from support.faults import Fault
from support.gates import Gate
from support.kernels import KernelProcess
from support.proc import status_field
from support.waiting import wait_for
from support.watching import Seen, begin, make, sort
from support.wire import Wire

StartKernel = Callable[..., KernelProcess]
MEGABYTE = 1 << 20
NO_MEMORY = "Error: The kernel has too little memory for that"


def limit_memory(pid: int, more: int) -> None:
    """Let a process have no more than so many bytes beyond what it has."""
    size = status_field(pid, "VmSize") * 1024 + more
    resource.prlimit(pid, resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))


def test_a_reply_for_which_there_is_no_memory_is_an_error(kernel: KernelProcess, wire: Wire) -> None:
    for number in range(8):
        wire.command(f"set a{number} {'x' * (7 * MEGABYTE)}")
    limit_memory(kernel.pid, 40 * MEGABYTE)

    reply = wire.command("list values")

    assert reply == "Error: The kernel has too little memory for that"
    assert wire.command("set b 1") == ""
    assert wire.command("get b") == "1"
    limit_memory(kernel.pid, 1024 * MEGABYTE)
    assert len(wire.command("list values")) == 8 * (7 * MEGABYTE + 4) + 3


def test_output_for_which_there_is_no_memory_displaces_the_oldest(kernel: KernelProcess, wire: Wire) -> None:
    limit_memory(kernel.pid, 24 * MEGABYTE)
    make(wire, "y", "yes | head -c 60m; exec sleep 1000", "bufsize=64m")

    wait_for(lambda: f"position {60 * MEGABYTE}\n" in wire.command("info"), "all has been read")

    found = re.search(r"buffered=(\d+) dropped=(\d+) ", wire.command("list processes y"))
    assert found
    buffered, dropped = map(int, found.groups())
    assert buffered + dropped == 60 * MEGABYTE
    assert buffered > 4 * MEGABYTE
    assert dropped > 4 * MEGABYTE
    assert wire.command("set b 1") == ""
    print(f"{buffered:,} bytes kept, {dropped:,} dropped")


@pytest.mark.parametrize("more", [3, 9])
def test_a_line_for_which_there_is_no_memory_is_an_error_and_the_next_is_answered(
    kernel: KernelProcess, wire: Wire, more: int
) -> None:
    """With the less there is none for its pieces, with the more none to join them."""
    limit_memory(kernel.pid, more * MEGABYTE)

    wire.send(f"set a {'x' * (7 * MEGABYTE)}\nset b 1\nget b\n")

    assert wire.read_until(b"\n> ").decode() == f"{NO_MEMORY}\n> "
    assert wire.read_until(b"\n> ") == b"\n> "
    assert wire.read_until(b"\n> ") == b"1\n> "
    assert wire.command("get a") == ""


def test_replies_to_commands_sent_ahead_are_not_copied_together(kernel: KernelProcess, wire: Wire) -> None:
    for number in range(4):
        wire.command(f"set a{number} {'x' * (7 * MEGABYTE)}")
    limit_memory(kernel.pid, 100 * MEGABYTE)

    wire.send("get b\nlist values\nget b\n")

    assert wire.read_until(b"\n> ") == b"\n> "
    assert len(wire.read_until(b"\n> ")) == 4 * (7 * MEGABYTE + 4) + 2
    assert wire.read_until(b"\n> ") == b"\n> "


def test_output_that_cannot_be_held_at_all_is_counted_as_dropped_and_readers_are_told(
    start_kernel: StartKernel, tmp_path: Path, gate: Gate
) -> None:
    fault = Fault(tmp_path, "papa_kernel.output.Ring._add_record")
    kernel = start_kernel(env=fault.env)
    with kernel.connect() as wire, kernel.connect() as watcher:
        watcher.command("protocol 2")
        make(wire, "y", f"echo one; {gate.wait}; seq 10000; {gate.wait}; echo three; exit 3")
        begin(watcher, "watch processes y")
        seen = {"y": Seen()}
        sort(watcher.batch(), seen)
        fault.begin()
        gate.open()
        written = len("one\n" + "".join(f"{number}\n" for number in range(1, 10001)))
        wait_for(lambda: f"position {written}\n" in wire.command("info"), "all of it has been read")
        fault.end()
        gate.open()
        while not seen["y"].ended:
            watcher.send("\n")
            sort(watcher.batch(), seen)

    assert seen["y"].out == b"one\nthree\n"
    assert seen["y"].lost == written - len("one\n")
    assert seen["y"].statuses == [3]
    assert "bug" not in kernel.log_text()


def test_a_command_that_there_is_no_memory_to_read_waits_until_there_is(
    start_kernel: StartKernel, tmp_path: Path
) -> None:
    fault = Fault(tmp_path, "socket.socket.recv")
    kernel = start_kernel(env=fault.env)
    with kernel.connect() as wire:
        fault.begin()
        wire.send("set b 1\nget b\n")
        wait_for(lambda: fault.count > 1, "it has been tried again")

        fault.end()

        assert wire.read_until(b"\n> ") == b"\n> "
        assert wire.read_until(b"\n> ") == b"1\n> "


def test_what_a_connection_has_no_memory_for_ends_that_connection_only(
    start_kernel: StartKernel, tmp_path: Path
) -> None:
    """A watcher's batch is no answer, so nothing can be said in its place; it stays for the next."""
    fault = Fault(tmp_path, "papa_kernel.streams.Stream.batch")
    kernel = start_kernel(env=fault.env)
    with kernel.connect() as wire, kernel.connect() as watcher:
        make(wire, "y", "echo one; exec sleep 1000")
        wait_for(lambda: "buffered 4\n" in wire.command("info"), "it has spoken")
        fault.begin()

        watcher.send("watch processes y\n")

        assert watcher.read_to_end() == b"Watching 1\n"
        fault.end()
        assert "connections 1\n" in wire.command("info")
        begin(wire, "watch processes y")
        assert [data for _, data in wire.batch()] == [b"one\n"]
    assert "There is no memory for " in kernel.log_text()


def test_who_uses_up_the_memory_ends_nothing(kernel: KernelProcess, wire: Wire, connect: Callable[..., Wire]) -> None:
    """Values, long replies and output take all there is; output makes room for output, and removing it for values."""
    hungry, talkers = connect(), 4
    limit_memory(kernel.pid, 24 * MEGABYTE)
    for number in range(talkers):
        make(wire, f"y.{number}", "yes | head -c 20m; exec sleep 1000", "bufsize=32m")
    refused = 0
    for number in range(100):
        hungry.send(f"set a{number} {'x' * 500_000}\nlist values\n")
        refused += [hungry.read_until(b"\n> ").decode()[:-3] for _ in range(2)].count(NO_MEMORY)
        assert wire.command("set b 1") in ("", NO_MEMORY)

    position = talkers * 20 * MEGABYTE
    wait_for(lambda: f"position {position}\n" in wire.command("info"), "all output has been read")
    info = read_info(wire.command("info"))
    assert refused > 0
    assert info["buffered"] + info["dropped"] == position
    assert wire.command("remove processes y.*") == ""
    assert hungry.command(f"set c {'x' * 500_000}") == ""
    assert "bug" not in kernel.log_text()
    print(f"{refused} commands refused; {info['values']} values and {info['buffered']:,} bytes of output kept")
