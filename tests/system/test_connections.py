"""Connections: many, half-closed, slow, flooding, reset; none of them harms the others."""

import os
import resource
import signal
import socket
import struct
from collections.abc import Callable

import pytest

from support.kernels import KernelProcess
from support.proc import descriptors, most_resident, processor_seconds, resident, sent_again_by
from support.waiting import wait_for
from support.watching import begin, make
from support.wire import TIMEOUT, Wire

Connect = Callable[..., Wire]
MEGABYTE = 1 << 20


def test_commands_may_be_sent_ahead_and_are_answered_in_order(wire: Wire) -> None:
    wire.send("".join(f"set a{n} {n}\nget a{n}\n" for n in range(2000)))

    for number in range(2000):
        assert wire.read_until(b"> ") == b"\n> "
        assert wire.read_until(b"> ") == b"%d\n> " % number


def test_a_line_may_arrive_byte_by_byte(wire: Wire) -> None:
    for byte in b"set a 1\r\nget a\n":
        wire.send(bytes([byte]))

    assert wire.read_until(b"1\n> ") == b"\n> 1\n> "


def test_an_empty_line_brings_the_prompt_again(wire: Wire) -> None:
    wire.send("\n   \n\r\n")

    assert wire.read_until(b"> > > ") == b"> > > "


@pytest.mark.parametrize("unix", [False, True])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_half_closed_client_gets_its_answers(connect: Connect, unix: bool, end: bytes) -> None:
    client = connect(unix=unix)

    client.send(b"set a 1\nget a" + end)
    client.socket.shutdown(socket.SHUT_WR)

    assert client.read_to_end() == b"\n> 1\n> "


def test_the_greeting_comes_without_asking(kernel: KernelProcess) -> None:
    with kernel.connect() as wire:
        assert wire.greeting.endswith(b"\n> ")


def test_a_line_of_many_megabytes_is_refused_quickly_and_the_next_is_answered(
    kernel: KernelProcess, wire: Wire
) -> None:
    """D35: 8 MB without a line end took 8 s of its time, and all of them of its memory."""
    wire.command("get a")
    before, processor = resident(kernel.pid), processor_seconds(kernel.pid)

    for _ in range(64):
        wire.send(b"x" * MEGABYTE)
    reply = wire.command("")

    assert reply.startswith("Error: A line can have 8388608 bytes at most")
    assert wire.command("get a") == ""
    assert resident(kernel.pid) - before < 20 * MEGABYTE
    assert processor_seconds(kernel.pid) - processor < 2


def test_fifty_clients_at_once_are_all_answered_at_once(kernel: KernelProcess) -> None:
    """D34: of 50 simultaneous connections 37 were never answered."""
    clients = [socket.create_connection(("127.0.0.1", kernel.port), TIMEOUT) for _ in range(300)]
    sent_again = sum(map(sent_again_by, clients))
    for client in clients:
        client.sendall(b"get a\nquit\n")
    answers = [b"".join(iter(lambda: client.recv(4096), b"")) for client in clients]  # noqa: B023

    for client in clients:
        client.close()
    assert len({len(answer) for answer in answers}) == 1
    assert answers[0].endswith(b"> \n> ok\n")
    assert sent_again == 0  # who has to send its SYN again waits for a second


def test_a_thousand_idle_clients_do_not_keep_others_waiting(kernel: KernelProcess, wire: Wire) -> None:
    clients = [Wire(kernel.path, greeted=False) for _ in range(1000)]

    wait_for(lambda: "connections 1001\n" in wire.command("info"), "all are accepted")
    before = processor_seconds(kernel.pid)
    for _ in range(20):
        wire.command("get a")

    assert processor_seconds(kernel.pid) - before < 0.2
    for client in clients:
        client.close()
    wait_for(lambda: "connections 1\n" in wire.command("info"), "all are gone")


