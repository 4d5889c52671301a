"""Upgrades again and again under load: nothing is lost, nobody is refused, and nothing grows."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Self

import pytest

from support.gates import Gate
from support.kernels import KernelProcess
from support.proc import descriptors, resident
from support.upgrades import upgrade, upgrade_by_signal, upgrades
from support.waiting import wait_for
from support.watching import make, make_python, wait_until_buffered, wait_until_ended, watch_to_end
from support.wire import TIMEOUT, Wire

Connect = Callable[..., Wire]
MEBIBYTE = 1 << 20


def upgrade_often(kernel: KernelProcess, wire: Wire, times: int, goes_on: Callable[[], bool] = lambda: False) -> None:
    """Upgrade so many times, and then as long as something goes on."""
    number = 0
    while number < times or goes_on():
        number += 1
        if number % 2:
            upgrade(wire)
        else:
            upgrade_by_signal(kernel)


def test_every_exit_status_arrives_whenever_the_process_ends(kernel: KernelProcess, wire: Wire, gate: Gate) -> None:
    """Twenty end before, twenty meanwhile, twenty afterwards."""
    for number in range(60):
        script = ("true", f"sleep 0.{number % 20:02}", gate.wait)[number // 20]
        make(wire, f"p{number:02}", f"{script}; echo $0 p{number}; exit {number}")
    for number in range(20):
        wait_until_ended(wire, f"p{number:02}")

    upgrade_often(kernel, wire, 10)
    for _ in range(20):
        gate.open()
    seen = watch_to_end(wire, "*")

    told = {name: (each.statuses, each.out) for name, each in seen.items()}
    expected = {f"p{number:02}": ([number], b"/bin/sh p%d\n" % number) for number in range(60)}
    right = sum(told.get(name) == each for name, each in expected.items())
    print(f"{upgrades(kernel)} upgrades, {right} of {len(expected)} statuses, each with its output")
    assert told == expected
    wait_for(lambda: kernel.children() == [], "no child is left")


class Hammer:
    """Connects again and again from a thread of its own, and waits until each greeting has come."""

    def __init__(self, endpoint: int | str) -> None:
        self.connects = 0
        self.failures: list[OSError] = []
        self._endpoint = endpoint
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with Wire(self._endpoint) as wire:
                    assert wire.greeting.endswith(b"\n> ")
            except OSError as error:
                self.failures.append(error)
            self.connects += 1

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(TIMEOUT)


@pytest.mark.parametrize("unix", [False, True])
def test_no_connection_is_refused(kernel: KernelProcess, wire: Wire, unix: bool) -> None:
    with Hammer(kernel.path if unix else kernel.port) as hammer:
        upgrade_often(kernel, wire, 10, lambda: hammer.connects <= 100)

    print(f"{upgrades(kernel)} upgrades, {len(hammer.failures)} of {hammer.connects:,} connections refused")
    assert hammer.failures == []


def test_every_command_is_answered_once_and_in_order(kernel: KernelProcess, wire: Wire, connect: Connect) -> None:
    count = 10_000
    clients = [connect(unix=number % 2 == 1) for number in range(4)]
    told: list[bytes] = []
    waits: list[float] = []

    def ask(client: Wire, number: int) -> None:
        for start in range(0, count, 100):
            lines = "".join(f"set n{number} {index}\nget n{number}\n" for index in range(start, start + 100))
            began = time.monotonic()
            client.send(lines)
            expected = b"".join(b"\n> %d\n> " % index for index in range(start, start + 100))
            told.append(client.read_exactly(len(expected)))
            waits.append(time.monotonic() - began)
            assert told[-1] == expected
            time.sleep(0.01)  # so that it lasts through all upgrades

    threads = [threading.Thread(target=ask, args=(client, number)) for number, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    upgrade_often(kernel, wire, 10)
    for thread in threads:
        thread.join(TIMEOUT)

    print(
        f"{upgrades(kernel)} upgrades, {2 * 100 * len(told):,} of {2 * 4 * count:,} commands answered; "
        f"waits of {sorted(waits)[len(waits) // 2] * 1000:.0f} ms by median, {max(waits) * 1000:.0f} ms at most"
    )
    assert len(told) == 4 * count // 100
    assert [client.command("get x") for client in clients] == [""] * 4


def test_nothing_grows(kernel: KernelProcess, wire: Wire, connect: Connect) -> None:
    wire.command("make socket web port=0")
    wire.command(f"set a {'x' * MEBIBYTE}")
    make_python(wire, "y", "os.write(1, b'x' * 4000000); time.sleep(1000)", "bufsize=4m")
    wait_until_buffered(wire, "y", 4_000_000)
    connect().send("watch processes y\n")
    upgrade_often(kernel, wire, 4)
    wait_for(lambda: len(kernel.children()) == 1, "the last trial has been reaped")
    before, size = len(descriptors(kernel.pid)), resident(kernel.pid)

    upgrade_often(kernel, wire, 30)

    print(f"{size / MEBIBYTE:.1f} MiB before, {resident(kernel.pid) / MEBIBYTE:.1f} MiB after")
    wait_for(lambda: len(kernel.children()) == 1, "no trial is left")
    wait_for(lambda: len(descriptors(kernel.pid)) == before, "it holds no more descriptors")
    assert resident(kernel.pid) < size + MEBIBYTE


def test_a_thousand_silent_connections_and_two_hundred_processes_stay(kernel: KernelProcess, wire: Wire) -> None:
    lines = "".join(f"make process p{number} /bin/sleep 1000\n" for number in range(200))
    wire.send(lines)
    for _ in range(200):
        wire.read_until(b"\n> ")
    held = wire.command("list processes")
    idle = [socket.create_connection(("127.0.0.1", kernel.port), TIMEOUT) for _ in range(900)]
    for sock in idle:
        assert sock.recv(1000).endswith(b"> ")

    upgrade_often(kernel, wire, 4)

    assert wire.command("list processes") == held
    for sock in idle:
        sock.sendall(b"get a\n")
    assert [sock.recv(100) for sock in idle] == [b"\n> "] * 900
    for sock in idle:
        sock.close()
