"""What some clients do to a kernel, others do not notice: their commands are answered and their output arrives."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

import pytest

from support.faults import vanish
from support.kernels import KernelProcess
from support.waiting import wait_for
from support.watching import begin, make, make_python
from support.wire import Wire

ROUNDS = 100
# Without the others an answer takes a tenth of a millisecond; the machine may be busy with other tests.
SOON = 0.25
FLOOD = """
import socket, sys, time
until = time.monotonic() + 30
while time.monotonic() < until:
    clients = []
    for _ in range(100):
        clients.append(client := socket.socket(socket.AF_UNIX))
        client.connect(sys.argv[1])
    sys.stdout.write(".")
    sys.stdout.flush()
    for client in clients:
        client.close()
"""


class Bystander:
    """Gives commands, and watches a process that writes numbered lines; takes the time of both."""

    def __init__(self, kernel: KernelProcess, stack: ExitStack) -> None:
        self._wire = stack.enter_context(kernel.connect())
        self._watcher = stack.enter_context(kernel.connect(unix=True))
        self._output = b""
        count = "import itertools; [(os.write(1, b'%d\\n' % n), time.sleep(0.001)) for n in itertools.count()]"
        make_python(self._wire, "canary", count)
        begin(self._watcher, "watch processes canary")

    def go_on(self, what: str) -> None:
        """Make sure that nothing is missing and nothing late."""
        replies, batches = [], []
        for number in range(ROUNDS):
            replies.append(took(lambda: self._wire.command(f"set a {number}")))  # noqa: B023 - called at once
            assert self._wire.command("get a") == str(number)
            batches.append(took(self._read))
        numbers = [int(line) for line in self._output.split(b"\n")[:-1]]
        assert numbers == list(range(len(numbers)))
        print(
            f"{what}: a reply takes {median(replies) * 1000:.2f} ms (at most {max(replies) * 1000:.1f}), "
            f"a batch {median(batches) * 1000:.2f} ms (at most {max(batches) * 1000:.1f})"
        )
        assert median(replies) < SOON
        assert median(batches) < SOON

    def _read(self) -> None:
        self._output += b"".join(data for _, data in self._watcher.batch())
        self._watcher.send("\n")


def took(call: Callable[[], object]) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


@pytest.fixture
def bystander(kernel: KernelProcess) -> Iterator[Bystander]:
    with ExitStack() as stack:
        bystander = Bystander(kernel, stack)
        bystander.go_on("before")
        yield bystander


@pytest.fixture
def crowd(kernel: KernelProcess) -> Iterator[Callable[[int], list[Wire]]]:
    """Open many connections, TCP and Unix ones."""
    with ExitStack() as stack:
        yield lambda count: [stack.enter_context(kernel.connect(unix=bool(n % 2))) for n in range(count)]


def test_slow_readers(bystander: Bystander, crowd: Callable[[int], list[Wire]], wire: Wire) -> None:
    make(wire, "talker", "exec yes", "bufsize=256k")
    wire.command("set long " + "x" * 100_000)

    for number, slow in enumerate(crowd(60)):
        slow.send(("watch processes talker\n", "tail processes *\n", "get long\n" * 1000)[number % 3])
    wait_for(lambda: unsent(wire) > 20 * 100_000, "the kernel has more for them than they take")

    bystander.go_on("sixty slow readers")


def unsent(wire: Wire) -> int:
    found = re.search(r"^unsent (\d+)$", wire.command("info"), re.MULTILINE)
    assert found
    return int(found[1])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can let a connection vanish")
def test_peers_that_have_vanished(
    bystander: Bystander, kernel: KernelProcess, wire: Wire, crowd: Callable[[int], list[Wire]]
) -> None:
    make(wire, "talker", "exec yes", "bufsize=256k")

    for number in range(60):
        gone = kernel.connect()
        gone.send(("watch processes talker\n", "tail processes *\n", "get a\nset b")[number % 3])
        vanish(gone)

    bystander.go_on("sixty peers that have vanished")


def test_peers_that_send_no_more(bystander: Bystander, crowd: Callable[[int], list[Wire]], wire: Wire) -> None:
    make(wire, "talker", "exec yes", "bufsize=256k")

    for number, half in enumerate(crowd(60)):
        half.send(("watch processes talker\n", "tail processes *\n", "watch processes canary\n")[number % 3])
        half.socket.shutdown(socket.SHUT_WR)

    bystander.go_on("sixty half-closed connections")


def test_idle_sessions(bystander: Bystander, crowd: Callable[[int], list[Wire]], wire: Wire) -> None:
    crowd(1000)
    assert "connections 1003\n" in wire.command("info")

    bystander.go_on("a thousand idle sessions")


def test_a_flood_of_connections(bystander: Bystander, kernel: KernelProcess, wire: Wire) -> None:
    before = kernel.descriptors()
    with flood(kernel.path) as flooding:
        bystander.go_on("a flood of connections")
        flooding.kill()
        accepted = 100 * len(flooding.communicate()[0])

    assert accepted >= 100
    print(f"{accepted:,} connections came meanwhile")
    wait_for(lambda: kernel.descriptors() == before, "all are gone")


@contextmanager
def flood(path: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Connect a hundred times, leave, and so on, in a process of its own."""
    with subprocess.Popen([sys.executable, "-c", FLOOD, path], stdout=subprocess.PIPE) as flooding:
        try:
            assert flooding.stdout is not None
            assert flooding.stdout.read(1) == b"."
            yield flooding
        finally:
            flooding.kill()
