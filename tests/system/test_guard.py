"""A kernel under a guardian that crashes: the next one goes on with everything that it held."""

import os
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.gates import Gate
from support.guarded import GuardedKernel, StartGuarded
from support.ports import free_port, is_free
from support.proc import descriptors, is_running, status_field
from support.waiting import wait_for
from support.watching import (
    begin,
    field_of,
    make,
    make_python,
    pid_of,
    row_of,
    sort,
    texts,
    wait_until_buffered,
    wait_until_ended,
    watch_to_end,
)
from support.wire import TIMEOUT, Wire


@pytest.fixture
def wire(guarded: GuardedKernel) -> Iterator[Wire]:
    with guarded.connect() as connection:
        yield connection


def test_what_is_listed_is_listed_as_before(guarded: GuardedKernel, wire: Wire, tmp_path: Path) -> None:
    wire.command("protocol 2")
    wire.command("set a one\\ value\\n")
    wire.command('set b ""')
    wire.command("set gone 1")
    wire.command("set gone")
    wire.command("make socket web port=0")
    wire.command(f"make socket path path={tmp_path}/s umask=077")
    wire.command("make socket shared port=0 reuseport=1")
    make(wire, "y", "echo one; echo two >&2; exec sleep 1000", "bufsize=1m")
    make(wire, "z", "exit 7", "bufsize=0")
    wait_until_buffered(wire, "y", 8)
    wait_until_ended(wire, "z")
    lists = [f"list {kind}" for kind in ("sockets", "values", "processes")]
    before = [wire.command(line) for line in lists]

    with guarded.crash_and_connect() as again:
        again.command("protocol 2")
        assert [again.command(line) for line in lists] == before
        seen = {"y": begin(again, "tail processes y")}
        batch = again.batch()
    assert texts(batch) == [b"one\n", b"two\n"], seen


def test_a_kernel_that_crashes_again_and_again_goes_on(guarded: GuardedKernel, wire: Wire) -> None:
    wire.command("set a b")
    before = make(wire, "y", "exec sleep 1000")

    for _ in range(5):
        guarded.crash()

    with guarded.connect() as again:
        assert again.command("get a") == "b"
        assert row_of(again, "y") == before


def test_a_kernel_that_crashes_while_it_starts_is_started_again(guarded: GuardedKernel, wire: Wire) -> None:
    wire.command("set a b")
    guarded.crash()
    first = guarded.kernel
    os.kill(first, signal.SIGKILL)

    with guarded.connect() as again:
        assert again.command("get a") == "b"
    assert guarded.kernel != first


@pytest.mark.parametrize("unix", [False, True])
def test_who_connects_while_there_is_no_kernel_is_served_by_the_next(guarded: GuardedKernel, unix: bool) -> None:
    os.kill(guarded.kernel, signal.SIGSTOP)
    with Wire(guarded.path if unix else guarded.port, greeted=False) as early:
        guarded.crash()

        assert early.read_until(b"\n> ").startswith(b"papa holds ")


def test_processes_end_before_while_and_after_the_kernel_is_down(
    guarded: GuardedKernel, wire: Wire, gate: Gate, tmp_path: Path
) -> None:
    scripts = {"before": "echo before; exit 1", "while": f"echo while; {gate.wait}; exit 2", "killed": "kill -9 $$"}
    for name, script in scripts.items():
        make(wire, name, script)
    with Gate(tmp_path / "afterwards") as afterwards:
        make(wire, "after", f"{afterwards.wait}; echo after; exit 3")
        wait_until_ended(wire, "before")
        wait_until_ended(wire, "killed")
        meanwhile = pid_of(row_of(wire, "while"))

        os.kill(guarded.kernel, signal.SIGSTOP)
        gate.open()
        wait_for(lambda: not is_running(meanwhile), "it has ended")
        guarded.crash()
        afterwards.open()

        with guarded.connect() as again:
            seen = watch_to_end(again, "*")
    told = {name: (each.out, each.statuses) for name, each in seen.items()}
    assert told == {
        "before": (b"before\n", [1]),
        "while": (b"while\n", [2]),
        "killed": (b"", [-9]),
        "after": (b"after\n", [3]),
    }


