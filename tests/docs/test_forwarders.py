"""The forwarders of the guide: whatever fails or is killed, everything arrives, and what repeats does so by batches."""

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import papa
from support.kernels import REPOSITORY, KernelProcess
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


def test_who_asks_for_lines_of_no_process_is_told_so(kernel: KernelProcess, tmp_path: Path) -> None:
    program = REPOSITORY / "docs" / "examples" / "forward_json.py"
    words = [sys.executable, str(program), str(tmp_path / "out.json"), "none"]

    done = subprocess.run(
        words, env={**os.environ, "PAPA_ENDPOINT": kernel.path}, capture_output=True, text=True, timeout=2 * TIMEOUT
    )

    assert (done.returncode, done.stderr) == (1, "There is no process none\n")


def test_json_lines_are_not_acknowledged_that_the_disk_took_in_part(
    client: papa.Papa, start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "out.json"
    first = start("forward_json.py", str(path), "p")
    wait_for(lambda: messages(path), "something is saved")
    most = path.stat().st_size + 1000
    resource.prlimit(first.pid, resource.RLIMIT_FSIZE, (most, most))

    assert first.wait(TIMEOUT) == 1
    last = start("forward_json.py", str(path), "p")
    (tmp_path / "enough").touch()

    assert last.wait(TIMEOUT) == 0
    check(messages(path), 1)


@pytest.fixture
def rsyslog(kernel: KernelProcess) -> Iterator[Rsyslog]:
    made = Rsyslog(kernel.folder)
    yield made
    made.kill()


# Where rsyslog is killed within a line, another one follows in it.
MESSAGE = re.compile(r".*?14 20\d\d p (\d+)")


def received(rsyslog: Rsyslog) -> list[int]:
    """Return the numbers in rsyslog's file, all of whose lines are messages as they should be."""
    lines = rsyslog.lines()
    matches = [MESSAGE.fullmatch(line) for line in lines]
    assert all(matches), [line for line, match in zip(lines, matches, strict=True) if not match]
    return [int(match[1]) for match in matches if match]


def await_more(rsyslog: Rsyslog) -> None:
    """Return once rsyslog has what it has never had."""
    before = max(received(rsyslog), default=-1)
    wait_for(lambda: (lines := rsyslog.lines()) and int(lines[-1].split()[-1]) > before, "it receives more")


@pytest.mark.parametrize("end", [Rsyslog.stop, Rsyslog.kill])
def test_rsyslog_gets_everything_whoever_fails(
    client: papa.Papa, start: Start, rsyslog: Rsyslog, tmp_path: Path, end: Callable[[Rsyslog], None]
) -> None:
    forwarder = start("forward_syslog.py", rsyslog.place, "p")
    for _ in range(2):
        await_more(rsyslog)
        end(rsyslog)
        rsyslog.start()
        await_more(rsyslog)
        forwarder.kill()
        forwarder.wait()
        forwarder = start("forward_syslog.py", rsyslog.place, "p")
    (tmp_path / "enough").touch()

    assert forwarder.wait(TIMEOUT) == 0
    assert client.list_processes() == {}
    check(received(rsyslog), 4)
