"""The ``papa`` command among other programs: signals, standard streams, the background, and what it leaves behind."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from support.command import Papa, connected, finish
from support.kernels import KernelProcess
from support.proc import descriptors, is_running
from support.waiting import wait_for
from support.watching import field_of, make, pid_of, row_of, wait_until_buffered
from support.wire import TIMEOUT, Wire


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_unlinks_the_paths_and_leaves_processes_running(
    kernel: KernelProcess, wire: Wire, tmp_path: Path, number: int
) -> None:
    """D7."""
    held = tmp_path / "held"
    wire.command(f"make socket s path={held}")
    rounds = tmp_path / "rounds"
    pid = pid_of(make(wire, "y", f"while echo hello; do echo >> {rounds}; sleep 0.01; done"))
    wait_until_buffered(wire, "y", 6)

    kernel.signal(number)

    assert kernel.wait() == 0
    assert not os.path.exists(kernel.path)
    assert not held.exists()
    assert wire.read_to_end() == b""
    before = rounds.stat().st_size
    wait_for(lambda: rounds.stat().st_size > before + 3, "it goes on")
    os.killpg(pid, signal.SIGKILL)


def test_a_signal_sent_as_soon_as_it_listens_ends_it_cleanly(
    start_kernel: Callable[..., KernelProcess],
) -> None:
    for _ in range(5):
        kernel = start_kernel()

        kernel.signal(signal.SIGTERM)

        assert kernel.wait() == 0
        assert not os.path.exists(kernel.path)


def test_a_kernel_under_nohup_survives_a_hangup(start_kernel: Callable[..., KernelProcess]) -> None:
    kernel = start_kernel(before_exec=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))

    kernel.signal(signal.SIGHUP)

    with kernel.connect() as wire:
        assert wire.command("get a") == ""
    assert kernel.alive


def test_a_kernel_reaps_though_its_parent_blocked_and_ignored_signals(
    start_kernel: Callable[..., KernelProcess],
) -> None:
    def spoil() -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})

    kernel = start_kernel(before_exec=spoil)

    with kernel.connect() as wire:
        make(wire, "y", "exit 3")
        wait_for(lambda: " status=" in row_of(wire, "y"), "it is reaped")
        assert field_of(row_of(wire, "y"), "status") == "3"
    kernel.signal(signal.SIGTERM)
    assert kernel.wait() == 0


def close_standard_streams() -> None:
    for fd in range(3):
        os.close(fd)


def test_a_kernel_started_without_standard_streams_holds_sockets_and_processes(papa: Papa, tmp_path: Path) -> None:
    path = str(tmp_path / "papa")
    papa("-u", path, preexec_fn=close_standard_streams)

    with connected(path) as wire:
        assert int(field_of(wire.command("make socket s"), "fileno")) > 2
        make(wire, "y", "echo hello; cat; echo end >&2")
        wait_until_buffered(wire, "y", 10)


def test_a_daemon_started_without_standard_streams_is_served_where_it_listens(papa: Papa, tmp_path: Path) -> None:
    """Else the endpoint has the number of a stream, which the daemon makes /dev/null."""
    path = str(tmp_path / "papa")

    assert papa("-u", path, "--daemonize", preexec_fn=close_standard_streams).wait(TIMEOUT) == 0

    with connected(path) as wire:
        pid = int(wire.command("info").split("pid ")[1].split("\n")[0])
        assert [target for fd, target in descriptors(pid).items() if fd < 3] == ["/dev/null"] * 3
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not is_running(pid), "it ends")


def test_nobody_need_read_what_it_says(papa: Papa, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    process = papa("-u", str(tmp_path / "papa"), stdout=writing)

    os.close(writing)
    with connected(str(tmp_path / "papa")) as wire:
        assert wire.command("exit-if-idle") == "Exiting papa!"
    assert process.wait(TIMEOUT) == 0


def test_a_daemon_keeps_nothing_of_its_parent(papa: Papa, tmp_path: Path) -> None:
    path, log = tmp_path / "papa", tmp_path / "log"
    reading, writing = os.pipe()
    arguments = ("-p", "0", "-u", str(path), "--daemonize", "--log-file", "log")
    process = papa(*arguments, cwd=tmp_path, pass_fds=[writing])
    os.close(writing)

    # The pipes come to their ends, so the daemon holds none of them.
    status, out, err = finish(process)
    inherited = os.read(reading, 1)
    os.close(reading)

    assert (status, err, inherited) == (0, "", b"")
    with Wire(str(path)) as wire:
        pid = int(wire.command("info").split("pid ")[1].split("\n")[0])
        assert f"listens on 127.0.0.1:{out.split(':')[1].split()[0]} and {path}\n" in out
        assert os.getsid(pid) != os.getsid(0)
        assert os.getsid(pid) != pid
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
        targets = descriptors(pid)
        assert [targets.pop(fd) for fd in range(3)] == ["/dev/null"] * 3
        assert str(log) in targets.values()
        assert {target.partition(":")[0] for target in targets.values()} <= {
            "socket", "pipe", "anon_inode", "/dev/null", str(log),
        }  # fmt: skip
        make(wire, "y", "echo hello; exit 3")
        wait_until_buffered(wire, "y", 6)
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not path.exists() and not is_running(pid), "it ends and unlinks its path")
    assert "papa ends; its processes go on" in log.read_text()


def test_a_process_has_nothing_that_the_kernel_was_started_with(papa: Papa, tmp_path: Path) -> None:
    reading, writing = os.pipe()

    papa("-u", str(tmp_path / "papa"), pass_fds=[writing])

    os.close(writing)
    os.close(reading)
    with connected(str(tmp_path / "papa")) as wire:
        pid = pid_of(make(wire, "y", "exec sleep 100"))
        wait_for(lambda: set(descriptors(pid)) == {0, 1, 2}, "it has its own streams")
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not is_running(pid), "it ends")