def test_output_of_descendants_comes_after_a_crash_too(guarded: GuardedKernel, wire: Wire, gate: Gate) -> None:
    script = f"({gate.wait}; echo late) & echo early; exit 3"
    make(wire, "exit", script, "linger=exit")
    make(wire, "eof", script, "linger=eof")
    wait_until_ended(wire, "exit")
    wait_until_buffered(wire, "eof", 6)

    with guarded.crash_and_connect() as again:
        begin(again, "tail processes *")
        seen = dict.fromkeys(["exit", "eof"], b"")
        records = again.batch()
        gate.open()
        gate.open()
        while [texts([record])[0] for record in records].count(b"closed") < 2 or b"late\n" not in texts(records):
            records += again.batch()
        while texts(records).count(b"late\n") < 2:
            records += again.batch()

    for name in seen:
        seen[name] = b",".join(texts([each for each in records if each[0].split(":")[1] == name]))
    assert seen == {"exit": b"early\n,closed,late\n", "eof": b"early\n,late\n,closed"}


def test_a_pipe_that_is_full_is_read_to_its_end(guarded: GuardedKernel, wire: Wire) -> None:
    make_python(wire, "y", "sys.stdin.read(); [os.write(1, b'%07d\\n' % n) for n in range(30000)]", "bufsize=1m")
    os.kill(guarded.kernel, signal.SIGSTOP)
    guarded.crash()

    with guarded.connect() as again:
        seen = watch_to_end(again, "y")["y"]

    assert seen.out == b"".join(b"%07d\n" % number for number in range(30000))
    assert seen.statuses == [0]


def test_only_what_was_not_acknowledged_comes_again(guarded: GuardedKernel, wire: Wire, gate: Gate) -> None:
    make(wire, "y", f"echo one; {gate.wait}; echo two; {gate.wait}; echo three; exec sleep 1000")
    begin(wire, "watch processes y")
    assert texts(wire.batch()) == [b"one\n"]
    gate.open()
    wire.send("\n")
    assert texts(wire.batch()) == [b"two\n"]
    gate.open()

    with guarded.crash_and_connect() as again:
        wait_until_buffered(again, "y", 10)
        begin(again, "watch processes y")
        assert b"".join(texts(again.batch())) == b"two\nthree\n"


def test_counts_of_what_was_dropped_are_right_afterwards(guarded: GuardedKernel, wire: Wire) -> None:
    make_python(wire, "y", "os.write(1, b'x' * 10000); time.sleep(1000)", "bufsize=4k")
    wait_for(lambda: field_of(row_of(wire, "y"), "position") == "10000", "everything has been read")
    before = row_of(wire, "y")
    assert int(field_of(before, "dropped")) >= 10000 - 4096

    with guarded.crash_and_connect() as again:
        assert row_of(again, "y") == before
        again.command("protocol 2")
        seen: dict[str, object] = {}
        begin(again, "watch processes y")
        sort(again.batch(), seen)  # type: ignore[arg-type]
    assert seen["y"].lost == int(field_of(before, "dropped"))  # type: ignore[attr-defined]
    assert len(seen["y"].out) == int(field_of(before, "buffered"))  # type: ignore[attr-defined]


def test_what_somebody_has_been_told_is_over_stays_over(guarded: GuardedKernel, wire: Wire) -> None:
    make(wire, "y", "exit 3")
    assert watch_to_end(wire, "y")["y"].statuses == [3]

    with guarded.crash_and_connect() as again:
        assert row_of(again, "y") == ""


def test_a_removed_process_goes_on_and_its_pipes_are_read(guarded: GuardedKernel, wire: Wire, tmp_path: Path) -> None:
    script = f"time.sleep(1000) if os.path.exists('{tmp_path}/go') else None"
    loop = f"while not os.path.exists('{tmp_path}/go'): os.write(1, b'x' * 4096)"
    pid = pid_of(make_python(wire, "y", f"exec({loop + chr(10)!r}); {script}"))
    wire.command("remove processes y")
    removed = field_of(row_of(wire, "y"), "position")

    with guarded.crash_and_connect() as again:
        assert field_of(row_of(again, "y"), "position") == removed
        writes = _written(pid)
        wait_for(lambda: _written(pid) > writes + 10 * 65536, "it goes on writing")
    (tmp_path / "go").touch()
    assert is_running(pid)


def _written(pid: int) -> int:
    text = Path(f"/proc/{pid}/io").read_text()
    return int(dict(line.split(": ") for line in text.splitlines())["wchar"])


