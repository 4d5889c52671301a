"""The forwarders of the guide: whatever fails or is killed, everything arrives, and what repeats does so by batches."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

import papa
from support.kernels import REPOSITORY, KernelProcess
from support.ports import free_port
from support.rsyslog import Rsyslog
from support.waiting import wait_for
from support.wire import TIMEOUT

# Writes a line at a time, so that no batch ends within one, until the test has seen enough.
WRITER = """
import itertools, os, sys, time
for n in itertools.count():
    os.write(1, b"%d\\n" % n)
    time.sleep(.001)
    if os.path.exists(sys.argv[1]):
        break
os.write(1, b"%d\\n" % (n + 1))
"""
KILLS = 5

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(kernel: KernelProcess) -> Iterator[Start]:
    """Start a forwarder of the guide."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(program: str, *words: str) -> subprocess.Popen[bytes]:
        path = REPOSITORY / "docs" / "examples" / program
        env = {**os.environ, "PAPA_ENDPOINT": kernel.path}
        started.append(subprocess.Popen([sys.executable, str(path), *words], env=env))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def client(kernel: KernelProcess, tmp_path: Path) -> Iterator[papa.Papa]:
    with papa.Papa(kernel.path, TIMEOUT, start=False) as connected:
        connected.make_process("p", sys.executable, ["-I", "-S", "-c", WRITER, str(tmp_path / "enough")], bufsize="16m")
        yield connected


def check(numbers: list[int], failures: int) -> None:
    """Check that all have arrived, and that each failure has repeated no more than one stretch."""
    assert set(numbers) == set(range(max(numbers) + 1))
    steps = [(a, b) for a, b in pairwise(numbers) if b != a + 1]
    assert len(steps) <= failures
    assert all(b <= a for a, b in steps), steps


def messages(path: Path) -> list[int]:
    """Return what is in a file of JSON lines, but for lines within which a writer was killed."""
    found = []
    for text in path.read_text().splitlines() if path.exists() else ():
        if text.endswith("}"):
            entry = json.loads(text)
            assert (entry["process"], entry["level"]) == ("p", "info")
            found.append(int(entry["message"]))
    return found


