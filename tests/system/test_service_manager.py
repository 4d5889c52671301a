"""A kernel that a service manager starts: what it tells the manager, and when."""

import contextlib
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from papa_kernel.service_manager import ServiceManager
from support.command import Papa, connected, finish, said
from support.proc import descriptors, environment
from support.service_managers import Manager
from support.waiting import wait_for
from support.watching import make, pid_of
from support.wire import TIMEOUT, Wire


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    """A manager that listens on a path."""
    made = Manager(str(tmp_path / "notify"))
    yield made
    made.close()


@pytest.fixture
def endpoint(tmp_path: Path) -> str:
    """A path for a kernel."""
    return str(tmp_path / "papa")


def test_a_kernel_that_is_ready_tells_where_it_listens_and_answers(papa: Papa, manager: Manager, endpoint: str) -> None:
    process = papa("-u", endpoint, env=manager.env)

    message = manager.receive()

    assert message.fields == {"READY": "1", "STATUS": f"Listens on {endpoint}"}
    assert message.sender == process.pid
    with Wire(endpoint) as wire:
        assert wire.command("get a") == ""


def test_a_kernel_is_not_ready_before_it_listens(papa: Papa, manager: Manager, endpoint: str) -> None:
    folder = os.open(os.path.dirname(endpoint), os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    process = papa("-u", endpoint, env=manager.env)
    where = os.path.dirname(endpoint)
    wait_for(lambda: where in descriptors(process.pid).values(), "it waits for the folder of its path")

    early = manager.has_heard
    os.close(folder)

    assert not early
    assert manager.receive().fields["READY"] == "1"


def test_a_manager_may_listen_in_the_abstract_namespace(papa: Papa, endpoint: str) -> None:
    manager = Manager(f"@papa-test-{os.getpid()}")

    papa("-u", endpoint, env=manager.env)

    assert manager.receive().fields["READY"] == "1"
    manager.close()


def test_a_path_cannot_add_lines_to_the_message(papa: Papa, manager: Manager, tmp_path: Path) -> None:
    papa("-u", f"{tmp_path}/a\nMAINPID=1", env=manager.env)

    assert manager.receive().fields == {"READY": "1", "STATUS": rf"Listens on {tmp_path}/a\nMAINPID=1"}


def test_a_kernel_tells_that_it_ends(papa: Papa, manager: Manager, endpoint: str) -> None:
    process = papa("-u", endpoint, env=manager.env)
    manager.receive()

    process.send_signal(signal.SIGTERM)

    assert manager.receive().fields == {"STOPPING": "1"}
    assert process.wait(TIMEOUT) == 0


def test_a_kernel_that_a_client_ends_tells_so_too(papa: Papa, manager: Manager, endpoint: str) -> None:
    papa("-u", endpoint, env=manager.env)
    manager.receive()

    with Wire(endpoint) as wire:
        wire.command("exit-if-idle")

    assert manager.receive().fields == {"STOPPING": "1"}


def test_each_process_on_the_way_to_the_background_names_the_next(papa: Papa, manager: Manager, endpoint: str) -> None:
    """By default systemd listens to nobody but the main process."""
    process = papa("-u", endpoint, "--daemonize", env=manager.env)

    messages = [manager.receive() for _ in range(3)]

    first, second, last = messages
    assert first.sender == process.pid
    assert second.sender == int(first.fields["MAINPID"])
    assert last.sender == int(second.fields["MAINPID"])
    assert last.fields["READY"] == "1"
    os.kill(last.sender, signal.SIGTERM)
    assert manager.receive().fields == {"STOPPING": "1"}


def test_a_kernel_that_starts_over_in_utf_8_is_ready_once(papa: Papa, manager: Manager, endpoint: str) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    process = papa("-u", endpoint, env={**manager.env, **ascii_only})

    messages = [manager.receive()]
    process.send_signal(signal.SIGTERM)
    messages.append(manager.receive())

    assert [list(message.fields) for message in messages] == [["READY", "STATUS"], ["STOPPING"]]
    assert {message.sender for message in messages} == {process.pid}


def test_a_watchdog_hears_of_the_kernel_twice_in_its_time(papa: Papa, manager: Manager, endpoint: str) -> None:
    begun = time.monotonic()
    process = papa("-u", endpoint, env={**manager.env, "WATCHDOG_USEC": "400000"})

    messages = [manager.receive() for _ in range(5)]

    assert [list(message.fields) for message in messages] == [["READY", "STATUS"], *[["WATCHDOG"]] * 4]
    assert time.monotonic() - begun >= 3 * 0.2
    assert {message.sender for message in messages} == {process.pid}


def test_a_watchdog_still_hears_of_a_kernel_that_went_into_the_background_and_was_replaced(
    papa: Papa, manager: Manager, endpoint: str
) -> None:
    variables = {**manager.env, "WATCHDOG_USEC": "400000"}
    command = ["/bin/sh", "-c", 'export WATCHDOG_PID=$$; exec "$@"', "launch", sys.executable, "-m", "papa_kernel"]
    subprocess.run([*command, "-u", endpoint, "--daemonize"], env=variables, timeout=TIMEOUT, capture_output=True)

    messages = [manager.receive() for _ in range(5)]

    assert [next(iter(message.fields)) for message in messages] == [*["MAINPID"] * 2, "READY", *["WATCHDOG"] * 2]
    kernel = messages[-1].sender
    os.kill(kernel, signal.SIGHUP)
    wait_for(lambda: "RELOADING" in manager.receive().fields, "it is about to be replaced")
    wait_for(lambda: "READY" in manager.receive().fields, "it has been replaced")
    assert manager.receive().fields == {"WATCHDOG": "1"}
    os.kill(kernel, signal.SIGTERM)


def test_a_watchdog_that_waits_for_another_process_hears_nothing(papa: Papa, manager: Manager, endpoint: str) -> None:
    process = papa("-u", endpoint, env={**manager.env, "WATCHDOG_USEC": "2000", "WATCHDOG_PID": str(os.getpid())})
    manager.receive()
    with Wire(endpoint) as wire:
        for _ in range(100):
            wire.command("get a")

    process.send_signal(signal.SIGTERM)

    assert manager.receive().fields == {"STOPPING": "1"}


def test_processes_get_no_variable_of_the_manager(papa: Papa, manager: Manager, endpoint: str) -> None:
    variables = {"WATCHDOG_USEC": "60000000", "LISTEN_FDS": "1", "LISTEN_PID": "1", "LISTEN_FDNAMES": "x"}
    papa("-u", endpoint, env={**manager.env, **variables})
    manager.receive()

    with Wire(endpoint) as wire:
        pid = pid_of(make(wire, "y", "exec sleep 100"))

        assert not [line for line in environment(pid) if re.match(b"NOTIFY|WATCHDOG|LISTEN", line)]
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/no/such/socket", "was not told READY=1: No such file or directory"),
        ("/" + "x" * 200, "was not told READY=1: AF_UNIX path too long"),
        ("@papa-nobody-listens-here", "was not told READY=1: Connection refused"),
        ("vsock:2:1234", "NOTIFY_SOCKET=vsock:2:1234 is neither an absolute path nor an abstract name"),
        ("", None),
    ],
)
def test_a_manager_that_cannot_be_told_does_no_harm(
    papa: Papa, endpoint: str, tmp_path: Path, address: str, reason: str | None
) -> None:
    process = papa("-u", endpoint, "--log-file", str(tmp_path / "log"), env={**os.environ, "NOTIFY_SOCKET": address})
    said(process)

    with Wire(endpoint) as wire:
        assert wire.command("get a") == ""
    process.send_signal(signal.SIGTERM)

    assert finish(process)[0] == 0
    warnings = [line for line in (tmp_path / "log").read_text().splitlines() if "WARNING" in line]
    assert [reason in line for line in warnings[:1]] == [True] if reason else not warnings


