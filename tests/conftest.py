"""Fixtures that every test may use."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from support.command import Papa, Started, start_command
from support.gates import Gate
from support.guarded import GuardedKernel, StartGuarded
from support.kernels import KernelProcess
from support.managers import Manager, StartManager
from support.upgrades import Installed
from support.wire import Wire

# A process of pytest-xdist has them, and programs on terminals believe them.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)
# In the background of a script, or under nohup, they are ignored, which programs inherit, unlike a handler.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_: None)
os.umask(0o022)  # with which others cannot write in what tests make
# The same examples in every run, however busy the machine.
settings.register_profile("papa", derandomize=True, deadline=None, database=None)
settings.load_profile("papa")


@pytest.fixture
def kernel() -> Iterator[KernelProcess]:
    """A kernel of the test's own."""
    process = KernelProcess()
    yield process
    process.stop()


@pytest.fixture
def start_kernel() -> Iterator[Callable[..., KernelProcess]]:
    """Start kernels with arguments of the test's choosing; all end with the test."""
    started: list[KernelProcess] = []

    def start(*arguments: str, **options: object) -> KernelProcess:
        process = KernelProcess(arguments, **options)  # type: ignore[arg-type]
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()


@pytest.fixture
def patient(tmp_path: Path, start_kernel: Callable[..., KernelProcess]) -> KernelProcess:
    """A kernel that waits for watchers however long the machine keeps them from reading."""
    folder = tmp_path / "patient"
    folder.mkdir()
    installed = Installed(folder)
    installed.replace("pace", "PATIENCE = 0.25", "PATIENCE = 1000.0")
    return start_kernel(env=installed.env)


@pytest.fixture
def start_guarded() -> Iterator[StartGuarded]:
    """Start guarded kernels with arguments of the test's choosing; all end with the test."""
    started: list[GuardedKernel] = []

    def start(*arguments: str, **options: object) -> GuardedKernel:
        started.append(GuardedKernel(*arguments, **options))
        return started[-1]

    yield start
    for kernel in started:
        kernel.stop()


@pytest.fixture
def guarded(start_guarded: StartGuarded) -> GuardedKernel:
    """A kernel of the test's own, under a guardian."""
    return start_guarded()


@pytest.fixture
def start_manager() -> Iterator[StartManager]:
    """Make managers that run kernels on a path; all that they have started ends with the test."""
    made: list[Manager] = []

    def make_one(*arguments: str, **options: object) -> Manager:
        manager = Manager(*arguments, **options)  # type: ignore[arg-type]
        made.append(manager)
        if not options.get("sockets"):
            manager.arguments += ["-u", manager.path]
        return manager

    yield make_one
    for manager in made:
        manager.close()


@pytest.fixture
def wire(kernel: KernelProcess) -> Iterator[Wire]:
    """A connection to the test's kernel, greeted, dialect 1."""
    connection = kernel.connect()
    yield connection
    connection.close()


@pytest.fixture
def connect(kernel: KernelProcess) -> Iterator[Callable[..., Wire]]:
    """Open further connections to the test's kernel; all are closed with the test."""
    opened: list[Wire] = []

    def open_one(*, unix: bool = False) -> Wire:
        opened.append(kernel.connect(unix=unix))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """A gate at which scripts wait until the test opens it."""
    with Gate(tmp_path / "gate") as opened_by_the_test:
        yield opened_by_the_test


@pytest.fixture
def papa() -> Iterator[Papa]:
    """Start the ``papa`` command; what still runs ends with the test."""
    started: list[Started] = []

    def start(*arguments: str, **options: object) -> Started:
        started.append(start_command(*arguments, **options))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
