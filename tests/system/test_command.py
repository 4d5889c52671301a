"""The ``papa`` command: its arguments, its endpoints, its log."""

import fcntl
import os
import signal
import socket
import stat
from pathlib import Path

import pytest

from support.command import Papa, finish, said
from support.proc import descriptors
from support.waiting import wait_for
from support.wire import TIMEOUT, Wire


def test_the_version_is_told(papa: Papa) -> None:
    status, out, _ = finish(papa("--version"))

    assert (status, out.split()[0], out.split()[1][:2]) == (0, "papa", "2.")


def test_help_names_every_option_and_exit_status(papa: Papa) -> None:
    status, out, _ = finish(papa("--help"))

    assert status == 0
    for text in ("-p", "-u", "-d", "--daemonize", "--log-file", "--version", "20202", "Exit status"):
        assert text in out


@pytest.mark.parametrize(("arguments", "message"), [
    (["-p", "x"], 'expected a number from 0 to 65535, not "x"'),
    (["-p", "65536"], 'expected a number from 0 to 65535, not "65536"'),
    (["-u", "relative"], 'expected an absolute path, not "relative"'),
    (["--nonsense"], "unrecognized arguments: --nonsense"),
])  # fmt: skip
def test_wrong_arguments_are_named_with_status_2(papa: Papa, arguments: list[str], message: str) -> None:
    status, out, err = finish(papa(*arguments))

    assert (status, out) == (2, "")
    assert message in err


def test_both_endpoints_are_served_and_told(papa: Papa, tmp_path: Path) -> None:
    process = papa("-p", "0", "-u", str(tmp_path / "papa"))

    line = said(process)

    port = int(line.split("127.0.0.1:")[1].split()[0])
    assert line.endswith(f" listens on 127.0.0.1:{port} and {tmp_path}/papa")
    for endpoint in (port, str(tmp_path / "papa")):
        with Wire(endpoint) as wire:
            assert wire.command("get a") == ""


def test_a_path_alone_opens_no_port(papa: Papa, tmp_path: Path) -> None:
    process = papa("-u", str(tmp_path / "papa"))

    assert said(process).endswith(f" listens on {tmp_path}/papa")
    tables = [Path(f"/proc/net/{table}").read_text().splitlines()[1:] for table in ("tcp", "tcp6", "udp", "udp6")]
    on_ports = {f"socket:[{line.split()[9]}]" for table in tables for line in table}
    assert on_ports.isdisjoint(descriptors(process.pid).values())


def test_the_path_is_open_to_its_user_alone_whatever_the_umask(papa: Papa, tmp_path: Path) -> None:
    process = papa("-u", str(tmp_path / "papa"), umask=0)
    said(process)

    assert stat.S_IMODE((tmp_path / "papa").stat().st_mode) == 0o600


def test_only_this_machine_can_connect(papa: Papa) -> None:
    port = int(said(papa("-p", "0")).rpartition(":")[2])

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), TIMEOUT)


def test_an_endpoint_in_use_is_named_with_status_3(papa: Papa, tmp_path: Path) -> None:
    """D21: a second kernel on a path took it from the first."""
    path = str(tmp_path / "papa")
    port = said(papa("-p", "0", "-u", path)).split("127.0.0.1:")[1].split()[0]

    by_port = finish(papa("-p", port, "-u", str(tmp_path / "other")))
    by_path = finish(papa("-u", path))

    in_use = "is in use: another kernel or program listens there"
    assert by_port == (3, "", f"papa: 127.0.0.1:{port} {in_use}\n")
    assert by_path == (3, "", f"papa: {path} {in_use}\n")
    assert not (tmp_path / "other").exists()
    with Wire(path) as wire:
        assert wire.command("get a") == ""


@pytest.mark.parametrize(("path", "message"), [
    ("/no/such/papa", "its folder does not exist"),
    ("/etc/passwd", "exists and is not a socket"),
    ("/tmp/" + "x" * 200, "it is longer than a Unix socket's path can be"),
])  # fmt: skip
def test_a_path_that_cannot_be_bound_is_named_with_status_1(papa: Papa, path: str, message: str) -> None:
    status, out, err = finish(papa("-u", path))

    assert (status, out) == (1, "")
    assert err.startswith(f"papa: {path}: ")
    assert message.lower() in err.lower()
    assert Path("/etc/passwd").read_text()


def test_a_path_left_behind_by_a_dead_kernel_is_taken_over(papa: Papa, tmp_path: Path) -> None:
    path = str(tmp_path / "papa")
    first = papa("-u", path)
    said(first)
    first.kill()
    first.wait()
    assert os.path.exists(path)

    assert said(papa("-u", path)).endswith(f"listens on {path}")
    with Wire(path) as wire:
        assert wire.command("get a") == ""


def test_a_kernel_waits_its_turn_to_look_at_the_folder_of_its_path(papa: Papa, tmp_path: Path) -> None:
    """D21: else two that find the same dead socket each unlink what the other has bound."""
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    process = papa("-u", str(tmp_path / "papa"))

    wait_for(lambda: str(tmp_path) in descriptors(process.pid).values(), "it waits for the lock")
    assert not (tmp_path / "papa").exists()
    os.close(folder)

    assert said(process).endswith(f"listens on {tmp_path}/papa")


def test_of_many_kernels_started_at_once_one_gets_the_path(papa: Papa, tmp_path: Path) -> None:
    """D21: two kernels, the first unreachable with its processes."""
    path = str(tmp_path / "papa")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)

    started = [papa("-u", path) for _ in range(12)]

    wait_for(lambda: sum(process.poll() is None for process in started) == 1, "all others have ended")
    assert sorted(str(process.poll()) for process in started) == ["3"] * 11 + ["None"]
    with Wire(path) as wire:
        assert f"pid {next(p.pid for p in started if p.poll() is None)}" in wire.command("info").split("\n")


def test_the_log_is_appended_to_a_file(papa: Papa, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    process = papa("-u", str(tmp_path / "papa"), "--log-file", str(log))
    said(process)
    process.send_signal(signal.SIGTERM)

    status, out, err = finish(process)

    assert (status, out, err) == (0, "", "")
    lines = log.read_text().splitlines()
    assert lines[0] == "before"
    assert f"process {process.pid}, listens on {tmp_path}/papa" in lines[1]


def test_a_log_that_cannot_be_opened_is_named_with_status_1(papa: Papa, tmp_path: Path) -> None:
    status, _, err = finish(papa("-u", str(tmp_path / "papa"), "--log-file", "/no/such/log"))

    assert (status, err) == (1, "papa: --log-file: /no/such/log cannot be opened: no such file or directory\n")
    assert not (tmp_path / "papa").exists()


def test_a_log_in_a_folder_that_is_gone_is_named_with_status_1(papa: Papa, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    def leave_it() -> None:
        os.chdir(folder)
        folder.rmdir()

    status, _, err = finish(papa("-u", str(tmp_path / "papa"), "--log-file", "log", preexec_fn=leave_it))

    assert (status, err) == (1, "papa: --log-file: log cannot be opened: no such file or directory\n")


def test_a_kernel_of_one_client_ends_with_its_last_connection(papa: Papa, tmp_path: Path) -> None:
    process = papa("-u", str(tmp_path / "papa"), "--end-with-last-connection")
    said(process)

    with Wire(str(tmp_path / "papa")) as wire:
        wire.command("set a 1")

    assert process.wait(TIMEOUT) == 0
