"""An upgrade that cannot be: the kernel that runs goes on, says why in a line, and nothing is lost."""

import os
import signal
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from papa_kernel import VERSION
from support.command import Papa, connected
from support.gates import Gate
from support.kernels import KernelProcess
from support.proc import is_running, running_with, state
from support.upgrades import Installed, upgrade, upgrade_by_signal, upgrades
from support.waiting import wait_for
from support.watching import (
    begin,
    make,
    pid_of,
    texts,
    wait_until_ended,
)
from support.wire import TIMEOUT, Wire

StartKernel = Callable[..., KernelProcess]
KEPT = "Error: The kernel goes on as it is: "


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """Return code that the test may change."""
    (tmp_path / "installed").mkdir()
    return Installed(tmp_path / "installed")


def test_the_new_code_goes_on(start_kernel: StartKernel, installed: Installed) -> None:
    kernel = start_kernel(env=installed.env)
    with kernel.connect() as wire:
        assert f"version {VERSION}\n" in wire.command("info")
        installed.replace("__init__", VERSION, "9.8.7")

        said = wire.command("upgrade")

        assert said == f"papa 9.8.7 goes on in place of {VERSION}"
        assert "version 9.8.7\n" in wire.command("info")
        assert wire.command("upgrade") == "papa 9.8.7 goes on in place of 9.8.7"


@pytest.mark.parametrize(
    ("module", "code", "reason"),
    [
        ("state", "def", 'SyntaxError: invalid syntax (File "{folder}/papa_kernel/state.py", line '),
        ("kernel", "import papa_nowhere", "ModuleNotFoundError: No module named 'papa_nowhere' (File "),
        ("saved", "FORMAT = 0", "the state of the running kernel: its format is 1, and this version of papa reads 0"),
        ("process", "Process.restored = None", "the state of the running kernel cannot be read: TypeError: "),
        ("log", "raise SystemExit(7)", "the installed code ends with status 7"),
        ("log", "import os; os.kill(os.getpid(), 9)", "the installed code ends with status -9"),
        ("arguments", "OPTIONS = OPTIONS[:-2]", "unrecognized arguments: --check-state"),
    ],
)
def test_code_that_cannot_take_over_changes_nothing(
    start_kernel: StartKernel, installed: Installed, gate: Gate, module: str, code: str, reason: str
) -> None:
    kernel = start_kernel(env=installed.env)
    with kernel.connect() as wire, kernel.connect() as watcher:
        make(wire, "y", f"echo one; {gate.wait}; echo two; exec sleep 1000")
        begin(watcher, "watch processes y")
        assert texts(watcher.batch()) == [b"one\n"]
        held, before = wire.command("list processes"), kernel.descriptors()
        if code.startswith("CHECK"):
            installed.replace("arguments", 'CHECK_OPTION = "--check-state"', 'CHECK_OPTION = "--other"')
        else:
            installed.append(module, code)

        wire.send("upgrade\nget a\n")
        said = wire.read_until(b"\n> ").decode()[:-3]

        assert reason.format(folder=installed.folder) in said
        assert said.startswith(KEPT)
        assert "\n" not in said
        assert wire.read_until(b"\n> ") == b"\n> "
        assert wire.command("list processes") == held
        wait_for(lambda: kernel.descriptors() == before, "the trial's are closed")
        wait_for(lambda: kernel.children() == [pid_of(held)], "the trial has been reaped")
        gate.open()
        watcher.send("\n")
        assert texts(watcher.batch()) == [b"two\n"]


def test_a_signal_with_failing_code_is_logged_and_better_code_goes_on(
    start_kernel: StartKernel, installed: Installed
) -> None:
    kernel = start_kernel(env=installed.env)
    with kernel.connect() as wire:
        good = installed.path("state").read_text()
        installed.append("state", "def")
        kernel.signal(signal.SIGHUP)

        wait_for(lambda: "it cannot be upgraded: SyntaxError: " in kernel.log_text(), "it is logged")

        assert wire.command("get a") == ""
        installed.path("state").write_text(good)
        upgrade_by_signal(kernel)
        assert wire.command("get a") == ""


