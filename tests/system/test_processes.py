"""Processes: made, listed, found again, removed."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.gates import Gate
from support.kernels import KernelProcess
from support.proc import descriptors, is_running
from support.waiting import wait_for
from support.watching import (
    batches_until,
    begin,
    field_of,
    follow_to_end,
    make,
    pid_of,
    row_of,
    wait_until_buffered,
    wait_until_ended,
    watch_to_end,
)
from support.wire import Wire


def test_a_row_tells_what_is_known_with_the_words_last(wire: Wire) -> None:
    before = time.time()

    row = make(wire, "y", "exec sleep 100")

    facts, args = row.split(" args=")
    keys = [pair.partition("=")[0] for pair in facts.split(" ")[1:]]
    assert keys == ["pid", "running", "started", "bufsize", "buffered", "dropped", "position"]
    assert args == "/bin/sh -c exec sleep 100"
    assert field_of(row, "running") == "True"
    assert before <= float(field_of(row, "started")) <= time.time()
    assert is_running(pid_of(row))


def test_words_that_look_like_facts_stay_words(wire: Wire) -> None:
    """D24: args=… pid=1 was taken for the pid."""
    reply = wire.command("make process y /bin/sh -c sleep\\ 100 pid=1 running=False")

    facts, args = reply.split(" args=", 1)
    assert facts.count("pid=") == 1
    assert args == "/bin/sh -c sleep 100 pid=1 running=False"
    assert pid_of(reply) > 1


def test_the_same_make_again_returns_the_running_process(wire: Wire) -> None:
    row = make(wire, "y", "exec sleep 100", "bufsize=64k env.A=1")

    assert make(wire, "y", "exec sleep 100", "output=65536 env.A=1") == row
    assert wire.command("make process y /bin/true") == (
        "Error: The process y is already there, with another args, bufsize, env; "
        "end it and remove it first, or take another name"
    )
    assert wire.command("list processes") == row


def test_who_cannot_have_a_name_yet_is_told_what_would_free_it(wire: Wire, gate: Gate) -> None:
    make(wire, "y", gate.wait)
    there = "Error: The process y is already there, with another args; "

    assert wire.command("make process y /bin/true").startswith(f"{there}end it and remove it first, or")
    wire.command("remove processes y")
    removed = wire.command("make process y /bin/true")
    make(wire, "y", gate.wait)
    gate.open()
    wait_until_ended(wire, "y")

    assert removed.startswith(f"{there}end it first, since it has been removed but has its name until it ends, or")
    assert wire.command("make process y /bin/true").startswith(f"{there}remove it first, or")
    wire.command("remove processes y")
    assert wire.command("make process y /bin/true").startswith("y pid=")


def test_processes_are_listed_by_name_pattern_and_pid(wire: Wire) -> None:
    """D29."""
    rows = {name: make(wire, name, "exec sleep 100") for name in ("a.1", "a.2", "b")}

    assert wire.command("list processes") == "\n".join(rows.values())
    assert wire.command("list processes a.*") == f"{rows['a.1']}\n{rows['a.2']}"
    assert wire.command(f"list processes {pid_of(rows['b'])} nothing") == rows["b"]
    assert wire.command("list processes nothing") == ""


def test_a_name_goes_before_a_pid(wire: Wire) -> None:
    pid = pid_of(make(wire, "a", "exec sleep 100"))
    row = make(wire, str(pid), "exec sleep 101")

    assert wire.command(f"list processes {pid}") == row


def test_an_ended_process_shows_its_status_until_it_is_acknowledged(wire: Wire) -> None:
    make(wire, "y", "echo hello; exit 7")

    row = wait_until_ended(wire, "y")

    assert field_of(row, "running") == "False"
    assert field_of(row, "status") == "7"
    assert field_of(row, "buffered") == "6"
    assert watch_to_end(wire, "y")["y"].statuses == [7]
    assert row_of(wire, "y") == ""


@pytest.mark.parametrize(("script", "status"), [
    ("exit 0", 0), ("exit 3", 3), ("exit 300", 44), ("kill -9 $$", -9), ("kill -15 $$", -15), ("kill -SEGV $$", -11),
])  # fmt: skip
def test_a_status_is_the_shells_and_negative_for_a_signal(wire: Wire, script: str, status: int) -> None:
    make(wire, "y", script)

    assert field_of(wait_until_ended(wire, "y"), "status") == str(status)
    assert watch_to_end(wire, "y")["y"].statuses == [status]


def test_removing_nothing_in_particular_is_refused_and_a_star_means_all(wire: Wire) -> None:
    """D30."""
    pid = pid_of(make(wire, "a", "exec sleep 100"))
    make(wire, "b", "exit 0")
    wait_until_ended(wire, "b")

    assert wire.command("remove processes").startswith('Error: "remove processes" needs a name, a pattern or *')
    assert len(wire.command("list processes").split("\n")) == 2
    assert wire.command("remove processes *") == ""
    # The one that has ended leaves at once; the other goes on.
    assert wire.command("list processes").startswith(f"a pid={pid} running=True")


def test_a_removed_process_prints_on_unharmed_and_leaves_the_list_when_it_ends(wire: Wire, tmp_path: Path) -> None:
    """D5: it died of SIGPIPE within a second."""
    with Gate(tmp_path / "gate") as gate:
        script = f"echo before; {gate.wait}; seq 1 100000; seq 1 1000 >&2; echo $? > {tmp_path}/result; {gate.wait}"
        pid = pid_of(make(wire, "y", script, "bufsize=4k"))
        wait_until_buffered(wire, "y", 7)

        wire.command("remove processes y")

        assert field_of(row_of(wire, "y"), "buffered") == "0"
        gate.open()
        wait_for(lambda: (tmp_path / "result").exists() and (tmp_path / "result").read_text(), "all was printed")
        assert (tmp_path / "result").read_text() == "0\n"
        assert field_of(row_of(wire, "y"), "buffered") == "0"
        assert field_of(row_of(wire, "y"), "dropped") == "0"
        gate.open()
    wait_for(lambda: row_of(wire, "y") == "", "it leaves the list")
    assert not is_running(pid)


def test_a_removed_process_is_taken_back_by_making_it_again(wire: Wire, tmp_path: Path) -> None:
    with Gate(tmp_path / "gate") as gate:
        script = f"echo before; {gate.wait}; echo after"
        pid = pid_of(make(wire, "y", script))
        wait_until_buffered(wire, "y", 7)
        wire.command("remove processes y")

        row = make(wire, "y", script)
        gate.open()

        assert pid_of(row) == pid
        seen = watch_to_end(wire, "y")["y"]
    assert seen.out == b"after\n"
    assert seen.statuses == [0]


def test_a_watcher_of_a_removed_process_is_told_its_end(
    wire: Wire, connect: Callable[..., Wire], tmp_path: Path
) -> None:
    watcher = connect()
    with Gate(tmp_path / "gate") as gate:
        make(wire, "y", f"{gate.wait}; echo unseen; exit 4")
        begin(watcher, "watch processes y")
        wire.command("remove processes y")
        gate.open()

        records = watcher.batch()

    assert [header.split(":")[0] for header, _ in records] == ["closed"]
    assert records[0][0].endswith(":4")


def test_a_name_is_free_again_at_once_when_an_ended_process_is_removed(wire: Wire) -> None:
    make(wire, "y", "exit 0")
    wait_until_ended(wire, "y")

    wire.command("remove processes y")

    assert make(wire, "y", "exec sleep 100").startswith("y pid=")


def test_an_old_end_never_removes_a_new_process_of_the_name(wire: Wire, connect: Callable[..., Wire]) -> None:
    """D12."""
    watcher = connect()
    make(wire, "y", "exit 5")
    wait_until_ended(wire, "y")
    begin(watcher, "watch processes y")
    assert watcher.batch()[-1][0].startswith("closed:y:")

    wire.command("remove processes y")
    row = make(wire, "y", "exec sleep 100")
    watcher.send("\n")

    assert watcher.read_until(b"> ") == b"Nothing left to watch\n> "
    assert row_of(wire, "y") == row


def test_watch_in_make_starts_and_watches_in_one_round_trip(wire: Wire) -> None:
    wire.send("make process y watch=1 /bin/sh -c echo\\ hello;exit\\ 2\n")

    assert wire.read_until(b"\n").startswith(b"y pid=")
    seen = follow_to_end(wire)["y"]
    assert (seen.out, seen.statuses) == (b"hello\n", [2])


def test_watch_in_make_watches_a_process_that_is_there_already(wire: Wire, tmp_path: Path) -> None:
    """D31: 'NoneType' object has no attribute 'retrieve'."""
    with Gate(tmp_path / "gate") as gate:
        row = make(wire, "y", f"{gate.wait}; echo hello")

        wire.send(
            f"make process y watch=1 /bin/sh -c {gate.wait};\\ echo\\ hello\n".replace("read _ < ", "read\\ _\\ <\\ ")
        )

        assert wire.read_until(b"\n").decode() == f"{row}\n"
        gate.open()
        assert follow_to_end(wire)["y"].out == b"hello\n"


def test_nothing_is_half_made_when_a_start_fails(kernel: KernelProcess, wire: Wire) -> None:
    wire.command("make socket web reuseport=1")
    before = descriptors(kernel.pid)

    for line in ("/no/such", "/bin/true $(socket.web.fileno) $(socket.no.port)", "uid=none /bin/true", "/etc/passwd x"):
        assert wire.command(f"make process y {line}").startswith("Error: ")

    assert descriptors(kernel.pid) == before
    assert wire.command("list processes") == ""
    assert make(wire, "y", "exec sleep 100")


def test_ended_processes_leave_no_zombies_and_no_descriptors(kernel: KernelProcess, wire: Wire) -> None:
    before = descriptors(kernel.pid)
    for number in range(50):
        make(wire, f"y.{number}", f"echo {number}; exit {number}")

    seen = watch_to_end(wire, "y.*")

    assert {name: status.statuses for name, status in seen.items()} == {f"y.{n}": [n] for n in range(50)}
    assert all(seen[f"y.{n}"].out == b"%d\n" % n for n in range(50))
    assert kernel.children() == []
    wait_for(lambda: descriptors(kernel.pid) == before, "the pipes are closed")


def test_a_process_stops_and_goes_on_without_having_ended(wire: Wire) -> None:
    pid = pid_of(make(wire, "y", "exec sleep 100"))

    os.kill(pid, signal.SIGSTOP)
    os.kill(pid, signal.SIGCONT)
    os.kill(pid, signal.SIGTERM)

    assert field_of(wait_until_ended(wire, "y"), "status") == "-15"


def test_a_descendants_end_is_not_its_own(wire: Wire, tmp_path: Path) -> None:
    with Gate(tmp_path / "gate") as gate:
        make(wire, "y", f"(exit 9); {gate.wait}; exit 1")
        begin(wire, "tail processes y")
        gate.open()

        assert batches_until(wire, "y", "closed").statuses == [1]
