"""circus 0.17.2 with ``use_papa`` and our kernel, once with papa 1.0.6 as its client and once with ours."""

import os
import shutil
import signal
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest

import papa
from support.circus import Circus
from support.kernels import KernelProcess
from support.peers import OURS, PEERS
from support.proc import is_running
from support.waiting import wait_for
from support.wire import TIMEOUT

pytestmark = pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="circus 0.17.2 imports pipes, which Python 3.13 lacks"
)

SERVER = r"""
import http.server, os, socket, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"%d" % os.getpid()
        self.send_response(200)
        self.send_header("Content-Length", len(body))
        self.end_headers()
        self.wfile.write(body)
        os.write(1, f"served {self.path}\n".encode())
        os.write(2, f"noticed {self.path}\n".encode())

    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
server.socket.close()
server.socket = socket.socket(fileno=int(sys.argv[1]))
os.write(1, b"begun\n")
server.serve_forever()
"""
WEB = """
[socket:web]
host = 127.0.0.1
port = 0
use_papa = True

[watcher:web]
cmd = {python} {folder}/server.py $(circus.sockets.web)
use_sockets = True
numprocesses = 2
use_papa = True
copy_env = True
stdout_stream.class = FileStream
stdout_stream.filename = {folder}/out
stderr_stream.class = FileStream
stderr_stream.filename = {folder}/err
"""
SLEEP = """
[watcher:sleep]
cmd = /bin/sleep 1001
use_papa = True
stdout_stream.class = FileStream
stdout_stream.filename = {folder}/out
"""
StartCircus = Callable[[str], Circus]


@pytest.fixture(params=[PEERS, OURS], ids=["papa 1.0.6", "our papa"])
def environment(request: pytest.FixtureRequest) -> Path:
    """Where circusd finds its client."""
    path: Path = request.param
    return path


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a name that is short enough for sockets."""
    path = Path(tempfile.mkdtemp(prefix="circus-"))
    (path / "server.py").write_text(SERVER)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def start_circus(environment: Path, folder: Path, kernel: KernelProcess) -> Iterator[StartCircus]:
    """Start circusd; it ends with the test."""
    started: list[Circus] = []

    def start(sections: str) -> Circus:
        circus = Circus(environment, folder, kernel.path, sections.format(folder=folder, python=OURS / "python"))
        started.append(circus)
        circus.start()
        return circus

    yield start
    for circus in started:
        circus.stop()


class Visitor(threading.Thread):
    """Asks a web server all the time, a new connection each time, and counts."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port
        self.served: set[int] = set()
        self.answers = 0
        self.failures: list[str] = []
        self._over = threading.Event()

    def get(self, path: str) -> int:
        """Return the PID of who answered."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=TIMEOUT) as answer:
            return int(answer.read())

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self.served.add(self.get(f"/all/{self.answers}"))
                self.answers += 1
            except OSError as error:
                self.failures.append(str(error))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def held_port(kernel: KernelProcess) -> int:
    with papa.Papa(kernel.path) as client:
        return client.list_sockets("circus.web")["circus.web"]["port"]


def wait_for_lines(path: Path, expected: set[str]) -> None:
    wait_for(lambda: expected <= set(path.read_text().splitlines()), f"{path} has {sorted(expected)}")


def test_processes_socket_and_output_survive_a_circusd_that_is_killed(
    start_circus: StartCircus, folder: Path, kernel: KernelProcess
) -> None:
    circus = start_circus(WEB)
    before = circus.pids("web", 2)
    with Visitor(held_port(kernel)) as visitor:
        wait_for(lambda: visitor.answers > 20, "the server is visited")
        visitor.get("/before")
        wait_for_lines(folder / "out", {"begun", "served /before"})
        wait_for_lines(folder / "err", {"noticed /before"})

        circus.kill()
        visitor.get("/meanwhile")
        circus.start()
        after = circus.pids("web", 2)
        visitor.get("/after")
        wait_for_lines(folder / "out", {"served /meanwhile", "served /after"})
        wait_for_lines(folder / "err", {"noticed /meanwhile", "noticed /after"})

    assert after == before
    assert visitor.failures == []
    assert visitor.served <= before
    wait_for_lines(folder / "out", {f"served /all/{number}" for number in range(visitor.answers)})


def test_a_server_that_dies_is_replaced_behind_the_held_socket(
    start_circus: StartCircus, folder: Path, kernel: KernelProcess
) -> None:
    circus = start_circus(WEB)
    before = circus.pids("web", 2)
    dead = min(before)

    os.kill(dead, signal.SIGKILL)
    wait_for(lambda: dead not in circus.pids("web", 2), "the dead server is replaced")
    visitor = Visitor(held_port(kernel))
    seen = {visitor.get(f"/{number}") for number in range(50)}

    assert circus.pids("web", 2) > before - {dead}
    assert seen <= circus.pids("web", 2)
    wait_for_lines(folder / "out", {f"served /{number}" for number in range(50)})


@pytest.mark.parametrize("environment", [OURS], ids=["our papa"], indirect=True)
def test_circusctl_quit_leaves_a_silent_process_running_at_once(
    start_circus: StartCircus, kernel: KernelProcess
) -> None:
    """D22, circus issue 1095: papa 1.0.6's client reads from a process that says nothing, and waits for ever."""
    circus = start_circus(SLEEP)
    (pid,) = circus.pids("sleep", 1)

    circus.ask("quit")

    assert circus.wait(TIMEOUT) == 0
    assert is_running(pid)
    with papa.Papa(kernel.path) as client:
        assert client.list_processes("circus.sleep.1")["circus.sleep.1"]["pid"] == pid