def test_missing_code_changes_nothing(start_kernel: StartKernel, installed: Installed) -> None:
    kernel = start_kernel(env=installed.env)
    with kernel.connect() as wire:
        installed.path("__main__").unlink()

        assert wire.command("upgrade").startswith(f"{KEPT}{sys.executable}: No module named papa_kernel.__main__; ")
        assert wire.command("get a") == ""


def test_a_missing_python_changes_nothing(start_kernel: StartKernel, tmp_path: Path) -> None:
    script = "import sys; sys.executable = '/nowhere/python3'"
    (tmp_path / "sitecustomize.py").write_text(script)
    kernel = start_kernel(env={**os.environ, "PYTHONPATH": str(tmp_path)})
    with kernel.connect() as wire:
        assert wire.command("upgrade") == f"{KEPT}/nowhere/python3: No such file or directory"
        assert wire.command("get a") == ""
        kernel.signal(signal.SIGTERM)
        assert kernel.wait() == 0


@pytest.mark.parametrize("said", ["Unknown option: -P", "-X is reserved for implementation-specific arguments"])
def test_a_python_that_is_too_old_is_named(start_kernel: StartKernel, tmp_path: Path, said: str) -> None:
    """As where the system's Python was replaced under an environment: 2.7 and 3.10 say so, and how they are used."""
    old = tmp_path / "python"
    old.write_text(
        f"#!/bin/sh\nprintf '%s\\n' '{said}' 'usage: …' 'Try `python -h'\\'' for more information.' >&2; exit 2"
    )
    old.chmod(0o755)
    (tmp_path / "sitecustomize.py").write_text(f"import sys; sys.executable = {str(old)!r}")
    kernel = start_kernel(env={**os.environ, "PYTHONPATH": str(tmp_path)})
    with kernel.connect() as wire:
        assert wire.command("upgrade") == f"{KEPT}{old} is a Python before 3.11, which papa needs"


def test_code_that_hangs_is_given_up(start_kernel: StartKernel, installed: Installed) -> None:
    installed.replace("upgrade", "_PATIENCE_SECONDS = 30.0", "_PATIENCE_SECONDS = 1.0")
    kernel = start_kernel(env=installed.env)
    with kernel.connect() as wire, kernel.connect() as other:
        installed.append("log", "import time; time.sleep(1000)")
        wire.send("upgrade\n")
        wait_for(kernel.children, "it is being tried")
        assert other.command("set a 1") == ""  # meanwhile everybody is served

        said = wire.read_until(b"\n> ").decode()

        assert said == f"{KEPT}the installed code does not start within 1 seconds\n> "
        assert wire.command("get a") == "1"
        wait_for(lambda: kernel.children() == [], "the trial has been reaped")


def test_code_that_hangs_ends_with_the_kernel(start_kernel: StartKernel, installed: Installed) -> None:
    kernel = start_kernel(env=installed.env)
    installed.append("log", "import time; time.sleep(1000)")
    kernel.signal(signal.SIGHUP)
    (trial,) = wait_for(kernel.children, "it is being tried")

    kernel.signal(signal.SIGTERM)

    assert kernel.wait() == 0
    wait_for(lambda: not is_running(trial), "the trial has ended")


