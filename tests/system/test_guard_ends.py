"""How a guardian and its kernel end, fail and are told to; and what each does without the other."""

import errno
import os
import re
import shutil
import signal
import sys
from functools import partial
from pathlib import Path

import pytest

from papa_protocol.rows import read_info
from support.command import Papa, connected, finish, said
from support.faults import Fault
from support.gates import Gate
from support.guarded import GuardedKernel, StartGuarded
from support.proc import descriptors, is_running, stat_fields
from support.upgrades import Installed, upgrade
from support.waiting import wait_for
from support.watching import (
    make,
    make_python,
    pid_of,
    row_of,
    wait_until_buffered,
    wait_until_ended,
    watch_to_end,
)
from support.wire import Wire


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """Return code that the test may change."""
    (tmp_path / "installed").mkdir()
    return Installed(tmp_path / "installed")


WRITES_ON = "exec('while True: os.write(1, b\"x\" * 1000); time.sleep(0.01)')"


def goes_on_writing(pid: int) -> None:
    """Fail if a process that writes all the time stops doing so."""
    before = Path(f"/proc/{pid}/io").read_text()
    wait_for(lambda: Path(f"/proc/{pid}/io").read_text() != before, f"{pid} goes on writing")
    assert is_running(pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_guardian_that_is_told_to_end_ends_in_order(start_guarded: StartGuarded, tmp_path: Path, number: int) -> None:
    guarded = start_guarded()
    with guarded.connect() as wire:
        pid = pid_of(make_python(wire, "y", WRITES_ON))
        wire.command(f"make socket s path={tmp_path}/s")
    kernel = guarded.kernel

    guarded.signal(number)

    assert guarded.wait() == 0
    assert not is_running(kernel)
    assert not Path(guarded.path).exists()
    assert not (tmp_path / "s").exists()
    goes_on_writing(pid)
    os.kill(pid, signal.SIGKILL)


def test_a_guardian_that_is_told_to_end_while_there_is_no_kernel_ends_in_order(
    start_guarded: StartGuarded, tmp_path: Path
) -> None:
    guarded = start_guarded()
    with guarded.connect() as wire:
        pid = pid_of(make_python(wire, "y", WRITES_ON))
        wire.command(f"make socket s path={tmp_path}/s")

    os.kill(guarded.pid, signal.SIGSTOP)
    guarded.crash()
    guarded.signal(signal.SIGTERM)
    guarded.signal(signal.SIGCONT)

    assert guarded.wait() == 0
    assert not Path(guarded.path).exists()
    assert not (tmp_path / "s").exists()
    goes_on_writing(pid)
    os.kill(pid, signal.SIGKILL)


def test_a_guardian_whose_kernel_cannot_start_leaves_somebody_who_reads_when_it_is_told_to_end(
    start_guarded: StartGuarded, installed: Installed
) -> None:
    guarded = start_guarded(env=installed.env)
    with guarded.connect() as wire:
        pid = pid_of(make_python(wire, "y", WRITES_ON))
    installed.append("state", "def")
    guarded.crash()
    wait_for(lambda: guarded.log_text().count("it is started again in") >= 3, "it has been tried again")

    guarded.signal(signal.SIGTERM)

    assert guarded.wait() == 1
    assert not Path(guarded.path).exists()
    goes_on_writing(pid)
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("module", "old", "new", "logged"),
    [
        (
            "saved",
            "FORMAT = 1",
            "FORMAT = 2",
            "papa cannot go on: the state that the last kernel left: its format is 1",
        ),
        ("state", "import", "def", ""),
    ],
)
def test_code_that_cannot_go_on_loses_nothing_and_better_code_goes_on(
    start_guarded: StartGuarded, installed: Installed, module: str, old: str, new: str, logged: str
) -> None:
    guarded = start_guarded(env=installed.env)
    with guarded.connect() as wire:
        wire.command("set a b")
        row = make(wire, "y", "echo one; exec sleep 1000")
        make(wire, "z", "exit 3")
        wait_until_ended(wire, "z")
    good = installed.path(module).read_text()
    installed.path(module).write_text(good.replace(old, new, 1))
    guarded.crash()
    wait_for(lambda: guarded.log_text().count("it is started again in") >= 3, "it has been tried again")
    assert logged in guarded.log_text()

    installed.path(module).write_text(good)

    with guarded.connect() as again:
        assert again.command("get a") == "b"
        assert pid_of(row_of(again, "y")) == pid_of(row)
        assert watch_to_end(again, "z")["z"].statuses == [3]


