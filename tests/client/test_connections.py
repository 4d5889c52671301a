"""Connections that do not answer, that are lost and that come back; the endpoints that are meant."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

import papa
from support.clients import patiently
from support.kernels import KernelProcess
from support.ports import free_port
from support.waiting import wait_for
from support.wire import TIMEOUT

Connect = Callable[..., papa.Papa]
StartKernel = Callable[..., KernelProcess]
SHORT = 0.3
# For a kernel that answers at first.
LONGER = 1.5


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where something listens and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_silent_listener_is_given_up(connect_either: Connect, silent_port: int) -> None:
    """D27."""
    begun = time.monotonic()

    with pytest.raises(papa.CannotConnectError, match=r"did not answer in 0\.3 s"):
        connect_either(silent_port, SHORT)

    assert SHORT <= time.monotonic() - begun < TIMEOUT


@contextlib.contextmanager
def greeter(greet: Callable[[socket.socket], object]) -> Iterator[int]:
    """Listen, greet one connection, and then wait for its end; the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as connection, contextlib.suppress(ConnectionError):
                greet(connection)
                connection.recv(1000)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    ("greeting", "told"),
    [
        (b"Error: Not for you\n", "Error: Not for you"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", 'what listens there is no kernel: it says "SSH-2.0-OpenSSH_9.2"'),
        (b"HTTP/1.1 408 Too late\r\n\r\n<html>", 'what listens there is no kernel: it says "HTTP/1.1 408 Too late"'),
        (b"\x1b[31m\xff\x07", r'what listens there is no kernel: it says "\x1b[31m\xff\x07"'),
        (b"y" * 300, f'what listens there is no kernel: it says "{"y" * 200}…"'),
    ],
    ids=["refusal", "SSH", "HTTP", "escapes", "long"],
)
def test_a_program_that_is_no_kernel_is_told_from_one(connect_either: Connect, greeting: bytes, told: str) -> None:
    def greet(connection: socket.socket) -> None:
        connection.sendall(greeting)
        connection.shutdown(socket.SHUT_WR)

    with greeter(greet) as port, pytest.raises(papa.CannotConnectError) as raised:
        connect_either(port, TIMEOUT)

    assert str(raised.value) == f"127.0.0.1:{port}: {told}"


def test_a_program_that_waits_after_its_greeting_is_told_from_a_kernel(connect_either: Connect) -> None:
    def greet(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

    with greeter(greet) as port, pytest.raises(papa.CannotConnectError, match='no kernel: it says "SSH'):
        connect_either(port, LONGER)


def test_what_never_stops_to_greet_is_not_listened_to(connect_either: Connect) -> None:
    sent = 0

    def greet(connection: socket.socket) -> None:
        nonlocal sent
        while True:
            sent += connection.send(b"y\n" * 1000)

    with greeter(greet) as port, pytest.raises(papa.CannotConnectError, match='no kernel: it says "y"'):
        connect_either(port, TIMEOUT)

    assert sent < 100 << 20


def test_a_kernel_that_stops_answering_times_out_and_is_asked_anew(
    connect_either: Connect, kernel: KernelProcess
) -> None:
    """D27."""
    client = patiently(lambda: connect_either(kernel.path, LONGER))
    kernel.signal(signal.SIGSTOP)

    with pytest.raises(papa.TimedOutError, match=r"did not answer in 1\.5 s"):
        client.get("a")
    with pytest.raises(papa.CannotConnectError, match="did not answer"):
        client.get("a")
    kernel.signal(signal.SIGCONT)

    patiently(lambda: client.set("a", "1"))
    assert patiently(lambda: client.get("a")) == "1"


class Interruption(BaseException):
    """What a handler of a signal raises; Ctrl-C is one."""


@pytest.fixture
def interrupted() -> Iterator[Callable[[Callable[[], object]], None]]:
    """Do something that waits for ever, and interrupt it while it waits."""

    def interrupt(*_: object) -> None:
        raise Interruption

    def soon(wait: Callable[[], object]) -> None:
        signal.setitimer(signal.ITIMER_REAL, SHORT)
        wait()

    def run(wait: Callable[[], object]) -> None:
        with pytest.raises(Interruption):
            soon(wait)

    before = signal.signal(signal.SIGALRM, interrupt)
    yield run
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    "command",
    [
        lambda client: client.get("a"),
        lambda client: client.watch_processes("p"),
        lambda client: client.make_process("q", "/bin/echo", watch_immediately=True),
    ],
    ids=["get", "watch", "make and watch"],
)
def test_the_reply_to_a_command_that_was_interrupted_is_nobody_else_s(
    client: papa.Papa,
    kernel: KernelProcess,
    interrupted: Callable[[Callable[[], object]], None],
    command: Callable[[papa.Papa], object],
) -> None:
    client.set("a", "1")
    client.set("b", "2")
    client.make_process("p", "/bin/echo", "p")
    kernel.signal(signal.SIGSTOP)

    interrupted(lambda: command(client))
    kernel.signal(signal.SIGCONT)

    assert [client.get("b"), client.get("a")] == ["2", "1"]