def test_a_port_answers_all_the_time_and_is_free_once_its_socket_is_removed(guarded: GuardedKernel, wire: Wire) -> None:
    port, gone = free_port(), free_port()
    row = wire.command(f"make socket web port={port}")
    wire.command(f"make socket gone port={gone}")
    wire.command("remove sockets gone")
    answer = "socket.socket(fileno=int(sys.argv[1]))"
    script = f"import socket; s = {answer}; exec('while True: s.accept()[0].sendall(b\"here\")')"
    line = script.replace("\\", "\\\\").replace(" ", "\\ ")
    wire.command(f"make process server /usr/bin/env python3 -c import\\ sys;{line} $(socket.web.fileno)")

    os.kill(guarded.kernel, signal.SIGKILL)
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as client:
        assert client.recv(10) == b"here"
    with guarded.connect() as again:
        assert again.command("list sockets") == row
        with socket.create_server(("127.0.0.1", gone)):
            pass
        pid = pid_of(row_of(again, "server"))
        again.command("remove sockets web")
        os.kill(pid, signal.SIGKILL)
        wait_until_ended(again, "server")
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_a_socket_can_be_removed_though_no_descriptor_is_left(start_guarded: StartGuarded) -> None:
    limit = 64
    guarded = start_guarded(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
    with ExitStack() as crowd, guarded.connect() as wire:
        port = free_port()
        wire.command(f"make socket s port={port}")
        while len(descriptors(guarded.kernel)) < limit:
            crowd.enter_context(guarded.connect())

        assert wire.command("remove sockets s") == ""

        assert wire.command("list sockets") == ""
        wait_for(lambda: is_free(port), "the guardian has closed it too")


def test_a_process_gets_the_limit_of_descriptors_that_papa_was_started_with(start_guarded: StartGuarded) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    guarded = start_guarded(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (500, hard)))
    with guarded.connect() as wire:
        make(wire, "before", "ulimit -n")
        wait_until_ended(wire, "before")
    with guarded.crash_and_connect() as again:
        make(again, "after", "ulimit -n")
        assert "goes on" in again.command("upgrade")
        make(again, "upgraded", "ulimit -n")
        seen = watch_to_end(again, "*")

    assert {name: each.out for name, each in seen.items()} == dict.fromkeys(["before", "after", "upgraded"], b"500\n")


def test_the_guardian_keeps_no_more_than_is_held(guarded: GuardedKernel, wire: Wire) -> None:
    wait_for(lambda: "connections 1\n" in wire.command("info"), "earlier connections are gone")
    size = len(descriptors(guarded.pid))
    kernel = len(descriptors(guarded.kernel))
    for number in range(20):
        make(wire, f"p{number}", "exec sleep 1000")
        wire.command(f"make socket s{number} port=0")
    wait_for(lambda: len(descriptors(guarded.pid)) == size + 60, "it keeps all pipes and sockets")
    with guarded.crash_and_connect() as again:
        pids = [pid_of(row) for row in again.command("list processes").splitlines()]
        again.command("remove sockets *")
        again.command("remove processes *")
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

        wait_for(lambda: len(descriptors(guarded.pid)) == size, "it keeps what it kept at first")
    wait_for(lambda: len(descriptors(guarded.kernel)) == kernel - 1, "so does the kernel, but for the connection")
    assert status_field(guarded.pid, "Threads") == 1


def test_two_thousand_processes_are_still_there(start_guarded: StartGuarded) -> None:
    """Their pipes are far more than the limit of descriptors that papa is started with."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    guarded = start_guarded(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard)))
    count = 2000
    with guarded.connect() as wire:
        wire.send("".join(f"make process p{number:04} /bin/sleep 1000\n" for number in range(count)))
        for _ in range(count):
            assert wire.read_until(b"\n> ").startswith(b"p")
        before = wire.command("list processes")

    with guarded.crash_and_connect() as again:
        assert again.command("list processes") == before
        assert before.count("\n") == count - 1
        os.kill(pid_of(row_of(again, "p1999")), signal.SIGKILL)
        assert watch_to_end(again, "p1999")["p1999"].statuses == [-9]


def test_more_processes_end_while_there_is_no_kernel_than_can_be_told_of_at_once(
    guarded: GuardedKernel, wire: Wire
) -> None:
    count = 500
    wire.send("".join(f"make process p{number} bufsize=0 /bin/sleep 1000\n" for number in range(count)))
    for _ in range(count):
        assert wire.read_until(b"\n> ").startswith(b"p")
    pids = [pid_of(row) for row in wire.command("list processes").splitlines()]

    os.kill(guarded.kernel, signal.SIGSTOP)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    guarded.crash()

    with guarded.connect() as again:
        assert [each.statuses for each in watch_to_end(again, "*").values()] == [[-9]] * count
    wait_for(lambda: guarded.children() == [guarded.kernel], "the guardian has collected them all")