@pytest.mark.parametrize(
    "function", ["papa_kernel.process.Process.restored", "os.pipe2", "papa_kernel.session.Session.restored"]
)
def test_who_cannot_go_on_at_first_tries_again_and_nothing_is_lost(
    start_kernel: StartKernel, tmp_path: Path, gate: Gate, function: str
) -> None:
    """What fails only after the trial, when there is no way back."""
    flag = tmp_path / "flag"
    kernel = start_kernel(env=failing_to_resume(tmp_path, flag))
    with kernel.connect() as wire, kernel.connect() as watcher:
        wire.command("set a 1")
        make(wire, "y", f"echo one; {gate.wait}; seq 1 5000; exit 3", "bufsize=1m")
        begin(watcher, "watch processes y")
        assert texts(watcher.batch()) == [b"one\n"]
        flag.write_text(function)
        wire.send("upgrade\nget a\n")
        wait_for(lambda: "papa cannot go on yet" in kernel.log_text(), "it has failed")
        gate.open()
        watcher.send("\n")

        flag.unlink()

        assert b" goes on in place of " in wire.read_until(b"\n> ")
        assert wire.read_until(b"\n> ") == b"1\n> "
        out = b"".join(data for _, data in watcher.batch())
        while b"5000\n" not in out:
            watcher.send("\n")
            out += b"".join(data for _, data in watcher.batch())
        assert out == b"".join(b"%d\n" % number for number in range(1, 5001))
        assert " status=3 " in wait_until_ended(wire, "y")


def failing_to_resume(folder: Path, flag: Path) -> dict[str, str]:
    """Return an environment in which kernels cannot take a state over while ``flag`` names what fails."""
    (folder / "sitecustomize.py").write_text(f"""
import os, pkgutil, sys
if "--resume" in sys.orig_argv and os.path.exists({str(flag)!r}):
    place, _, name = open({str(flag)!r}).read().rpartition(".")

    def fail(*arguments, **options):
        raise MemoryError

    setattr(pkgutil.resolve_name(place), name, fail)
""")
    return {**os.environ, "PYTHONPATH": str(folder)}


def test_who_is_told_to_end_while_it_cannot_go_on_leaves_a_reader(
    start_kernel: StartKernel, tmp_path: Path, gate: Gate
) -> None:
    flag = tmp_path / "flag"
    kernel = start_kernel(env=failing_to_resume(tmp_path, flag))
    with kernel.connect() as wire:
        pid = pid_of(make(wire, "y", f"{gate.wait}; seq 1 100000; echo $? > {tmp_path}/result"))
        flag.write_text("papa_kernel.process.Process.restored")
        wire.send("upgrade\n")
        wait_for(lambda: "papa cannot go on yet" in kernel.log_text(), "it has failed")

        kernel.signal(signal.SIGTERM)

        assert kernel.wait() == 1
        gate.open()
        wait_for(lambda: not is_running(pid), "the process has ended")
        assert (tmp_path / "result").read_text() == "0\n"


def test_that_reader_can_be_told_to_end(start_kernel: StartKernel, tmp_path: Path, gate: Gate) -> None:
    flag = tmp_path / "flag"
    kernel = start_kernel(env=failing_to_resume(tmp_path, flag))
    with kernel.connect() as wire:
        make(wire, "y", gate.wait)
        flag.write_text("papa_kernel.process.Process.restored")
        wire.send("upgrade\n")
        wait_for(lambda: "papa cannot go on yet" in kernel.log_text(), "it has failed")
        kernel.signal(signal.SIGTERM)
        assert kernel.wait() == 1
    (reader,) = running_with(kernel.path)

    os.kill(reader, signal.SIGTERM)

    wait_for(lambda: not is_running(reader), "it has ended")
    gate.open()


def test_an_order_to_end_right_behind_the_signal_is_obeyed(start_kernel: StartKernel, tmp_path: Path) -> None:
    for delay in (0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3):
        kernel = start_kernel()
        with kernel.connect() as wire:
            wire.command(f"make socket s path={tmp_path}/held")
            kernel.signal(signal.SIGHUP)
            time.sleep(delay)  # in each phase of the upgrade

            kernel.signal(signal.SIGTERM)

            assert kernel.wait() == 0
        assert not Path(kernel.path).exists()
        assert not (tmp_path / "held").exists()


def test_an_order_to_end_that_comes_together_with_the_end_of_the_trial_is_obeyed(
    start_kernel: StartKernel, installed: Installed, gate: Gate
) -> None:
    kernel = start_kernel(env=installed.env)
    end_trial_while_stopped(kernel, installed, gate)
    kernel.signal(signal.SIGTERM)

    kernel.signal(signal.SIGCONT)

    assert kernel.wait() == 0
    assert not Path(kernel.path).exists()


