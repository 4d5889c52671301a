"""The journal that a crash leaves where it was begun anew, at an awkward moment maybe, or could not be."""

import errno
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.faults import Fault
from support.gates import Gate
from support.guarded import GuardedKernel, StartGuarded
from support.proc import descriptors, state
from support.upgrades import Installed
from support.waiting import wait_for
from support.watching import (
    begin,
    field_of,
    make,
    make_python,
    row_of,
    wait_until_buffered,
    wait_until_ended,
    watch_to_end,
)
from support.wire import Wire

MEBIBYTE = 1 << 20
LEAST = "_LEAST = 64 * 1024 * 1024"


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """Return code that the test may change."""
    (tmp_path / "installed").mkdir()
    return Installed(tmp_path / "installed")


def test_the_journal_is_begun_anew_and_its_memory_is_freed(start_guarded: StartGuarded, installed: Installed) -> None:
    installed.replace("journal", LEAST, "_LEAST = 64 * 1024")
    guarded = start_guarded(env=installed.env)
    with guarded.connect() as wire:
        make_python(wire, "y", "[os.write(1, b'%07d\\n' % n) for n in range(1000000)]", "bufsize=100k")
        for number in range(1000):
            assert wire.command(f"set a {number}{'x' * 1000}") == ""
        wait_until_ended(wire, "y")
        row = row_of(wire, "y")
        assert _journals(guarded.kernel) == 1
        wait_for(lambda: _journals(guarded.pid) == 1, "the guardian has let go of the earlier ones")
        assert _journal_size(guarded.kernel) < MEBIBYTE

    with guarded.crash_and_connect() as again:
        assert row_of(again, "y") == row
        assert again.command("get a") == f"999{'x' * 1000}"
        end = watch_to_end(again, "y")["y"].out
    assert end.endswith(b"".join(b"%07d\n" % number for number in range(990_000, 1_000_000)))


def _journals(pid: int) -> int:
    return sum("papa-journal" in target for target in descriptors(pid).values())


def _journal_size(pid: int) -> int:
    fd = next(fd for fd, target in descriptors(pid).items() if "papa-journal" in target)
    return os.stat(f"/proc/{pid}/fd/{fd}").st_size


def test_processes_that_are_started_while_the_journal_is_begun_anew_are_in_it(
    start_guarded: StartGuarded, installed: Installed
) -> None:
    installed.replace("journal", LEAST, "_LEAST = 1024")
    installed.replace("journal", "_TIMES_THE_STATE = 4", "_TIMES_THE_STATE = 1")
    guarded = start_guarded(env=installed.env)
    with guarded.connect() as wire:
        for number in range(20):
            make(wire, f"p{number}", "echo here; exec sleep 1000", f"env.A={'x' * 1000}")
            wait_until_buffered(wire, f"p{number}", 5)
            assert wire.command(f"make process q{number} /no/such/program").startswith("Error: ")
        before = wire.command("list processes")

    with guarded.crash_and_connect() as again:
        assert again.command("list processes") == before


def test_nothing_is_told_of_a_process_that_was_forgotten_as_the_journal_was_begun_anew(
    start_guarded: StartGuarded, installed: Installed, gate: Gate, tmp_path: Path
) -> None:
    """Its watcher acknowledges later; to a journal that does not know it the next kernel could make no change."""
    installed.replace("journal", LEAST, "_LEAST = 20_000")
    guarded = start_guarded(env=installed.env)
    with guarded.connect() as wire, guarded.connect() as watcher, Gate(tmp_path / "other") as other:
        closes = f"{gate.wait}; exec >&- 2>&-; touch {tmp_path}/closed; exec sleep 1000"
        make(wire, "y", f"({closes}) & echo one; exit 3")
        watch_until_closed(watcher, "y")
        position = field_of(row_of(wire, "y"), "position")
        make(wire, "z", f"{other.wait}; echo two; touch {tmp_path}/written; exec sleep 1000")
        assert wire.command(f"acknowledge processes y upto={position}") == ""  # in everybody's name: it is forgotten
        wire.command(f"set a {'x' * 30_000}")  # whatever is written next begins the journal anew
        with stopped(guarded):
            for opened, done in ((gate, "closed"), (other, "written")):
                opened.open()
                wait_for((tmp_path / done).exists, done)
        wait_until_buffered(wire, "z", 4)

        watcher.send("\n")

        assert watcher.read_until(b"> ") == b"Nothing left to watch\n> "

    with guarded.crash_and_connect() as again:
        wait_until_buffered(again, "z", 4)
        assert row_of(again, "y") == ""


def watch_until_closed(watcher: Wire, name: str) -> None:
    """Watch a process, and acknowledge everything but its end."""
    begin(watcher, f"watch processes {name}")
    while not any(header.startswith("closed") for header, _ in watcher.batch()):
        watcher.send("\n")


@contextmanager
def stopped(guarded: GuardedKernel) -> Iterator[None]:
    """Have whatever happens meanwhile come to the kernel in one turn, in the order in which it happened."""
    pid = guarded.kernel
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: state(pid) == "T", "the kernel is stopped")
    yield
    os.kill(pid, signal.SIGCONT)


def test_a_journal_that_cannot_be_begun_anew_is_tried_again_no_more_often_for_what_is_started(
    start_guarded: StartGuarded, tmp_path: Path
) -> None:
    """Each attempt writes all that is held, so there is one in a second, and not one more for each process."""
    fault = Fault(tmp_path, "papa_kernel.journal.new_file", errno.ENOMEM)
    guarded = start_guarded(env=fault.env)
    with guarded.connect() as wire:
        for number in range(70):  # more than the first journal may take
            if number == 60:
                begun = time.monotonic()
                fault.begin()
            wire.command(f"set a{number} {'x' * 1_000_000}")
        for number in range(50):
            make(wire, f"p{number}", "exec sleep 1000")

        attempts, seconds = fault.count, time.monotonic() - begun
        assert 0 < attempts <= 1 + seconds
        fault.end()
        wait_for(lambda: "written down again" in guarded.log_text(), "it goes on")
        before = wire.command("list processes")

    with guarded.crash_and_connect() as again:
        assert again.command("list processes") == before
