"""An upgrade in place keeps everything that the kernel holds: the PID, values, sockets, processes, their output."""

import os
import random
import signal
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from papa import Papa
from support.gates import Gate
from support.kernels import KernelProcess
from support.proc import arguments, descriptors, status_field
from support.upgrades import upgrade, upgrade_by_signal
from support.waiting import wait_for
from support.watching import (
    Seen,
    batches_until,
    begin,
    field_of,
    make,
    make_python,
    pid_of,
    row_of,
    wait_until_buffered,
    wait_until_ended,
    watch_to_end,
)
from support.wire import Wire

Connect = Callable[..., Wire]
StartKernel = Callable[..., KernelProcess]


def held(wire: Wire) -> list[str]:
    """Return the lists of all that is held."""
    return [wire.command(f"list {kind}") for kind in ("values", "sockets", "processes")]


def facts(wire: Wire) -> dict[str, str]:
    """Return what ``info`` tells, but for the time that passes."""
    lines = wire.command("info").split("\n")
    return {key: value for key, _, value in (line.partition(" ") for line in lines) if key != "uptime"}


def test_the_kernel_keeps_its_pid_and_its_connections(kernel: KernelProcess, wire: Wire) -> None:
    upgrade(wire)
    upgrade_by_signal(kernel)

    assert facts(wire)["pid"] == str(kernel.pid)
    assert facts(wire)["connections"] == "1"


def test_the_client_s_method_upgrades_and_tells_so(kernel: KernelProcess) -> None:
    with Papa(kernel.path) as papa:
        papa.set("a", "1")

        said = papa.upgrade()

        assert " goes on in place of " in said
        assert papa.get("a") == "1"


def test_values_of_any_bytes_stay(kernel: KernelProcess) -> None:
    chance = random.Random(6)
    values = {f"random.{number}": chance.randbytes(50).replace(b"\0", b"").decode(errors="surrogateescape")
              for number in range(200)}  # fmt: skip
    values |= {
        "empty": "",
        "blank": " ",
        "lines": "a\nb\r\n",
        "surrogate": "\udcff",
        "wide": "äß漢😀",
        "big": "x" * 8_000_000,
    }
    values["prompt"] = "x\n> y"
    with Papa(kernel.path) as papa:
        for name, value in values.items():
            papa.set(name, value)

        papa.upgrade()

        assert papa.list_values() == values
        assert papa.get("empty") == ""


def test_a_hundred_thousand_values_stay_in_order(wire: Wire) -> None:
    count = 100_000
    wire.send("".join(f"set v{number} {number * 7}\n" for number in range(count)))
    for _ in range(count):
        wire.read_until(b"\n> ")
    before = wire.command("list values")
    counts = facts(wire)

    upgrade(wire)

    assert wire.command("list values") == before
    assert facts(wire) == counts


def test_info_goes_on(kernel: KernelProcess, wire: Wire, connect: Connect, gate: Gate) -> None:
    wire.command("set a b")
    make(wire, "y", f"echo hello; {gate.wait}")
    wait_until_buffered(wire, "y", 6)
    with Wire(kernel.port) as browser:
        browser.send("GET / HTTP/1.1\r\n\r\n")
        assert browser.read_to_end() == b""
    for line in ("watch processes y", "tail processes y"):
        begin(follower := connect(), line)
        follower.batch()
    before, uptime = facts(wire), float(wire.command("info").split("uptime ")[1].split()[0])

    upgrade(wire)

    assert facts(wire) == before
    assert before["refused"] == "1"
    assert float(wire.command("info").split("uptime ")[1].split()[0]) > uptime


def test_the_limits_that_were_chosen_still_hold(start_kernel: StartKernel) -> None:
    kernel = start_kernel("--max-values", "1")
    with kernel.connect() as wire:
        wire.command("set a 1")

        upgrade(wire)

        assert wire.command("set b 1").startswith("Error: There can be 1 values at most")


def test_exit_if_idle_is_still_pending(kernel: KernelProcess, wire: Wire) -> None:
    assert wire.command("exit-if-idle") == "Exiting papa!"

    upgrade(wire)
    wire.close()

    assert kernel.wait() == 0
    assert not Path(kernel.path).exists()


def test_sockets_of_every_kind_stay_as_they_are(kernel: KernelProcess, wire: Wire, tmp_path: Path) -> None:
    own = descriptors(kernel.pid)
    for number, options in enumerate([
        "port=0", "port=0 host=localhost backlog=7", "port=0 type=dgram", "port=0 reuseport=1",
        "port=0 reuseport=1 type=dgram", f"path={tmp_path}/stream umask=077", f"path={tmp_path}/dgram type=dgram",
        f"path={tmp_path}/seqpacket type=seqpacket",
    ]):  # fmt: skip
        assert wire.command(f"make socket s{number} {options}").startswith(f"s{number} family=")
    rows, before = wire.command("list sockets"), descriptors(kernel.pid)

    upgrade(wire)

    assert wire.command("list sockets") == rows
    after = descriptors(kernel.pid)
    assert [after[fd] for fd in before if fd not in own] == [before[fd] for fd in before if fd not in own]
    assert wire.command("make socket s0 port=0") == rows.split("\n")[0]
    assert stat.S_IMODE((tmp_path / "stream").stat().st_mode) == 0o700
    port = int(rows.split("\n")[0].split(" port=")[1].split()[0])
    socket.create_connection(("127.0.0.1", port), 5).close()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "stream"))
    for number in range(8):
        assert wire.command(f"remove sockets s{number}") == ""
    assert list(tmp_path.iterdir()) == []