def test_the_last_connection_that_closes_together_with_the_end_of_the_trial_ends_the_kernel(
    start_kernel: StartKernel, installed: Installed, gate: Gate
) -> None:
    kernel = start_kernel(env=installed.env)
    with kernel.connect() as wire:
        assert wire.command("exit-if-idle") == "Exiting papa!"
        end_trial_while_stopped(kernel, installed, gate)

    kernel.signal(signal.SIGCONT)

    assert kernel.wait() == 0
    assert not Path(kernel.path).exists()


def end_trial_while_stopped(kernel: KernelProcess, installed: Installed, gate: Gate) -> None:
    """Begin an upgrade, and stop the kernel before it can see that the installed code could take over."""
    installed.append("resume", f"open({str(gate.path)!r}).readline()")
    kernel.signal(signal.SIGHUP)
    (trial,) = wait_for(kernel.children, "the trial runs")
    kernel.signal(signal.SIGSTOP)
    wait_for(lambda: state(kernel.pid) == "T", "the kernel is stopped")
    gate.open()
    wait_for(lambda: not is_running(trial), "the trial has ended")


def test_a_daemon_with_a_log_of_a_relative_name_goes_on_writing_to_it(papa: Papa, tmp_path: Path) -> None:
    path = f"{tmp_path}/papa"
    started = papa("-u", path, "--daemonize", "--log-file", "log", cwd=tmp_path)
    assert started.wait(TIMEOUT) == 0
    with connected(path) as wire:
        for _ in range(3):
            upgrade(wire)
        pid = int(wire.command("info").split("\npid ")[1].split()[0])
        os.kill(pid, signal.SIGTERM)

    wait_for(lambda: not is_running(pid), "it has ended")
    log = (tmp_path / "log").read_text()
    assert log.count(" goes on in place of ") == 3
    assert "papa ends" in log


def test_a_log_that_cannot_be_opened_any_more_is_no_reason_to_end(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    with kernel.connect() as wire:
        kernel.log.unlink()
        kernel.log.mkdir()

        upgrade(wire)

        assert wire.command("get a") == ""


def test_a_log_that_was_moved_is_begun_anew(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    kernel.log.rename(kernel.folder / "old")

    kernel.signal(signal.SIGHUP)

    wait_for(lambda: upgrades(kernel), "it is told in the new one")
    assert "listens on" in (kernel.folder / "old").read_text()


def test_a_kernel_that_is_to_end_with_its_last_connection_does(start_kernel: StartKernel) -> None:
    kernel = start_kernel("--end-with-last-connection")
    with kernel.connect() as wire:
        wire.command("set a 1")
        upgrade(wire)
        assert wire.command("get a") == "1"

    assert kernel.wait() == 0


def test_a_kernel_that_is_to_end_with_its_last_connection_does_when_that_leaves_meanwhile(
    start_kernel: StartKernel,
) -> None:
    kernel = start_kernel("--end-with-last-connection")
    with kernel.connect() as wire:
        wire.send("upgrade\n")

    assert kernel.wait() == 0


def test_a_kernel_that_is_to_end_with_its_input_does(papa: Papa, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    started = papa("-u", f"{tmp_path}/papa", "--end-with-input", stdin=reading)
    os.close(reading)
    with connected(f"{tmp_path}/papa") as wire:
        upgrade(wire)

        os.close(writing)

        assert started.wait(TIMEOUT) == 0


def test_the_path_of_an_endpoint_stays_its_user_s_alone_and_goes_at_the_end(kernel: KernelProcess, wire: Wire) -> None:
    upgrade(wire)

    assert stat.S_IMODE(Path(kernel.path).stat().st_mode) == 0o600
    with kernel.connect(unix=True) as other:
        assert other.command("get a") == ""
    kernel.signal(signal.SIGTERM)
    assert kernel.wait() == 0
    assert not Path(kernel.path).exists()