def test_a_lack_of_descriptors_refuses_connections_and_ends_nothing(
    start_kernel: Callable[..., KernelProcess],
) -> None:
    """D32: papa 1.0 died of the first accept that failed."""
    kernel = start_kernel(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
    first = kernel.connect()
    first.command("set a 1")

    clients = [Wire(kernel.port, greeted=False) for _ in range(100)]
    greetings = [client.read_until(b"\n") for client in clients]

    refused = [greeting for greeting in greetings if greeting.startswith(b"Error: ")]
    assert set(refused) == {b"Error: The kernel has no free descriptors; try again later\n"}
    assert 40 < len(refused) < 70
    assert f"refused {len(refused)}\n" in first.command("info")
    assert first.command("get a") == "1"
    assert first.command("make process y /bin/true").startswith("Error: No pipe can be made: too many open files")
    assert first.command("make socket s").startswith("Error: ")
    for client in clients:
        client.close()
    wait_for(lambda: "connections 1\n" in first.command("info"), "the others are gone")
    assert first.command("make process y /bin/sleep 100").startswith("y pid=")
    first.close()


@pytest.mark.parametrize("unix", [False, True])
def test_a_watcher_that_goes_while_its_process_is_silent_leaves_nothing(
    kernel: KernelProcess, wire: Wire, connect: Connect, unix: bool
) -> None:
    """D33: a thread and a descriptor each, for ever."""
    make(wire, "y", "exec sleep 100")
    before = descriptors(kernel.pid)
    watchers = [connect(unix=unix) for _ in range(20)]
    for number, watcher in enumerate(watchers):
        begin(watcher, f"{('watch', 'tail')[number % 2]} processes y")

    for watcher in watchers:
        watcher.close()

    wait_for(lambda: descriptors(kernel.pid) == before, "their descriptors are closed")
    assert "connections 1\n" in wire.command("info")


def test_a_connection_that_is_reset_before_it_is_accepted_leaves_nothing(kernel: KernelProcess, wire: Wire) -> None:
    os.kill(kernel.pid, signal.SIGSTOP)
    for _ in range(5):
        client = socket.create_connection(("127.0.0.1", kernel.port), TIMEOUT)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    os.kill(kernel.pid, signal.SIGCONT)

    # They come first in the queue, so the answer to a later connection comes after them.
    kernel.connect().close()
    wait_for(lambda: "connections 1\n" in wire.command("info"), "no connection is left")


@pytest.mark.parametrize("unix", [False, True])
def test_a_client_that_does_not_read_is_not_read_from(
    kernel: KernelProcess, wire: Wire, connect: Connect, unix: bool
) -> None:
    value = "x" * 4096
    wire.command(f"set a {value}")
    flooder = connect(unix=unix)
    before = most_resident(kernel.pid)

    flooder.send("get a\n" * 10000)
    wire.command("get b")

    assert most_resident(kernel.pid) - before < 8 * MEGABYTE
    flooder.socket.shutdown(socket.SHUT_WR)
    assert flooder.read_to_end() == f"{value}\n> ".encode() * 10000


def test_a_watcher_that_sends_lines_and_reads_nothing_does_not_fill_the_kernel(
    kernel: KernelProcess, wire: Wire, connect: Connect
) -> None:
    make(wire, "y", "exec yes", "bufsize=8m")
    wait_for(lambda: "dropped 0" not in wire.command("info"), "its buffer is full")
    watcher = connect(unix=True)
    watcher.send("watch processes y\n")
    before = most_resident(kernel.pid)

    watcher.send(b"\n" * (2 * MEGABYTE))
    wire.command("get a")

    assert most_resident(kernel.pid) - before < 12 * MEGABYTE


def test_a_talker_does_not_keep_others_waiting(wire: Wire) -> None:
    for number in range(4):
        make(wire, f"y.{number}", "exec yes")
    wait_for(lambda: "dropped 0\n" not in wire.command("info"), "they talk")

    for number in range(100):
        wire.command(f"set a {number}")
        assert wire.command("get a") == str(number)


def test_many_commands_sent_ahead_do_not_keep_others_waiting(
    kernel: KernelProcess, wire: Wire, connect: Connect
) -> None:
    """They take turns: another client is answered long before the last of them."""
    many = connect(unix=True)

    kernel.signal(signal.SIGSTOP)  # so that it finds the lines of both
    many.send(b"".join(b"make process y.%d bufsize=0 /bin/true\n" % number for number in range(1000)))
    wire.send("info\n")
    kernel.signal(signal.SIGCONT)
    made = wire.read_until(b"\n> ").decode().split("processes ")[1].split("\n")[0]

    assert int(made) < 200
