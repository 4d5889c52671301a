"""Endpoints that a service manager has bound and passes to the kernel: socket activation."""

import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.command import Papa, Started, finish, said
from support.service_managers import start_activated
from support.wire import TIMEOUT, Wire

Activate = Callable[..., Started]
NOBODY = 65534


@pytest.fixture
def activate() -> Iterator[Activate]:
    """Start kernels with sockets of the test's; what still runs ends with the test."""
    started: list[Started] = []

    def start(*passed: socket.socket | tuple[str, int], arguments: tuple[str, ...] = (), **options: object) -> Started:
        named = [("papa.socket", one.fileno()) if isinstance(one, socket.socket) else one for one in passed]
        started.append(start_activated(named, *arguments, **options))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def tcp() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock


@pytest.fixture
def unix(tmp_path: Path) -> Iterator[socket.socket]:
    with bind_unix(str(tmp_path / "passed")) as sock:
        yield sock


def bind_unix(address: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(address)
    sock.listen()
    return sock


def port_of(sock: socket.socket) -> int:
    return int(sock.getsockname()[1])


def test_who_connected_before_the_kernel_was_started_is_answered(activate: Activate, tcp: socket.socket) -> None:
    with Wire(port_of(tcp), greeted=False) as wire:
        wire.send("set a 1\nget a\n")

        activate(tcp)

        assert wire.read_until(b"1\n> ").endswith(b"\n> \n> 1\n> ")


def test_what_is_passed_are_the_endpoints_and_there_is_no_other(
    activate: Activate, tcp: socket.socket, unix: socket.socket
) -> None:
    process = activate(tcp, unix)

    line = said(process)

    assert line.endswith(f" listens on 127.0.0.1:{port_of(tcp)} and {unix.getsockname()}")
    for endpoint in (port_of(tcp), unix.getsockname()):
        with Wire(endpoint) as wire:
            assert wire.command("info").count("\nendpoint ") == 2


def test_endpoints_that_are_asked_for_are_bound_as_well(activate: Activate, tcp: socket.socket, tmp_path: Path) -> None:
    process = activate(tcp, arguments=("-u", str(tmp_path / "own")))

    assert said(process).endswith(f" listens on 127.0.0.1:{port_of(tcp)} and {tmp_path}/own")
    with Wire(str(tmp_path / "own")) as wire:
        assert wire.command("get a") == ""


def test_ipv6_has_a_loopback_interface_too(activate: Activate) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as sock:
        process = activate(sock)

        assert said(process).endswith(f" listens on [::1]:{port_of(sock)}")
        with socket.create_connection(("::1", port_of(sock)), TIMEOUT) as connection:
            connection.sendall(b"get a\n")
            connection.shutdown(socket.SHUT_WR)
            assert b"".join(iter(lambda: connection.recv(4096), b"")).endswith(b"> \n> ")


def test_the_path_of_a_passed_socket_outlives_the_kernel(activate: Activate, unix: socket.socket) -> None:
    first = activate(unix)
    said(first)
    first.send_signal(signal.SIGTERM)
    assert first.wait(TIMEOUT) == 0

    with Wire(unix.getsockname(), greeted=False) as wire:
        activate(unix)

        assert wire.read_until(b"> ")


def test_a_kernel_in_the_background_keeps_what_was_passed(activate: Activate, unix: socket.socket) -> None:
    assert finish(activate(unix, arguments=("--daemonize",)))[0] == 0

    with Wire(unix.getsockname()) as wire:
        pid = int(wire.command("info").split("pid ")[1].split("\n")[0])
        os.kill(pid, signal.SIGTERM)
        wire.read_to_end()


@pytest.mark.parametrize("pid", ["1", "", "x"])
def test_what_is_meant_for_another_process_is_left_alone(papa: Papa, tmp_path: Path, pid: str) -> None:
    variables = {"LISTEN_FDS": "1", "LISTEN_FDNAMES": "papa.socket", "LISTEN_PID": pid}

    process = papa("-u", str(tmp_path / "own"), env={**os.environ, **variables})

    assert said(process).endswith(f" listens on {tmp_path}/own")


def test_what_the_kernel_itself_left_with_the_manager_is_no_endpoint(activate: Activate, unix: socket.socket) -> None:
    reading, writing = os.pipe()
    process = activate(("papa-output", reading), unix, ("papa-output", writing))
    os.close(reading)
    os.close(writing)

    assert said(process).endswith(f" listens on {unix.getsockname()}")


def listening(family: int, address: object) -> socket.socket:
    sock = socket.socket(family)
    sock.bind(address)  # type: ignore[arg-type]
    sock.listen()
    return sock


def connection() -> socket.socket:
    sock, peer = socket.socketpair()
    peer.close()
    return sock


NO_ENDPOINTS: dict[str, Callable[[], socket.socket]] = {
    "datagrams": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
    "not listening": lambda: socket.socket(socket.AF_INET),
    "a connection": connection,
    "every interface": lambda: listening(socket.AF_INET, ("0.0.0.0", 0)),
    "every interface, IPv6": lambda: listening(socket.AF_INET6, ("::", 0)),
    "mapped": lambda: listening(socket.AF_INET6, ("::ffff:127.0.0.1", 0)),
    "abstract": lambda: listening(socket.AF_UNIX, f"\0papa-test-{os.getpid()}"),
}
NOT_LISTENING = "not a stream socket that listens (Accept=yes passes none)"
NOT_LOCAL = "papa listens only on TCP ports of the loopback interface and on absolute Unix paths"


@pytest.mark.parametrize("kind", NO_ENDPOINTS)
def test_a_socket_that_is_no_endpoint_is_refused_with_status_1(
    activate: Activate, unix: socket.socket, kind: str, tmp_path: Path
) -> None:
    with NO_ENDPOINTS[kind]() as sock:
        status, out, err = finish(activate(unix, ("web.socket", sock.fileno()), arguments=("-u", f"{tmp_path}/own")))

    reason = NOT_LISTENING if kind in ("datagrams", "not listening", "a connection") else NOT_LOCAL
    assert (status, out, err) == (1, "", f"papa: descriptor 4 (web.socket): {reason}\n")
    assert not (tmp_path / "own").exists()


def test_a_descriptor_that_is_no_socket_is_refused(activate: Activate) -> None:
    reading, writing = os.pipe()

    refused = finish(activate(("pipe", reading)))

    os.close(reading)
    os.close(writing)
    assert refused == (1, "", "papa: descriptor 3 (pipe): socket operation on non-socket\n")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"LISTEN_FDS": "3", "LISTEN_FDNAMES": ""}, "descriptor 4 (unknown): bad file descriptor"),
        ({"LISTEN_FDS": "-1"}, "LISTEN_FDS: expected a number, not -1"),
        ({"LISTEN_FDNAMES": "a:b"}, "LISTEN_FDNAMES: expected 1 names, not 2"),
    ],
)
def test_variables_that_are_wrong_are_named(
    activate: Activate, unix: socket.socket, variables: dict[str, str], message: str
) -> None:
    assert finish(activate(unix, env=variables)) == (1, "", f"papa: {message}\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_passed_socket_that_anybody_can_open_lets_nobody_else_in(activate: Activate) -> None:
    with tempfile.TemporaryDirectory() as folder, bind_unix(f"{folder}/passed") as sock:
        for path in (folder, sock.getsockname()):
            os.chmod(path, 0o777)
        said(activate(sock))

        script = f"echo 'set a 1' | timeout 30 nc -NU {sock.getsockname()}"
        done = subprocess.run(["/bin/bash", "-c", script], user=NOBODY, capture_output=True, text=True, timeout=TIMEOUT)

        assert done.stdout == "Error: User root runs this kernel, and does not let user nobody in\n"
        with Wire(sock.getsockname()) as wire:
            assert wire.command("get a") == ""