def test_a_child_goes_on_accepting_and_a_later_one_gets_the_same_socket(wire: Wire) -> None:
    row = wire.command("make socket web port=0")
    port = int(row.split(" port=")[1].split()[0])
    script = (
        "import os, socket, sys; s = socket.socket(fileno=int(sys.argv[1])); s.setblocking(True); "
        "[(lambda c: (c.sendall(b'%d' % os.getpid()), c.close()))(s.accept()[0]) for _ in range(2)]"
    ).replace(" ", "\\ ")
    line = f"{sys.executable} -c {script} $(socket.web.fileno)"

    def ask() -> int:
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            return int(client.recv(100))

    first = pid_of(wire.command(f"make process first {line}"))
    assert ask() == first
    upgrade(wire)
    assert ask() == first
    wait_until_ended(wire, "first")
    second = pid_of(wire.command(f"make process second {line}"))

    assert ask() == second


def test_each_child_of_a_reuseport_socket_gets_its_own_after_an_upgrade_too(wire: Wire) -> None:
    row = wire.command("make socket web port=0 reuseport=1")
    port = int(row.split(" port=")[1].split()[0])

    upgrade(wire)
    wire.command(
        "make process first /bin/sleep 100 $(socket.web.fileno)".replace("sleep 100", "sh -c exec\\ sleep\\ 100")
    )

    socket.create_connection(("127.0.0.1", port), 5).close()


def test_processes_keep_everything_that_was_asked_for(wire: Wire, tmp_path: Path) -> None:
    lines = [
        f"make process a working_dir={tmp_path} env.A=1 env.B=\\\\ rlimit.nofile=100 bufsize=64k /bin/sleep 1000",
        "make process b linger=eof stdout=0 stderr=stdout /bin/sleep 1000",
        "make process c shell=1 bufsize=0 sleep 1000",
        "make process d rlimit.core=0:unlimited /bin/sleep 1000",
    ]
    if os.geteuid() == 0:
        lines.append("make process e uid=54321 gid=54321 /bin/sleep 1000")
    rows = [wire.command(line) for line in lines]
    assert not [row for row in rows if row.startswith("Error")], rows

    upgrade(wire)

    assert wire.command("list processes").split("\n") == rows
    assert [wire.command(line) for line in lines] == rows
    assert "already there, with another env" in wire.command(lines[0].replace("env.A=1", "env.A=2"))


def test_output_and_ends_of_every_kind_stay(wire: Wire, connect: Connect, gate: Gate) -> None:
    make(wire, "ended", "echo out; echo err >&2; exit 7")
    make(wire, "killed", "echo last; kill -9 $$")
    make(wire, "waits", f"echo before; {gate.wait}; echo after; exit 3")
    make(wire, "full", "seq 1 10000; exit 5", "bufsize=2k")
    make(wire, "late", f"({gate.wait}; echo orphan) & exit 4", "linger=eof")
    for name in ("ended", "killed", "full", "late"):
        wait_until_ended(wire, name)
    wait_until_buffered(wire, "waits", 7)
    rows = wire.command("list processes")

    upgrade(wire)

    assert wire.command("list processes") == rows
    tail = connect()
    begin(tail, "tail processes full")
    told = batches_until(tail, "full", "closed")
    assert told.lost == int(field_of(row_of(wire, "full"), "dropped")) > 40_000
    gate.open()
    gate.open()
    seen = watch_to_end(wire, "*")
    assert (seen["ended"].out, seen["ended"].err, seen["ended"].statuses) == (b"out\n", b"err\n", [7])
    assert (seen["killed"].out, seen["killed"].statuses) == (b"last\n", [-9])
    assert (seen["waits"].out, seen["waits"].statuses) == (b"before\nafter\n", [3])
    assert (seen["late"].out, seen["late"].statuses) == (b"orphan\n", [4])
    assert seen["full"].out.endswith(b"9999\n10000\n")
    assert wire.command("list processes") == ""