def test_a_watch_that_does_not_begin_times_out(connect_either: Connect, kernel: KernelProcess) -> None:
    client = patiently(lambda: connect_either(kernel.path, LONGER))
    patiently(lambda: client.make_process("p", "/bin/sleep", "100"))
    kernel.signal(signal.SIGSTOP)

    with pytest.raises(papa.Error, match=r"did not answer in 1\.5 s"):
        client.watch_processes("p")

    kernel.signal(signal.SIGCONT)
    assert list(patiently(client.list_processes)) == ["p"]


def test_a_watch_that_does_not_end_times_out(connect_either: Connect, kernel: KernelProcess) -> None:
    client = patiently(lambda: connect_either(kernel.path, LONGER))
    patiently(lambda: client.make_process("p", "/bin/sh", ["-c", "echo one; exec sleep 100"]))
    watcher = patiently(lambda: client.watch_processes("p"))
    watcher.read()
    kernel.signal(signal.SIGSTOP)

    with pytest.raises(papa.TimedOutError, match=r"did not answer in 1\.5 s"):
        watcher.close()
    kernel.signal(signal.SIGCONT)

    assert not watcher


def test_a_watcher_waits_for_output_longer_than_a_reply_may_take(
    connect_either: Connect, kernel: KernelProcess
) -> None:
    client = patiently(lambda: connect_either(kernel.path, LONGER))
    words = ["-c", "sleep 2; echo hi"]
    watcher = patiently(lambda: client.make_process("p", "/bin/sh", words, watch_immediately=True))

    assert [record.data for record in watcher.read()[0]] == [b"hi\n"]
    watcher.close()


def test_a_lost_kernel_is_one_error_then_the_next_one_is_found(
    connect_either: Connect, start_kernel: StartKernel
) -> None:
    kernel = start_kernel("-p", str(free_port()))
    client = connect_either(kernel.port, TIMEOUT)
    client.set("a", "1")
    kernel.signal(signal.SIGKILL)
    kernel.wait()

    with pytest.raises(papa.LostConnectionError):
        client.get("a")
    with pytest.raises(papa.CannotConnectError, match=f"No kernel listens at 127.0.0.1:{kernel.port}"):
        client.get("a")
    start_kernel("-p", str(kernel.port))

    assert client.get("a") is None
    client.set("a", "2")
    assert client.get("a") == "2"


def test_a_lost_connection_never_starts_a_kernel(connect_either: Connect, kernel: KernelProcess) -> None:
    client = connect_either(kernel.path, TIMEOUT)
    client.exit_if_idle()
    client.close()
    kernel.wait()

    for command in (lambda: client.get("a"), lambda: client.set("a", "1"), lambda: client.watch_processes("p")) * 2:
        with pytest.raises(papa.CannotConnectError, match="No kernel listens"):
            command()

    assert not os.path.exists(kernel.path)