def test_a_python_that_is_missing_is_named_and_when_it_is_there_again_all_is(
    start_guarded: StartGuarded, installed: Installed, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    (installed.folder / "sitecustomize.py").write_text(f"import sys; sys.executable = {str(python)!r}")
    guarded = start_guarded(env=installed.env)
    with guarded.connect() as wire:
        wire.command("set a b")
    python.unlink()
    guarded.crash()
    reason = f"The kernel cannot be started: {python} is not there, or no program"
    wait_for(lambda: guarded.log_text().count(reason) >= 2, "it is told, each time")

    python.symlink_to(sys.executable)

    with guarded.connect() as again:
        assert again.command("get a") == "b"


def test_a_kernel_whose_guardian_is_killed_goes_on_and_says_so_once(start_guarded: StartGuarded) -> None:
    guarded = start_guarded()
    with guarded.connect() as wire:
        old = pid_of(make(wire, "old", "exec sleep 1000"))
    with guarded.crash_and_connect() as wire:
        kernel = guarded.kernel
        guarded.signal(signal.SIGKILL)
        wait_for(lambda: "The guardian has ended" in guarded.log_text(), "the kernel notices")
        assert kept(wire) == (0, 3)  # the pipes of one process, and the journal

        for number in range(50):
            assert wire.command(f"set a {number}") == ""
            make(wire, f"p{number}", "echo here; exit 3")
        seen = watch_to_end(wire, "p*")
        os.kill(old, signal.SIGKILL)
        wait_until_ended(wire, "old")

        assert [each.statuses for each in seen.values()] == [[3]] * 50
        lines = [line for line in guarded.log_text().splitlines() if "WARNING" in line]
        assert sum("guardian" in line for line in lines) == 1
        assert len(lines) <= 5, lines
        assert not any("papa-journal" in target for target in descriptors(kernel).values())
        os.kill(kernel, signal.SIGTERM)
        wait_for(lambda: not is_running(kernel), "it ends as asked")


def kept(wire: Wire) -> tuple[int, int]:
    """Return how many descriptors ``info`` says that the next kernel would have and would lack."""
    info = read_info(wire.command("info"))
    assert "kept" not in info["limits"]
    return info["kept"], info["not_kept"]


def test_a_first_kernel_that_does_not_come_up_is_not_started_again(papa: Papa, tmp_path: Path) -> None:
    path = str(tmp_path / "papa.sock")
    first = papa("--guard", "-u", path)
    assert " listens on " in said(first)
    connected(path).close()

    status, _, errors = finish(papa("--guard", "-u", path))

    assert status == 3
    assert errors == f"papa: {path} is in use: another kernel or program listens there\n"
    first.terminate()
    assert finish(first)[0] == 0


def pauses_after(guarded: GuardedKernel, count: int) -> list[str]:
    """Return how long was waited before each start, once there were more than ``count``."""
    pauses = re.findall(r"started again in (\S+) s", guarded.log_text())
    return pauses if len(pauses) > count else []


def test_a_kernel_that_crashes_all_the_time_is_left_alone_for_a_moment(start_guarded: StartGuarded) -> None:
    guarded = start_guarded()

    pauses: list[str] = []
    while (
        "1.0" not in pauses and len(pauses) < 60
    ):  # one that a busy machine lets live for a second begins the count anew
        guarded.connect().close()
        guarded.crash()
        pauses = wait_for(partial(pauses_after, guarded, len(pauses)), "it is told of")

    assert pauses[:20] == ["0.0"] * 20
    assert pauses[-1] == "1.0"
    with guarded.connect() as wire:
        assert wire.command("get a") == ""


def test_it_goes_on_in_the_background(papa: Papa, tmp_path: Path) -> None:
    path, log = str(tmp_path / "papa.sock"), tmp_path / "log"
    assert finish(papa("--guard", "--daemonize", "--log-file", str(log), "-u", path))[0] == 0
    with connected(path) as wire:
        kernel = int(wire.command("info").split("pid ")[1].split()[0])
        wire.command("set a b")

    os.kill(kernel, signal.SIGKILL)

    with connected(path) as again:
        assert again.command("get a") == "b"
    assert "goes on after a crash" in log.read_text()
    guardian = int(stat_fields(_kernel_at(path))[1])
    os.kill(guardian, signal.SIGTERM)
    wait_for(lambda: not Path(path).exists(), "it has ended")


def test_it_goes_on_though_the_folder_that_it_was_started_in_and_its_log_are_gone(papa: Papa, tmp_path: Path) -> None:
    path, folder = str(tmp_path / "papa.sock"), tmp_path / "folder"
    folder.mkdir()
    guardian = papa("--guard", "--log-file", "log", "-u", path, cwd=folder)
    with connected(path) as wire:
        wire.command("set a b")
        shutil.rmtree(folder)
        upgrade(wire)

    os.kill(_kernel_at(path), signal.SIGKILL)

    with connected(path) as again:
        assert again.command("get a") == "b"
    guardian.terminate()
    assert finish(guardian)[0] == 0


def _kernel_at(path: str) -> int:
    with connected(path) as wire:
        return int(wire.command("info").split("pid ")[1].split()[0])


def test_it_crashes_after_an_upgrade_and_is_upgraded_after_a_crash(start_guarded: StartGuarded, gate: Gate) -> None:
    guarded = start_guarded()
    with guarded.connect() as wire:
        make(wire, "y", f"echo one; {gate.wait}; echo two; {gate.wait}; echo three; exit 3")
        wait_until_buffered(wire, "y", 4)
        upgrade(wire)
    with guarded.crash_and_connect() as wire:
        upgrade(wire)
        gate.open()
        wait_until_buffered(wire, "y", 8)
    with guarded.crash_and_connect() as wire:
        gate.open()

        seen = watch_to_end(wire, "y")["y"]

    assert (seen.out, seen.statuses) == (b"one\ntwo\nthree\n", [3])


def test_a_crash_whose_guardian_has_yet_to_hear_that_the_kernel_serves_is_one_like_others(
    start_guarded: StartGuarded, installed: Installed
) -> None:
    installed.replace("guardian", "_MESSAGES_PER_TURN = 256", "_MESSAGES_PER_TURN = 1")
    guarded = start_guarded(env=installed.env)
    kernel = guarded.kernel
    with guarded.connect() as wire:
        wire.command("set a b")
        guarded.signal(signal.SIGSTOP)
        upgrade(wire)  # tells of a journal, of the one before it and that it serves
        os.kill(kernel, signal.SIGKILL)
        wait_for(lambda: not is_running(kernel), "the kernel has ended")

        guarded.signal(signal.SIGCONT)

        with guarded.connect() as again:
            assert again.command("get a") == "b"
    assert "A bug in" not in guarded.log_text()


def test_a_crash_while_the_installed_code_is_tried_loses_nothing(
    start_guarded: StartGuarded, installed: Installed
) -> None:
    guarded = start_guarded(env=installed.env)
    with guarded.connect() as wire:
        row = make(wire, "y", "exec sleep 1000")
        good = installed.path("resume").read_text()
        installed.append("resume", "import time; time.sleep(1000)")
        wire.send("upgrade\n")
        wait_for(lambda: len(guarded.children_of_kernel()) == 2, "the trial runs")
        installed.path("resume").write_text(good)
        guarded.crash()

        with guarded.connect() as again:
            assert row_of(again, "y") == row


def test_a_journal_that_cannot_be_written_is_no_reason_to_stop_and_is_made_up_for(
    start_guarded: StartGuarded, tmp_path: Path
) -> None:
    (tmp_path / "fault").mkdir()
    fault = Fault(tmp_path / "fault", "os.pwrite", errno.ENOSPC)
    guarded = start_guarded(env=fault.env)
    with guarded.connect() as wire:
        fault.begin()
        assert wire.command("set a b") == ""
        row = make(wire, "y", "echo one; exec sleep 1000")
        wait_until_buffered(wire, "y", 4)
        assert guarded.log_text().count("cannot be written down") == 1
        assert kept(wire)[1] == 1
        fault.end()
        wait_for(lambda: "written down again" in guarded.log_text(), "it goes on")
        assert kept(wire)[1] == 0

    with guarded.crash_and_connect() as again:
        assert again.command("get a") == "b"
        assert pid_of(row_of(again, "y")) == pid_of(row)
        wait_until_buffered(again, "y", 4)


def test_nobody_else_can_tell_a_guardian_anything(start_guarded: StartGuarded) -> None:
    """No socket of theirs has a name but the endpoint, and no process gets the one that they talk by."""
    guarded = start_guarded()
    with guarded.connect() as wire:
        process = pid_of(make(wire, "y", "exec sleep 1000"))
    theirs = {target for pid in (guarded.pid, guarded.kernel) for target in descriptors(pid).values()}
    # Other programs' paths may hold anything, line ends too, so a line need not begin as a socket's does.
    listed = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]

    names = [words[7] for words in listed if len(words) > 7 and f"socket:[{words[6]}]" in theirs]

    assert names == [guarded.path]
    assert not any(target.startswith("socket:") for target in descriptors(process).values())
