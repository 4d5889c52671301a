"""Upgrades while memory, processes or descriptors run out: the kernel goes on, as it is or with the installed code."""

import errno
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from papa_kernel.memory import available_memory
from support.faults import Fault
from support.gates import Gate
from support.kernels import KernelProcess
from support.proc import descriptors, most_resident
from support.upgrades import Installed, upgrade
from support.waiting import wait_for
from support.watching import make, wait_until_buffered, wait_until_ended, watch_to_end
from support.wire import Wire

StartKernel = Callable[..., KernelProcess]
KEPT = "Error: The kernel goes on as it is: "
LIMIT = 64


class Crowd:
    """Connections to a kernel."""

    def __init__(self, kernel: KernelProcess) -> None:
        self._kernel = kernel
        self._inside = ExitStack()
        self._wires: list[Wire] = []

    def fill(self) -> None:
        """Connect until the kernel has no descriptor left."""
        while len(descriptors(self._kernel.pid)) < LIMIT:
            self._wires.append(self._inside.enter_context(self._kernel.connect()))

    def leave(self) -> None:
        """Close a connection, and wait until the kernel has."""
        before = len(descriptors(self._kernel.pid))
        self._wires.pop().close()
        wait_for(lambda: len(descriptors(self._kernel.pid)) < before, "it is closed")

    def close(self) -> None:
        self._inside.close()


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """Return code that the test may change."""
    (tmp_path / "installed").mkdir()
    return Installed(tmp_path / "installed")


@pytest.fixture
def kernel(start_kernel: StartKernel, installed: Installed) -> KernelProcess:
    """A kernel of the test's own that can have few descriptors."""
    few = (LIMIT, LIMIT)
    return start_kernel(env=installed.env, before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, few))


@pytest.fixture
def crowd(kernel: KernelProcess) -> Iterator[Crowd]:
    made = Crowd(kernel)
    yield made
    made.close()


def test_however_few_descriptors_are_left_the_kernel_goes_on(wire: Wire, crowd: Crowd, gate: Gate) -> None:
    make(wire, "y", f"echo one; {gate.wait}; echo two; exit 3")
    wait_until_buffered(wire, "y", 4)
    before = wire.command("list processes")
    crowd.fill()

    said = [wire.command("upgrade")]
    while said[-1].startswith("Error: "):
        assert wire.command("list processes") == before
        crowd.leave()
        said.append(wire.command("upgrade"))

    assert said[0] == f"{KEPT}Too many open files"
    assert " goes on in place of " in said[-1]
    assert wire.command("list processes") == before
    gate.open()
    seen = watch_to_end(wire, "y")["y"]
    assert (seen.out, seen.statuses) == (b"one\ntwo\n", [3])


def test_connections_that_take_all_descriptors_during_the_trial_do_no_harm(
    kernel: KernelProcess, wire: Wire, crowd: Crowd, installed: Installed, gate: Gate
) -> None:
    """The last one is needed for the state, and the next kernel has none but those of the one before."""
    wire.command("set a 1")
    upgrade(wire)
    waits = f"'--check-state' in __import__('sys').argv and open({str(gate.path)!r}).readline()"
    installed.append("resume", waits)
    wire.send("upgrade\n")
    wait_for(kernel.children, "the trial runs")
    crowd.fill()

    gate.open()

    assert b" goes on in place of " in wire.read_until(b"\n> ")
    assert wire.command("get a") == "1"


@pytest.mark.parametrize(
    ("function", "code", "reason"),
    [
        ("os.memfd_create", errno.EMFILE, "Too many open files"),
        ("os.memfd_create", 0, "there is too little memory"),
        ("os.open", errno.EMFILE, "Too many open files"),
        ("os.posix_spawn", errno.EAGAIN, "Resource temporarily unavailable"),
        ("os.set_inheritable", errno.ENOMEM, "Cannot allocate memory"),
        ("os.execv", errno.ENOMEM, "Cannot allocate memory"),
        ("os.execv", errno.E2BIG, "Argument list too long"),
        ("json.dumps", 0, "there is too little memory"),
        ("papa_kernel.upgrade.available_memory", 0, "there is too little memory"),
    ],
)
def test_a_shortage_changes_nothing(
    start_kernel: StartKernel, tmp_path: Path, function: str, code: int, reason: str
) -> None:
    fault = Fault(tmp_path, function, code)
    kernel = start_kernel(env=fault.env)
    with kernel.connect() as wire:
        make(wire, "y", "exit 3")
        wait_until_ended(wire, "y")
        before = len(descriptors(kernel.pid))
        fault.begin()

        assert wire.command("upgrade") == KEPT + reason

        assert fault.count
        fault.end()
        assert len(descriptors(kernel.pid)) <= before
        assert watch_to_end(wire, "y")["y"].statuses == [3]  # signals are taken again
        upgrade(wire)
        kernel.signal(signal.SIGTERM)
        assert kernel.wait() == 0


def test_what_the_system_cannot_hold_twice_is_refused(start_kernel: StartKernel, installed: Installed) -> None:
    """What is written for the next kernel cannot be taken back, so the system would end the kernel instead."""
    installed.append("memory", "def available_memory(): return 30 << 20")
    kernel = start_kernel(env=installed.env)
    with kernel.connect() as wire:
        upgrade(wire)
        make(wire, "y", "exec head -c 20000000 /dev/zero", "bufsize=64m")
        wait_until_buffered(wire, "y", 20_000_000)
        before = most_resident(kernel.pid)

        said = wire.command("upgrade")

        assert said == f"{KEPT}it takes 54 MiB of memory, and 30 MiB are left"
        assert most_resident(kernel.pid) - before < 5 << 20
        wire.command("acknowledge processes y upto=20000000")
        upgrade(wire)


def test_the_memory_that_is_left_is_what_the_system_tells() -> None:
    fields = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())

    assert 0 < available_memory() <= int(fields["MemTotal"].split()[0]) * 1024