def test_json_lines_are_complete_however_often_the_forwarder_is_killed(
    client: papa.Papa, start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "out.json"

    for _ in range(KILLS):
        before = len(messages(path))
        forwarder = start("forward_json.py", str(path), "p")
        wait_for(lambda before=before: len(messages(path)) > before, "more is saved")  # type: ignore[misc]
        forwarder.kill()
        forwarder.wait()
    last = start("forward_json.py", str(path), "p")
    (tmp_path / "enough").touch()

    assert last.wait(TIMEOUT) == 0
    assert client.list_processes() == {}
    check(messages(path), KILLS)


class Receiver:
    """A syslog receiver that can be away: it says so, and still reads what had been sent before that was heard.

    Args:
        path: where it listens, a port of its own where None.
    """

    def __init__(self, path: str | None = None) -> None:
        self.messages: list[bytes] = []
        self._path = path
        self._away = threading.Event()
        self._port = 0 if path else free_port()
        self._listening = self._listen()
        self.place = path or f"127.0.0.1:{self._port}"
        self.start()

    def _listen(self) -> socket.socket:
        if self._path is None:
            return socket.create_server(("127.0.0.1", self._port))
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(self._path)
        listening.listen()
        return listening

    def start(self) -> None:
        self._away.clear()
        self._thread = threading.Thread(target=self._serve, args=(self._listening,))
        self._thread.start()

    def _serve(self, listening: socket.socket) -> None:
        listening.settimeout(0.05)
        while not self._away.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            with connection:
                self._read(connection)

    def _read(self, connection: socket.socket) -> None:
        connection.settimeout(0.05)
        data = b""
        while True:
            if self._away.is_set():
                with suppress(OSError):  # the forwarder may have gone as well
                    connection.shutdown(socket.SHUT_WR)
            try:
                more = connection.recv(65536)
            except TimeoutError:
                continue
            if not more:
                return
            data = self._take(data + more)

    def _take(self, data: bytes) -> bytes:
        """Keep whole messages; return the rest."""
        while (match := re.match(rb"(\d+) ", data)) and len(data) >= match.end() + int(match[1]):
            end = match.end() + int(match[1])
            self.messages.append(data[match.end() : end])
            data = data[end:]
        return data

    def go_away(self) -> None:
        self._away.set()
        self._thread.join(TIMEOUT)
        self._listening.close()
        if self._path:
            os.unlink(self._path)

    def come_back(self) -> None:
        self._listening = self._listen()
        self.start()

    def close(self) -> None:
        self._away.set()
        self._thread.join(TIMEOUT)
        self._listening.close()


@pytest.fixture(params=["TCP", "Unix"])
def receiver(request: pytest.FixtureRequest, kernel: KernelProcess) -> Iterator[Receiver]:
    made = Receiver(None if request.param == "TCP" else str(kernel.folder / "syslog"))
    yield made
    made.close()


MESSAGE = re.compile(rb"<14>1 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+ p - - - (\d+)")


def test_syslog_gets_everything_whoever_fails(
    client: papa.Papa, start: Start, receiver: Receiver, tmp_path: Path
) -> None:
    forwarder = start("forward_syslog.py", receiver.place, "p")
    wait_for(lambda: receiver.messages, "it receives")
    receiver.go_away()
    receiver.come_back()
    seen = len(receiver.messages)
    wait_for(lambda: len(receiver.messages) > seen, "it receives more")
    forwarder.kill()
    forwarder.wait()

    last = start("forward_syslog.py", receiver.place, "p")
    (tmp_path / "enough").touch()

    assert last.wait(TIMEOUT) == 0
    assert client.list_processes() == {}
    receiver.close()
    matches = [MESSAGE.fullmatch(message) for message in receiver.messages]
    check([int(match[1]) for match in matches if match], 2)
    assert all(matches)


STRETCH = 200
# Writes a stretch of lines, and goes on with the next one once its file is there.
STRETCHES = """
import os, sys, time
stretch, *gates = sys.argv[1:]
for n in range(int(stretch) * len(gates)):
    while not os.path.exists(gates[n // int(stretch)]):
        time.sleep(.005)
    os.write(1, b"%d\\n" % n)
    time.sleep(.001)
"""


@pytest.fixture
def gates(kernel: KernelProcess, tmp_path: Path) -> Iterator[list[Path]]:
    """Files that each let a process write another stretch."""
    files = [tmp_path / f"gate.{number}" for number in range(3)]
    with papa.Papa(kernel.path, TIMEOUT, start=False) as connected:
        words = ["-I", "-S", "-c", STRETCHES, str(STRETCH), *map(str, files)]
        connected.make_process("p", sys.executable, words, bufsize="16m")
        yield files


@pytest.fixture(params=["TCP", "Unix"])
def rsyslog(request: pytest.FixtureRequest, kernel: KernelProcess, tmp_path: Path) -> Iterator[Rsyslog]:
    made = Rsyslog(tmp_path, None if request.param == "TCP" else kernel.folder / "syslog")
    yield made
    made.stop()


def numbers(rsyslog: Rsyslog) -> list[int]:
    """Return what has arrived, in order."""
    found = [line.rpartition(" ") for line in rsyslog.received()]
    assert {head for head, _, _ in found} <= {"p info"}
    return [int(number) for _, _, number in found]


def wait_for_stretches(rsyslog: Rsyslog, count: int) -> None:
    wait_for(lambda: set(numbers(rsyslog)) == set(range(count * STRETCH)), f"{count} stretches are written")


def test_rsyslog_writes_everything_whoever_fails(gates: list[Path], start: Start, rsyslog: Rsyslog) -> None:
    forwarder = start("forward_syslog.py", rsyslog.place, "p")
    gates[0].touch()
    wait_for_stretches(rsyslog, 1)
    rsyslog.stop()
    gates[1].touch()
    rsyslog.start()
    wait_for_stretches(rsyslog, 2)
    gates[2].touch()
    wait_for(lambda: len(set(numbers(rsyslog))) > 2 * STRETCH, "the third stretch begins")
    forwarder.kill()
    forwarder.wait()

    last = start("forward_syslog.py", rsyslog.place, "p")

    assert last.wait(TIMEOUT) == 0
    wait_for_stretches(rsyslog, 3)
    check(numbers(rsyslog), 2)