def test_start_false_never_starts_a_kernel(connect_either: Connect, kernel: KernelProcess) -> None:
    path = f"{kernel.folder}/none"

    with pytest.raises(papa.CannotConnectError, match=f"No kernel listens at {path}"):
        connect_either(path, start=False)

    assert not os.path.exists(path)


def test_a_command_is_never_sent_twice(connect_either: Connect) -> None:
    """The kernel dies between a command and its reply; whether it was carried out is not known."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _ in range(2):
                with listener.accept()[0] as connection:
                    connection.sendall(b"hello\n> ")
                    connection.recv(1000)
                    connection.sendall(b"protocol 2\n> ")
                    received.append(connection.recv(1000))

        thread = threading.Thread(target=serve)
        thread.start()
        client = connect_either(listener.getsockname()[1], TIMEOUT)
        with pytest.raises(papa.LostConnectionError):
            client.make_process("one", "/bin/true")
        with pytest.raises(papa.LostConnectionError):
            client.make_process("two", "/bin/true")
        thread.join()

    assert received == [b"make process one /bin/true\n", b"make process two /bin/true\n"]


@pytest.mark.parametrize("stream", ["watch_processes", "tail_processes"])
def test_a_stream_whose_kernel_dies_raises_once_and_is_over(
    connect_either: Connect, kernel: KernelProcess, stream: str
) -> None:
    client = connect_either(kernel.path, TIMEOUT)
    client.make_process("p", "/bin/sh", ["-c", "echo hi; exec sleep 100"])
    watcher = getattr(client, stream)("p")
    watcher.read()
    pids = kernel.children()
    kernel.signal(signal.SIGKILL)
    kernel.wait()

    with pytest.raises(papa.LostConnectionError):
        watcher.read() and watcher.read()

    assert not watcher
    assert not watcher.read()
    watcher.close()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def test_ready_is_true_only_if_data_waits(client: papa.Papa) -> None:
    """D22."""
    client.make_process("p", "/bin/echo", "hi")
    client.make_process("q", "/bin/sleep", "100")
    with client.watch_processes("q") as silent, client.watch_processes("p") as watcher:
        seen = []
        while watcher:
            wait_for(lambda: watcher.ready, "a batch or the end has come")
            watcher.read()
            seen.append(watcher.ready)
            watcher.acknowledge()
        client.list_processes()

        assert not any(seen)
        assert not watcher.ready
        assert not silent.ready


def test_after_close_the_next_command_connects_again(connect_either: Connect, kernel: KernelProcess) -> None:
    client = connect_either(kernel.port, TIMEOUT)

    client.close()
    client.close()

    client.set("a", "1")
    assert client.get("a") == "1"


def test_a_child_of_a_fork_has_a_connection_of_its_own(kernel: KernelProcess) -> None:
    program = """
import os, sys
from papa import Papa

with Papa(sys.argv[1]) as client:
    client.set("parent", "parent")
    client.set("child", "child")
    child = os.fork()
    me = "parent" if child else "child"
    assert {client.get(me) for _ in range(1000)} == {me}
    if child:
        sys.exit(os.waitpid(child, 0)[1])
"""

    done = subprocess.run([sys.executable, "-W", "error", "-c", program, kernel.path], timeout=TIMEOUT, check=False)

    assert done.returncode == 0


def test_the_default_time_out_holds_for_clients_that_name_none(connect_either: Connect, silent_port: int) -> None:
    papa.set_default_connection_timeout(SHORT)

    with pytest.raises(papa.CannotConnectError, match=r"in 0\.3 s"):
        connect_either(silent_port)


def test_a_bare_import_loads_no_asyncio() -> None:
    code = "import sys, papa; sys.exit('asyncio' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], timeout=TIMEOUT).returncode == 0
