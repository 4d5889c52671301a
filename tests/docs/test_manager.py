"""The process manager of the guide: it keeps running what values describe, and loses nothing when it is killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

import papa
from support.kernels import REPOSITORY, KernelProcess
from support.waiting import wait_for
from support.wire import TIMEOUT

MANAGER = REPOSITORY / "docs" / "examples" / "manager.py"
KILLS = 10

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def client(kernel: KernelProcess) -> Iterator[papa.Papa]:
    with papa.Papa(kernel.path, start=False) as client:
        yield client


@pytest.fixture
def start_manager(kernel: KernelProcess, tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def start(*before: str) -> subprocess.Popen[bytes]:
        command = [*before, sys.executable, str(MANAGER), str(tmp_path)]
        started.append(subprocess.Popen(command, env={**os.environ, "PAPA_ENDPOINT": kernel.path}))
        return started[-1]

    yield start
    for manager in started:
        manager.kill()
        manager.wait()


def want(client: papa.Papa, name: str, script: str) -> None:
    wanted = {"command": ["/bin/sh", "-c", script], "env": {"NAME": name}, "bufsize": "256m"}
    client.set(f"managed.{name}", json.dumps(wanted))


def running(client: papa.Papa, name: str) -> int | None:
    """Return the PID of a managed process that runs."""
    info = client.list_processes(f"managed.{name}").get(f"managed.{name}")
    return info["pid"] if info and info["running"] else None


def watched(client: papa.Papa) -> bool:
    return all("watchers" in info for info in client.list_processes("managed.*").values())


def logs(folder: Path, name: str) -> list[Path]:
    return sorted(folder.glob(f"managed.{name}.*.log"))


def saved(folder: Path, name: str) -> bytes:
    return b"".join(log.read_bytes() for log in logs(folder, name))


def wait_for_more(folder: Path, name: str) -> None:
    before = len(saved(folder, name))
    wait_for(lambda: len(saved(folder, name)) > before, "it saves more")


def test_what_is_wanted_runs_and_what_it_prints_is_in_its_log(
    client: papa.Papa, start_manager: Start, tmp_path: Path
) -> None:
    want(client, "hello", "echo hello $NAME; echo again >&2; exec sleep 1000")

    start_manager()

    wait_for(lambda: [log.read_text() for log in logs(tmp_path, "hello")] == ["hello hello\nagain\n"], "it is saved")
    assert running(client, "hello")


def test_what_fails_is_started_again_later_each_time(client: papa.Papa, start_manager: Start, tmp_path: Path) -> None:
    want(client, "fails", "echo started; exit 1")

    start_manager()

    wait_for(lambda: len(logs(tmp_path, "fails")) == 3, "it has run three times")
    first, second, third = (float(log.name.split(".", 2)[2].removesuffix(".log")) for log in logs(tmp_path, "fails"))
    assert second - first >= 0.5
    assert third - second >= 1.0
    assert json.loads(client.get("restarts.managed.fails") or "{}")["status"] == 1


def test_who_is_wanted_otherwise_is_replaced_and_who_is_wanted_no_longer_ends(
    client: papa.Papa, start_manager: Start, tmp_path: Path
) -> None:
    want(client, "site", "echo one; exec sleep 1000")
    start_manager()
    first = wait_for(lambda: running(client, "site"), "it runs")

    want(client, "site", "echo two; exec sleep 1000")
    wait_for(lambda: running(client, "site") not in (None, first), "another runs")
    client.remove_values("managed.site")

    wait_for(lambda: not client.list_processes(), "it has ended, and that is acknowledged")
    assert [log.read_text() for log in logs(tmp_path, "site")] == ["one\n", "two\n"]


def test_a_command_with_a_number_and_a_placeholder_is_what_runs(
    client: papa.Papa, start_manager: Start, tmp_path: Path
) -> None:
    port = client.make_socket("web")["port"]
    script = "echo at $1; exec sleep $2"
    client.set("managed.site", json.dumps({"command": ["/bin/sh", "-c", script, "sh", "$(socket.web.port)", 1000]}))
    start_manager()
    wait_for(lambda: saved(tmp_path, "site") == b"at %d\n" % port, "it is saved")

    for name in ("later", "last"):  # what differs would have been seen, and its end
        want(client, name, "exec sleep 1000")
        wait_for(partial(running, client, name), "another runs")

    assert client.list_values("restarts.*") == {}
    assert running(client, "site")


def test_a_log_is_no_program(client: papa.Papa, start_manager: Start, tmp_path: Path) -> None:
    want(client, "hello", "echo hello; exec sleep 1000")

    start_manager()

    wait_for(lambda: saved(tmp_path, "hello"), "it is saved")
    assert not any(log.stat().st_mode & 0o111 for log in logs(tmp_path, "hello"))


def test_who_waits_for_a_start_is_started_at_once_when_that_is_forgotten(
    client: papa.Papa, start_manager: Start
) -> None:
    client.set("restarts.managed.late", json.dumps({"due": 1e12}))
    want(client, "late", "exec sleep 1000")
    want(client, "site", "exec sleep 1000")
    start_manager()
    wait_for(lambda: running(client, "site"), "the other runs")
    assert not running(client, "late")

    client.remove_values("restarts.managed.late")

    wait_for(lambda: running(client, "late"), "it runs")


def test_a_manager_killed_over_and_over_loses_no_line_and_writes_none_twice(
    client: papa.Papa, start_manager: Start, tmp_path: Path
) -> None:
    enough = tmp_path / "enough"
    want(client, "counts", f"i=0; until [ -e {enough} ]; do i=$((i+1)); echo $i; done; echo end; exec sleep 1000")
    pids = set()

    for _ in range(KILLS):
        manager = start_manager()
        wait_for_more(tmp_path, "counts")
        manager.kill()
        manager.wait()
        pids.add(running(client, "counts"))
    start_manager()
    enough.touch()

    wait_for(lambda: saved(tmp_path, "counts").endswith(b"end\n"), "all is saved")
    *lines, last = saved(tmp_path, "counts").split()
    assert lines == [b"%d" % number for number in range(1, len(lines) + 1)]
    assert last == b"end"
    assert len(pids) == 1


def test_what_cannot_be_written_in_full_is_not_acknowledged(
    client: papa.Papa, start_manager: Start, tmp_path: Path
) -> None:
    want(client, "big", "printf %10000s x; exec sleep 1000")

    manager = start_manager("bash", "-c", 'ulimit -f 8; exec "$@"', "limited")

    assert manager.wait(TIMEOUT) == 1
    assert client.list_processes("managed.big")["managed.big"]["buffered"] == 10000
    start_manager()
    wait_for(lambda: saved(tmp_path, "big") == b"x".rjust(10000), "a manager without the limit saves it")


def test_a_second_manager_waits_and_takes_over(client: papa.Papa, start_manager: Start, tmp_path: Path) -> None:
    want(client, "site", "echo started; exec sleep 1000")
    first = start_manager()
    pid = wait_for(lambda: running(client, "site"), "it runs")
    assert pid
    connections = wait_for(lambda: watched(client) and client.info()["connections"], "it is watched")
    start_manager()
    wait_for(lambda: client.info()["connections"] == connections + 1, "the second manager is there")

    first.kill()
    first.wait()
    os.kill(pid, signal.SIGKILL)

    wait_for(lambda: running(client, "site") not in (None, pid), "the other one has started it again")
    wait_for(lambda: len(logs(tmp_path, "site")) == 2, "what it prints is saved")