def fill(manager: Manager) -> int:
    """Send a manager as many messages as one socket may; return how many those were."""
    count = 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filler, contextlib.suppress(BlockingIOError):
        filler.setblocking(False)
        while True:
            filler.sendto(b"X=1", manager.env["NOTIFY_SOCKET"])
            count += 1
    return count


def test_a_manager_that_does_not_read_holds_nobody_up(papa: Papa, manager: Manager, endpoint: str) -> None:
    while fill(manager):
        pass

    process = papa("-u", endpoint, env=manager.env)

    with connected(endpoint) as wire:
        assert wire.command("get a") == ""
    process.send_signal(signal.SIGTERM)
    status, _, err = finish(process)
    assert status == 0
    assert "was not told READY=1: Resource temporarily unavailable" in err


def test_a_kernel_that_a_service_starts_for_itself_does_not_speak_for_the_service(
    manager: Manager, endpoint: str
) -> None:
    program = "import papa, sys; print(papa.Papa(sys.argv[1]).info()['pid'])"

    done = subprocess.run([sys.executable, "-c", program, endpoint], env=manager.env, capture_output=True, timeout=60)

    pid = int(done.stdout)
    assert not [line for line in environment(pid) if line.startswith(b"NOTIFY_SOCKET")]
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not os.path.exists(endpoint), "it ends")
    assert not manager.has_heard


@pytest.fixture
def told(manager: Manager) -> Iterator[ServiceManager]:
    """The kernel's side of the manager, in this process."""
    made = ServiceManager(manager.env)
    yield made
    made.close()


def test_a_kernel_that_is_replaced_tells_so_and_that_it_serves_again(
    papa: Papa, manager: Manager, endpoint: str
) -> None:
    process = papa("-u", endpoint, env=manager.env)
    manager.receive()

    process.send_signal(signal.SIGHUP)
    messages = [manager.receive() for _ in range(2)]

    assert [list(message.fields) for message in messages] == [["RELOADING", "MONOTONIC_USEC"], ["READY", "STATUS"]]
    assert messages[1].fields["STATUS"] == f"Listens on {endpoint}"
    assert {message.sender for message in messages} == {process.pid}


def test_a_replacement_is_told_with_the_time_and_then_its_end(manager: Manager, told: ServiceManager) -> None:
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000

    told.reloading()
    told.ready("here")

    fields = manager.receive().fields
    assert fields["RELOADING"] == "1"
    assert before <= int(fields["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert manager.receive().fields["READY"] == "1"


def test_descriptors_go_with_a_message(manager: Manager, told: ServiceManager) -> None:
    reading, writing = os.pipe()

    assert told.send("FDSTORE=1\nFDNAME=papa-x", [reading, writing])

    message = manager.receive()
    assert message.fields == {"FDSTORE": "1", "FDNAME": "papa-x"}
    os.write(message.fds[1], b"through")
    assert os.read(message.fds[0], 100) == b"through"
    for fd in (reading, writing, *message.fds):
        os.close(fd)
