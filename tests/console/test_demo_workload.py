"""The living demonstration shows everything there is to show, and leaves nothing behind."""

import http.client
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import papa
from papa_console.demo import workload
from papa_console.demo.workload import Workload
from support.proc import is_running
from support.waiting import wait_for
from support.wire import TIMEOUT

ENDED = {"cron.backup": 0, "cron.nightly": 3, "worker.legacy": -signal.SIGKILL}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where folders of the demonstration are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_shows_every_kind_of_thing(temporary: Path) -> None:
    with Workload() as shop:
        shop.wait_until_busy()

        with papa.Papa(shop.endpoint, start=False) as client:
            held = client.list_processes()
            assert {name: info["status"] for name, info in held.items() if not info["running"]} == ENDED
            assert {name.partition(".")[0] for name in held} >= {"web", "worker", "cron", "probe"}
            sockets = client.list_sockets().values()
            assert {(info["family"], info["type"]) for info in sockets} == {
                ("inet", "stream"),
                ("inet", "dgram"),
                ("unix", "stream"),
            }
            assert any(info.get("reuseport") for info in sockets)
            assert {name.partition(".")[0] for name in client.list_values()} >= {"deploy", "config"}


def test_two_generations_answer_behind_one_socket(temporary: Path) -> None:
    with Workload() as shop, papa.Papa(shop.endpoint, start=False) as client:
        port = client.list_sockets("web")["web"]["port"]
        answers: set[bytes] = set()

        def both_answer() -> bool:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
            connection.request("GET", "/")
            answers.add(connection.getresponse().read())
            connection.close()
            return len(answers) == 2

        wait_for(both_answer, "both generations have answered")

    assert answers == {b"generation 1 says hello\n", b"generation 2 says hello\n"}


def test_there_is_colour_and_every_level_in_the_output(temporary: Path) -> None:
    with Workload() as shop, papa.Papa(shop.endpoint, start=False) as client, client.tail_processes("*") as tail:
        seen = {"out": b"", "err": b""}

        def is_colourful() -> bool:
            batch = tail.read()
            seen["out"] += b"".join(piece.data for piece in batch[0])
            seen["err"] += b"".join(piece.data for piece in batch[1])
            return b"\x1b[32mINFO" in seen["out"] and b"KeyError: 'amount'\n" in seen["err"]

        wait_for(is_colourful, "coloured logs and a traceback were written")

    assert b"offset=" in seen["out"]


def test_a_value_changes_now_and_then(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workload, "CHANGE_SECONDS", 0.02)

    with Workload() as shop, papa.Papa(shop.endpoint, start=False) as client:
        first = client.get("config.web")

        wait_for(lambda: client.get("config.web") != first, "the value has changed")


class BoomError(Exception):
    """What a test raises."""


def test_nothing_is_left_after_an_exception(temporary: Path) -> None:
    with pytest.raises(BoomError), Workload() as shop:  # noqa: PT012
        with papa.Papa(shop.endpoint, start=False) as client:
            client.make_process("users.own", "/bin/sleep", ["1000"])
            pids = [shop.kernel_pid, *(info["pid"] for info in client.list_processes().values())]
        raise BoomError

    assert not [pid for pid in pids if is_running(pid)]
    assert list(temporary.iterdir()) == []


def test_nothing_is_left_where_it_does_not_start(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(_: Workload, client: papa.Papa) -> None:
        client.make_process("users.own", "/bin/sleep", ["1000"])
        pids.append(client.list_processes()["users.own"]["pid"])
        raise papa.CommandFailedError("no")

    pids: list[int] = []
    monkeypatch.setattr(Workload, "_fill", fill)

    with pytest.raises(papa.CommandFailedError), Workload():
        raise AssertionError("it did not start")

    assert not is_running(pids[0])
    assert list(temporary.iterdir()) == []


def test_the_end_of_a_kernel_that_has_gone_is_no_error(temporary: Path) -> None:
    with Workload() as shop:
        with papa.Papa(shop.endpoint, start=False) as client:
            pids = [info["pid"] for info in client.list_processes().values()]
        os.kill(shop.kernel_pid, signal.SIGKILL)

    assert list(temporary.iterdir()) == []
    wait_for(lambda: not any(is_running(pid) for pid in pids), "the programs have ended by themselves")


def test_all_of_it_ends_when_its_program_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, papa\n"
        "from papa_console.demo.workload import Workload\n"
        "with Workload() as shop, papa.Papa(shop.endpoint, start=False) as client:\n"
        "    print(shop.kernel_pid, *(info['pid'] for info in client.list_processes().values()), flush=True)\n"
        "    sys.stdin.read()\n"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    with program:
        assert program.stdout is not None
        pids = [int(pid) for pid in program.stdout.readline().split()]

        program.kill()

    assert len(pids) > 10
    wait_for(lambda: not any(is_running(pid) for pid in pids), "everything has ended by itself")
