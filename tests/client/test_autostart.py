"""Kernels that clients start: one however many ask at once, detached, again when one has gone."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import papa
from papa.aio import AsyncPapa
from support.ports import free_port
from support.proc import descriptors, environment, is_running, stat_fields
from support.waiting import wait_for
from support.wire import TIMEOUT

MANY = 50
# Each program says that it begins, waits for the word, and says which kernel it has found.
FIND = """
import papa, sys
print("ready", flush=True)
sys.stdin.readline()
endpoint = sys.argv[1]
with papa.Papa(int(endpoint) if endpoint.isdigit() else endpoint, 60) as client:
    print(client.info()["pid"], flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="papa-start-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(params=["port", "path"])
def endpoint(request: pytest.FixtureRequest, folder: Path) -> Iterator[int | str]:
    """An endpoint where nothing listens; whatever kernel comes to listen there ends with the test."""
    if request.param == "path":
        place: int | str = str(folder / "papa.sock")
    else:
        place = free_port()
    yield place
    end_kernel(place)


@pytest.fixture
def path(folder: Path) -> Iterator[str]:
    place = str(folder / "papa.sock")
    yield place
    end_kernel(place)


def end_kernel(endpoint: int | str) -> None:
    """End the kernel at an endpoint, if there is one, as nobody can tell it to: whatever it holds."""
    with contextlib.suppress(papa.CannotConnectError):
        pid = kernel_pid(endpoint)
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not is_running(pid), "the kernel has ended")


def kernel_pid(endpoint: int | str) -> int:
    with papa.Papa(endpoint, TIMEOUT, start=False) as client:
        return client.info()["pid"]


def parent_and_session(pid: int) -> tuple[int, int, int]:
    """Return the parent, the session and the terminal of a process."""
    fields = stat_fields(pid)
    return int(fields[1]), int(fields[3]), int(fields[4])


def test_fifty_programs_that_start_at_once_get_one_kernel(endpoint: int | str) -> None:
    """D21."""
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", FIND, str(endpoint)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(MANY)
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"

    for program in programs:
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()
    found = [program.communicate(timeout=90)[0] for program in programs]

    assert {program.returncode for program in programs} == {0}
    assert set(found) == {f"{kernel_pid(endpoint)}\n"}


