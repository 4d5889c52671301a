"""Two thousand processes at once, in one thread, asleep when they are."""

import os
import signal
import socket
import time
from collections.abc import Callable

from support.gates import Gate
from support.kernels import KernelProcess
from support.ports import free_port
from support.proc import descriptors, resident, settled_wake_ups, status_field, wake_ups
from support.watching import begin, make, pid_of, watch_to_end
from support.wire import Wire

COUNT = 2000
ROUNDS = 20


def test_two_thousand_processes_cost_little_and_nothing_while_they_idle(kernel: KernelProcess, wire: Wire) -> None:
    """D13 (descriptors beyond 1024), D36 (wake-ups); acceptance 6: less than 16 KB each, and no wake-up."""
    make_sleepers(wire, "warm", 50)
    before = resident(kernel.pid)
    pids = make_sleepers(wire, "y", COUNT)

    each = (resident(kernel.pid) - before) / COUNT
    asleep = settled_wake_ups(kernel.pid)
    time.sleep(1.5)  # nothing is awaited here: that nothing happens is what is tested
    woken = wake_ups(kernel.pid) - asleep

    print(f"{COUNT} processes: {each / 1024:.2f} KB each, {woken} wake-ups in 1.5 s")
    assert each < 16 * 1024
    assert woken == 0
    assert status_field(kernel.pid, "Threads") == 1
    assert max(descriptors(kernel.pid)) > 2 * COUNT
    assert_ends_are_all_told(wire, pids)


def make_sleepers(wire: Wire, name: str, count: int) -> dict[str, int]:
    """Make processes that sleep, each with both streams captured; return their PIDs."""
    for number in range(count):
        wire.send(f"make process {name}.{number} /bin/sleep 1000\n")
    rows = [wire.read_until(b"\n> ").decode() for _ in range(count)]
    return {row.split(" ")[0]: pid_of(row.removesuffix("\n> ")) for row in rows}


def assert_ends_are_all_told(wire: Wire, pids: dict[str, int]) -> None:
    signals = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]
    expected = {name: [-signals[number % 3]] for number, name in enumerate(pids)}
    for name, pid in pids.items():
        os.kill(pid, -expected[name][0])

    seen = watch_to_end(wire, "y.*")

    assert {name: one.statuses for name, one in seen.items()} == expected
    assert wire.command("list processes y.*") == ""


def test_idle_watchers_and_tails_wake_nobody(kernel: KernelProcess, wire: Wire, connect: Callable[..., Wire]) -> None:
    """D36: 48 wake-ups a second for 20 idle watchers."""
    make(wire, "y", "echo hello; exec sleep 1000")
    watchers = [connect(unix=bool(number % 2)) for number in range(20)]
    for number, watcher in enumerate(watchers):
        begin(watcher, f"{('watch', 'tail')[number % 2]} processes y")
        watcher.batch()

    asleep = settled_wake_ups(kernel.pid)
    time.sleep(1.5)  # nothing is awaited here: that nothing happens is what is tested
    woken = wake_ups(kernel.pid) - asleep

    assert woken == 0


def test_output_reaches_a_watcher_at_once(kernel: KernelProcess, wire: Wire, gate: Gate) -> None:
    """D36, acceptance 8: a median of 27 ms with papa 1.0, a second after silence.

    The kernel wakes for the output alone, and once: who sent it later would have to wake for that.
    """
    make(wire, "y", f"while {gate.wait}; do echo hello; done")
    begin(wire, "tail processes y")

    woken = 0
    for _ in range(ROUNDS):
        before = settled_wake_ups(kernel.pid)
        gate.open()
        wire.batch()
        woken += settled_wake_ups(kernel.pid) - before

    print(f"{woken} wake-ups for {ROUNDS} lines")
    assert woken < 1.5 * ROUNDS


def test_a_removed_socket_frees_its_port_though_a_program_was_just_started(wire: Wire) -> None:
    """execve(2) lets the kernel go on before the child has closed what it does not inherit: many pipes come first."""
    pids = make_sleepers(wire, "held", 1000)
    ports_in_use = 0

    for number in range(100):
        port = free_port()
        assert wire.command(f"make socket s port={port}").startswith("s family=inet")
        wire.command(f"make process y.{number} /bin/true")
        wire.command("remove sockets s")
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ports_in_use += sock.connect_ex(("127.0.0.1", port)) == 0

    assert ports_in_use == 0
    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)
