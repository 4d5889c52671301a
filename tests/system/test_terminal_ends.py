"""papa in the foreground of a terminal: its keys, its end, and signals that reach a guardian and its kernel at once."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from support.command import connected
from support.gates import Gate
from support.guarded import GuardedKernel, StartGuarded
from support.proc import is_running, state
from support.terminals import Terminal
from support.waiting import wait_for
from support.watching import make, make_python, pid_of, row_of
from support.wire import TIMEOUT, Wire

Open = Callable[..., Terminal]
guarded_or_not = pytest.mark.parametrize("options", [[], ["--guard"]], ids=["alone", "guarded"])
WRITES_ON = "exec('while True: os.write(1, b\"x\" * 1000); time.sleep(0.01)')"


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "papa.sock")


@pytest.fixture
def open_terminal(path: str) -> Iterator[Open]:
    """Start papa in the foreground of a terminal; whatever it left behind ends with the test."""
    opened: list[Terminal] = []

    def open_one(*options: str) -> Terminal:
        opened.append(Terminal([sys.executable, "-m", "papa_kernel", "-u", path, *options]))
        return opened[-1]

    yield open_one
    for terminal in opened:
        end(terminal, path)


def end(terminal: Terminal, path: str) -> None:
    if Path(path).exists():
        assert terminal.program.pid
        os.kill(terminal.program.pid, signal.SIGTERM)
        wait_for(lambda: not Path(path).exists(), "papa has ended")
    terminal.__exit__()


def hold_things(path: str) -> tuple[int, int]:
    """Have papa hold a value and a process that writes; return the PIDs of the kernel and of the process."""
    with connected(path) as wire:
        wire.command("set a b")
        process = pid_of(make_python(wire, "y", WRITES_ON))
        return kernel_of(wire), process


def kernel_of(wire: Wire) -> int:
    return int(wire.command("info").split("\npid ")[1].split()[0])


def goes_on_writing(pid: int) -> None:
    before = Path(f"/proc/{pid}/io").read_text()
    wait_for(lambda: Path(f"/proc/{pid}/io").read_text() != before, f"{pid} goes on writing")
    assert is_running(pid)


@guarded_or_not
@pytest.mark.parametrize("key", ["\x03", "\x1c"], ids=["ctrl-c", "ctrl-backslash"])
def test_a_key_ends_it_in_order(open_terminal: Open, path: str, options: list[str], key: str) -> None:
    terminal = open_terminal(*options)
    kernel, process = hold_things(path)

    terminal.type(key)

    assert terminal.wait() == 0
    assert not is_running(kernel)
    assert not Path(path).exists()
    goes_on_writing(process)
    os.kill(process, signal.SIGKILL)
    assert not [line for line in terminal.lines if "WARNING" in line or "Traceback" in line]


def ends_at(gate: Gate, folder: Path) -> dict[str, str]:
    """Return an environment in which Python, all but ended, tells its PID in a file and waits at a gate."""
    (folder / "sitecustomize.py").write_text(f"""
import os, sys

class Last:
    def __del__(self, open=os.open, write=os.write, read=os.read, pid=os.getpid()):
        write(open({str(folder / "last")!r}, {os.O_WRONLY | os.O_CREAT | os.O_APPEND}), b"%d\\n" % pid)
        read(open({str(gate.path)!r}, {os.O_RDONLY}), 1)

sys.last = Last()
""")
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP])
def test_a_signal_that_comes_when_it_has_all_but_ended_does_not_change_its_status(
    start_guarded: StartGuarded, tmp_path: Path, gate: Gate, number: int
) -> None:
    guarded = start_guarded(env=ends_at(gate, tmp_path))
    pids = [guarded.kernel, guarded.pid]
    guarded.signal(signal.SIGTERM)

    for pid in pids:
        wait_for(partial(has_all_but_ended, pid, tmp_path), f"{pid} has all but ended")
        os.kill(pid, number)
        gate.open()

    assert guarded.wait() == 0


def has_all_but_ended(pid: int, folder: Path) -> bool:
    last = folder / "last"
    return last.exists() and last.read_text().split()[-1:] == [str(pid)]


@guarded_or_not
def test_it_goes_on_when_its_terminal_is_closed(path: str, options: list[str]) -> None:
    log, command = Path(f"{path}.log"), [sys.executable, "-m", "papa_kernel", "-u", path, *options]
    ours, theirs = pty.openpty()
    words = ["setsid", "--ctty", *command, "--log-file", str(log)]
    papa = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    kernel, process = hold_things(path)

    os.close(ours)

    wait_for(lambda: " goes on in place of " in log.read_text(), "it has been upgraded")
    with connected(path) as wire:
        assert wire.command("get a") == "b"
        assert pid_of(row_of(wire, "y")) == process
        assert kernel_of(wire) == kernel
    papa.terminate()
    assert papa.wait(TIMEOUT) == 0
    goes_on_writing(process)
    os.kill(process, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_guardian_that_hears_of_the_end_after_its_kernel_has_ended_starts_no_other(
    guarded: GuardedKernel, number: int
) -> None:
    kernel = guarded.kernel
    os.kill(guarded.pid, signal.SIGSTOP)
    for pid in (guarded.pid, kernel):
        os.kill(pid, number)
    wait_for(lambda: not is_running(kernel), "the kernel has ended")

    os.kill(guarded.pid, signal.SIGCONT)

    assert guarded.wait_for_all() == 0
    assert guarded.log_text().count(" listens on ") == 1
    assert not Path(guarded.path).exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_kernel_that_is_told_to_end_itself_takes_its_guardian_along(guarded: GuardedKernel, number: int) -> None:
    with guarded.connect() as wire:
        process = pid_of(make_python(wire, "y", WRITES_ON))

    os.kill(guarded.kernel, number)

    assert guarded.wait() == 0
    assert not Path(guarded.path).exists()
    goes_on_writing(process)
    os.kill(process, signal.SIGKILL)


def test_a_kernel_that_is_stopped_and_goes_on_is_not_taken_for_one_that_has_crashed(guarded: GuardedKernel) -> None:
    kernel = guarded.kernel
    with guarded.connect() as wire:
        row = make(wire, "y", "exec sleep 1000")
        before = guarded.log_text()

        for _ in range(5):
            os.kill(kernel, signal.SIGSTOP)
            wait_for(lambda: state(kernel) == "T", "it is stopped")
            wire.send("list processes\n")
            with Wire(guarded.path, greeted=False) as early:
                early.send("get a\n")
                os.kill(kernel, signal.SIGCONT)
                early.read_until(b"\n> \n> ")
            assert wire.read_until(b"\n> ").decode().startswith(row)

        assert guarded.kernel == kernel
        assert guarded.log_text() == before