def test_many_threads_that_start_at_once_get_one_kernel(endpoint: int | str) -> None:
    gate = threading.Barrier(20)
    found: list[int] = []

    def find() -> None:
        gate.wait()
        with papa.Papa(endpoint, 60) as client:
            found.append(client.info()["pid"])

    threads = [threading.Thread(target=find) for _ in range(gate.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [kernel_pid(endpoint)] * gate.parties


def test_many_tasks_that_start_at_once_get_one_kernel(endpoint: int | str) -> None:
    async def find() -> int:
        async with AsyncPapa(endpoint, 60) as client:
            return (await client.info())["pid"]

    async def run() -> list[int]:
        return await asyncio.gather(*(find() for _ in range(20)))

    found = asyncio.run(run())

    assert found == [kernel_pid(endpoint)] * 20


def test_a_kernel_is_started_again_when_the_one_before_has_gone(endpoint: int | str) -> None:
    """D26."""
    with papa.Papa(endpoint, TIMEOUT) as client:
        first = client.info()["pid"]
        assert client.exit_if_idle()
    wait_for(lambda: not is_running(first), "the first kernel has ended")

    with papa.Papa(endpoint, TIMEOUT) as client:
        second = client.info()["pid"]

    assert second != first
    assert is_running(second)


def test_a_path_that_a_dead_kernel_left_behind_is_taken_over(path: str) -> None:
    with papa.Papa(path, TIMEOUT) as client:
        first = client.info()["pid"]
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: not is_running(first), "the first kernel has ended")
    assert os.path.exists(path)

    with papa.Papa(path, TIMEOUT) as client:
        assert client.info()["pid"] != first


def test_a_path_that_is_in_use_never_gets_a_second_kernel(path: str) -> None:
    """D21."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        with pytest.raises(papa.CannotConnectError, match="did not answer"):
            papa.Papa(path, 0.3)

        assert os.path.exists(path)
        listener.settimeout(0)
        assert listener.accept()[0].close() is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(("make", "reason"), [
    (lambda path: Path(path).write_text("precious"), "not a socket"),
    (lambda path: Path(path).mkdir(), "not a socket"),
])  # fmt: skip
def test_what_is_no_socket_is_left_alone(folder: Path, make: object, reason: str) -> None:
    path = str(folder / "thing")
    make(path)  # type: ignore[operator]

    with pytest.raises(papa.CannotConnectError) as raised:
        papa.Papa(path, TIMEOUT)

    assert os.path.exists(path)
    assert reason in str(raised.value)


@pytest.mark.parametrize("attached", [False, True])
def test_an_interpreter_that_cannot_be_run_is_named(
    connect_either: Callable[[str], papa.Papa], path: str, monkeypatch: pytest.MonkeyPatch, attached: bool
) -> None:
    papa.set_debug_mode(attached)
    monkeypatch.setattr(sys, "executable", "/no/such/python")

    with pytest.raises(papa.CannotConnectError, match=r"did not start: /no/such/python: No such file"):
        connect_either(path)


def test_a_folder_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(papa.CannotConnectError, match="folder does not exist"):
        papa.Papa(f"{folder}/none/papa.sock", TIMEOUT)


def test_the_kernel_keeps_nothing_of_the_program_that_started_it(endpoint: int | str, folder: Path) -> None:
    """D25."""
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    try:
        with papa.Papa(endpoint, TIMEOUT) as client:
            pid = client.info()["pid"]
    finally:
        os.close(writing)

    assert os.read(reading, 1) == b""  # nobody else has the other end
    os.close(reading)
    parent, session, terminal = parent_and_session(pid)
    mine = os.getsid(0)
    assert parent == 1 or parent not in (os.getpid(), mine)
    assert session not in (mine, 0)
    assert terminal == 0
    assert os.readlink(f"/proc/{pid}/cwd") == "/"
    held = descriptors(pid)
    assert [held[fd] for fd in range(3)] == ["/dev/null"] * 3
    others = {place.split(":")[0] for fd, place in held.items() if fd > 2}
    assert others <= {"socket", "pipe", "anon_inode", "/dev/null"}
    assert environment(pid)


PROGRAM = """
import atexit, os, papa, sys
print("begins", os.getpid(), flush=True)
atexit.register(lambda: print("ends", os.getpid(), flush=True))
client = papa.Papa(sys.argv[1], 20)
try:
    print("idle", client.exit_if_idle(), flush=True)
finally:
    client.close()
    print("finally", os.getpid(), flush=True)
"""


def test_the_program_is_never_forked_and_runs_once(path: str) -> None:
    """D25."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM, path], stdout=subprocess.PIPE, text=True) as program:
        # To the end of the pipe: a copy of the program would still hold it, and write to it.
        out, _ = program.communicate(timeout=60)

    assert program.returncode == 0
    assert out.splitlines() == [f"begins {program.pid}", "idle True", f"finally {program.pid}", f"ends {program.pid}"]


DEBUG = """
import papa, sys
papa.set_debug_mode(True, quit_when_connection_closed=sys.argv[2] == "quit")
client = papa.Papa(sys.argv[1], 20)
client.set("a", "1")
print(client.info()["pid"], flush=True)
sys.stdin.readline()
client.close()
print("closed", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("quits", [True, False])
def test_a_debug_kernel_is_a_child_that_ends_with_the_program_or_its_last_connection(
    endpoint: int | str, quits: bool
) -> None:
    code = DEBUG.replace("sys.argv[1]", "int(sys.argv[1])") if isinstance(endpoint, int) else DEBUG
    words = [sys.executable, "-c", code, str(endpoint), "quit" if quits else "stay"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        pid = int(program.stdout.readline())
        assert parent_and_session(pid)[0] == program.pid

        program.stdin.write("\n")
        program.stdin.flush()
        assert program.stdout.readline() == "closed\n"
        if quits:
            wait_for(lambda: not is_running(pid), "the kernel has ended with its last connection")
        else:
            assert kernel_pid(endpoint) == pid

    wait_for(lambda: not is_running(pid), "the kernel has ended with its program")
    assert program.returncode == 0


def test_a_debug_kernel_ends_when_its_program_is_killed(path: str) -> None:
    words = [sys.executable, "-c", DEBUG, path, "stay"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        pid = int(program.stdout.readline())

        program.kill()

    wait_for(lambda: not is_running(pid), "the kernel has ended")
    assert not os.path.exists(path)