def test_positions_and_times_go_on(wire: Wire, connect: Connect, gate: Gate) -> None:
    make(wire, "y", f"echo one; {gate.wait}; echo two; {gate.wait}; echo three; exit 2")
    wait_until_buffered(wire, "y", 4)
    before = connect()
    begin(before, "tail processes y")
    first = batches_until(before, "y", b"one\n")

    upgrade(wire)
    gate.open()
    second = batches_until(before, "y", b"two\n")
    upgrade(wire)
    gate.open()
    third = batches_until(before, "y", "closed")
    anew = connect()
    begin(anew, "tail processes y")
    again = batches_until(anew, "y", "closed")

    assert first.positions + second.positions + third.positions == [4, 8, 14, 15] == again.positions
    assert first.times + second.times + third.times == again.times == sorted(again.times)


def test_a_removed_process_is_read_on_and_never_meets_a_closed_pipe(
    kernel: KernelProcess, wire: Wire, gate: Gate, tmp_path: Path
) -> None:
    before = len(kernel.descriptors())
    make(wire, "y", f"{gate.wait}; seq 1 100000; echo $? > {tmp_path}/result")
    make(wire, "z", f"({gate.wait}; seq 1 100000; echo $? > {tmp_path}/orphan) & exit 3")
    watch_to_end(wire, "z")  # the end is acknowledged, and a descendant holds the pipes
    wire.command("remove processes y")

    upgrade(wire)
    gate.open()
    gate.open()

    for name in ("result", "orphan"):
        wait_for(lambda name=name: (tmp_path / name).exists() and (tmp_path / name).read_text() == "0\n", name)  # type: ignore[misc]
    wait_for(lambda: wire.command("list processes") == "", "it has left the list")
    wait_for(lambda: len(kernel.descriptors()) == before, "their pipes are closed")


def test_a_removed_process_can_be_taken_back(wire: Wire, gate: Gate) -> None:
    make(wire, "y", f"{gate.wait}; echo later")
    wire.command("remove processes y")

    upgrade(wire)
    make(wire, "y", f"{gate.wait}; echo later")
    gate.open()

    assert watch_to_end(wire, "y")["y"].out == b"later\n"


def test_last_words_that_fill_the_pipe_of_a_process_that_waits_arrive(wire: Wire, connect: Connect) -> None:
    """The watcher has yet to acknowledge, so the kernel reads no more; the process ends, and its pipe stays full."""
    watcher = connect()
    make_python(
        wire, "y", "os.write(1, b'a' * 40000); sys.stdin.read(); os.write(1, b'b' * 20000); os._exit(6)", "bufsize=64k"
    )
    begin(watcher, "watch processes y")
    seen = Seen()
    for header, data in watcher.batch():
        seen.add(header, data)

    upgrade(wire)
    watcher.send("\n")
    while not seen.ended:
        for header, data in watcher.batch():
            seen.add(header, data)
        watcher.send("\n")

    assert (len(seen.out), seen.out.count(b"b"), seen.statuses) == (60_000, 20_000, [6])


@pytest.mark.parametrize("options", ["", "rlimit.core=0"])
def test_later_processes_get_what_the_first_one_got(kernel: KernelProcess, wire: Wire, options: str) -> None:
    wire.command("make socket web port=0")
    first = pid_of(make(wire, "first", "exec sleep 1000", options))
    for _ in range(3):
        upgrade(wire)
        upgrade_by_signal(kernel)

    second = pid_of(make(wire, "second", "exec sleep 1000", options))

    assert inherited(second) == inherited(first)
    wait_for(lambda: set(descriptors(second)) == {0, 1, 2}, "it has its streams alone, its libraries being loaded")
    assert os.getsid(second) == second


def inherited(pid: int) -> list[object]:
    wait_for(lambda: arguments(pid)[0] == b"sleep", "the shell has been replaced")
    masks = [mask_of(pid, name) for name in ("SigBlk", "SigIgn", "SigCgt")]
    return [Path(f"/proc/{pid}/limits").read_text(), Path(f"/proc/{pid}/environ").read_bytes(), masks]


def mask_of(pid: int, name: str) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split(f"{name}:\t")[1].split()[0], 16)


def test_children_of_a_kernel_under_nohup_do_not_inherit_that_it_blocks_a_signal(start_kernel: StartKernel) -> None:
    kernel = start_kernel(before_exec=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    with kernel.connect() as wire:
        upgrade(wire)
        kernel.signal(signal.SIGHUP)  # means nothing to it
        pid = pid_of(make(wire, "y", "exec sleep 1000"))

        assert mask_of(pid, "SigBlk") == 0
        assert wire.command("get a") == ""
        assert kernel.log_text().count(" goes on in place of ") == 1


def test_a_child_that_ends_during_the_upgrade_is_reaped_and_no_zombie_stays(kernel: KernelProcess, wire: Wire) -> None:
    pids = [pid_of(make(wire, f"p{number}", f"exit {number}")) for number in range(20)]
    upgrade(wire)

    seen = watch_to_end(wire, "*")

    assert sorted(each.statuses for each in seen.values()) == [[number] for number in range(20)]
    assert len(pids) == 20
    wait_for(lambda: kernel.children() == [], "no child is left")
    assert status_field(kernel.pid, "Threads") == 1
