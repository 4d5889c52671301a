"""What the kernel does when the system has no more: processes, descriptors, memory, room on a disk."""

import errno
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from papa_protocol.rows import read_info
from support.command import Papa, connected
from support.faults import Fault, vanish
from support.kernels import REPOSITORY, KernelProcess
from support.proc import (
    is_running,
    processor_nanoseconds,
    processor_seconds,
    sent_again_by,
    settled_wake_ups,
)
from support.waiting import wait_for
from support.watching import begin, make, watch_to_end
from support.wire import Wire

StartKernel = Callable[..., KernelProcess]
MEGABYTE = 1 << 20
SOMEBODY = 54321
other_user = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


@pytest.fixture
def somebody_s() -> Iterator[tuple[Wire, int]]:
    """Return a connection to the kernel of a user who may have no other process, and its PID.

    The tests' own Python may be out of another user's reach, so the system's runs the kernel.
    """
    paths = f"{REPOSITORY}/kernel:{REPOSITORY}/protocol"
    env = {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(
        ["/usr/bin/python3", "-m", "papa_kernel", "-p", "0", "--end-with-input"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (1, 100)),  # noqa: PLW1509 - one thread
        env=env, user=SOMEBODY, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as kernel:  # fmt: skip
        assert kernel.stdout is not None
        assert kernel.stdin is not None
        port = int(kernel.stdout.readline().split("127.0.0.1:")[1].split()[0])
        with Wire(port) as wire:
            yield wire, kernel.pid
        kernel.stdin.close()


@other_user
def test_no_more_processes_for_the_user_is_told_and_passes(somebody_s: tuple[Wire, int]) -> None:
    wire, pid = somebody_s

    replies = [
        wire.command(f"make process y {options} /bin/true") for options in ("", "rlimit.core=0", "bufsize=0")
    ]  # fmt: skip

    expected = "Error: /bin/true: the system starts no more processes for the kernel's user, or at all"
    assert [reply.startswith(expected) for reply in replies] == [True] * 3, replies
    assert "processes 0\n" in wire.command("info")
    limit_somebody_s(pid, "RLIMIT_NPROC", 100)
    assert wire.command("make process y /bin/true").startswith("y pid=")


def limit_somebody_s(pid: int, limit: str, value: int) -> None:
    script = f"import resource; resource.prlimit({pid}, resource.{limit}, ({value}, {value}))"
    subprocess.run(["/usr/bin/python3", "-c", script], user=SOMEBODY, check=True)


@other_user
def test_a_lower_limit_of_descriptors_than_at_the_start_holds_for_processes_too(
    somebody_s: tuple[Wire, int],
) -> None:
    wire, pid = somebody_s
    limit_somebody_s(pid, "RLIMIT_NPROC", 100)
    limit_somebody_s(pid, "RLIMIT_NOFILE", 40)

    for _ in range(2):
        make(wire, "y", "ulimit -Sn; ulimit -Hn")
        assert watch_to_end(wire, "y")["y"].out == b"40\n40\n"


@pytest.mark.parametrize(
    ("function", "code", "line", "reply"),
    [
        ("os.posix_spawn", errno.EAGAIN, "/bin/true", "/bin/true: the system starts no more processes"),
        ("os.fork", errno.EAGAIN, "rlimit.core=0 /bin/true", "/bin/true: the system starts no more processes"),
        ("os.posix_spawn", errno.ENOMEM, "/bin/true", "/bin/true: cannot allocate memory"),
        ("os.fork", errno.ENOMEM, "rlimit.core=0 /bin/true", "/bin/true: cannot allocate memory"),
        ("os.pipe2", errno.EMFILE, "/bin/true", "No pipe can be made: too many open files"),
        ("os.pipe2", errno.ENFILE, "/bin/true", "No pipe can be made: too many open files in system"),
    ],
)
def test_a_process_that_cannot_be_started_leaves_nothing(
    start_kernel: StartKernel, tmp_path: Path, function: str, code: int, line: str, reply: str
) -> None:
    fault = Fault(tmp_path, function, code)
    kernel = start_kernel(env=fault.env)
    with kernel.connect() as wire:
        before = kernel.descriptors()
        fault.begin()

        assert wire.command(f"make process y {line}").startswith(f"Error: {reply}")

        assert fault.count == 1
        assert kernel.descriptors() == before
        assert kernel.children() == []
        fault.end()
        assert wire.command(f"make process y {line}").startswith("y pid=")


def test_words_that_the_system_does_not_pass_on_are_refused(kernel: KernelProcess, wire: Wire) -> None:
    long = "x" * MEGABYTE

    reply = wire.command(f"make process y /bin/true {long}")

    assert reply == "Error: /bin/true: its words and its environment are longer than the system passes on"
    assert kernel.children() == []


NOTHING_TO_WAIT_BY = [
    (errno.ENOSPC, "the system lets its user wait for no more descriptors (fs.epoll.max_user_watches)"),
    (errno.ENOMEM, "cannot allocate memory"),
]


@pytest.mark.parametrize(("code", "reason"), NOTHING_TO_WAIT_BY)
def test_who_cannot_be_waited_for_is_told_and_the_others_notice_nothing(
    start_kernel: StartKernel, tmp_path: Path, code: int, reason: str
) -> None:
    fault = Fault(tmp_path, "papa_kernel.loop.Loop._register", code)
    kernel = start_kernel(env=fault.env)
    with kernel.connect() as wire:
        before = kernel.descriptors()
        fault.begin()

        for endpoint in (kernel.port, kernel.path):
            with Wire(endpoint, greeted=False) as refused:
                assert refused.read_to_end().decode() == f"Error: The kernel cannot wait for you: {reason}\n"
        assert wire.command("make process y /bin/true") == f"Error: No pipe can be read: {reason}"

        info = read_info(wire.command("info"))
        assert (info["connections"], info["refused"], info["processes"]) == (1, 2, 0)
        assert kernel.descriptors() == before
        assert kernel.children() == []
        fault.end()
        kernel.connect(unix=True).close()
        make(wire, "y", "echo hello")
        assert watch_to_end(wire, "y")["y"].out == b"hello\n"
    assert "bug" not in kernel.log_text()


def test_who_is_refused_in_the_middle_leaves_nothing_to_who_gets_the_descriptor_next(
    start_kernel: StartKernel, tmp_path: Path
) -> None:
    fault = Fault(tmp_path, "papa_kernel.session.Session._proceed")
    kernel = start_kernel(env=fault.env)
    fault.begin()
    with Wire(kernel.port, greeted=False) as refused:
        reason = "it has too little memory"
        assert refused.read_to_end().decode() == f"Error: The kernel cannot wait for you: {reason}\n"

    fault.end()

    with kernel.connect() as wire:
        assert wire.command("get a") == ""


def test_a_pipe_that_cannot_be_waited_for_again_is_read_later(start_kernel: StartKernel, tmp_path: Path) -> None:
    """It is left alone while its process waits for a watcher."""
    fault = Fault(tmp_path, "papa_kernel.loop.Loop._register", errno.ENOSPC)
    kernel = start_kernel(env=fault.env)
    with kernel.connect() as wire, kernel.connect(unix=True) as watcher:
        make(wire, "y", "exec yes", "bufsize=64k")
        begin(watcher, "watch processes y")
        fault.begin()
        watcher.socket.settimeout(0.1)
        while not fault.count:
            with suppress(TimeoutError):
                if watcher.receive().endswith(b"] "):
                    watcher.send("\n")
        watcher.close()
        read = read_info(wire.command("info"))["position"]

        fault.end()

        wait_for(lambda: read_info(wire.command("info"))["position"] > read + MEGABYTE, "it is read again")
    assert "bug" not in kernel.log_text()


def test_an_endpoint_that_cannot_be_waited_for_again_is_open_later(start_kernel: StartKernel, tmp_path: Path) -> None:
    """It is left alone when not even one connection can be accepted."""
    fault = Fault(tmp_path, "papa_kernel.loop.Loop._register", errno.ENOSPC)
    kernel = start_kernel(env=fault.env)
    kernel.connect().close()  # it has opened all that it needs
    limits = resource.prlimit(kernel.pid, resource.RLIMIT_NOFILE, (3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with Wire(kernel.port, greeted=False) as waiting:
        wait_for(lambda: "could not even be refused" in kernel.log_text(), "it is left alone")
        fault.begin()
        resource.prlimit(kernel.pid, resource.RLIMIT_NOFILE, limits)
        wait_for(lambda: fault.count, "it has been tried")

        fault.end()

        assert waiting.read_until(b"\n> ").startswith(b"papa holds")
    assert "bug" not in kernel.log_text()


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS])
def test_when_nothing_can_be_accepted_the_kernel_sleeps_and_serves_the_others(
    start_kernel: StartKernel, tmp_path: Path, code: int
) -> None:
    fault = Fault(tmp_path, "socket.socket.accept", code)
    kernel = start_kernel(env=fault.env)
    with kernel.connect() as wire:
        fault.begin()
        began, processor = time.monotonic(), processor_seconds(kernel.pid)
        with Wire(kernel.port, greeted=False) as waiting:
            wait_for(lambda: fault.count >= 4, "it has been tried twice, and with the descriptor in reserve")
            seconds = time.monotonic() - began
            busy = processor_seconds(kernel.pid) - processor

            assert wire.command("set a 1") == ""
            tried = fault.count
            fault.end()

            assert waiting.read_until(b"\n> ").startswith(b"papa holds")
        assert seconds > 0.4
        assert tried <= 4 + 2 * (time.monotonic() - began) / 0.5  # two endpoints, each left alone for half a second
        assert busy < seconds / 2
        assert "could not even be refused" in kernel.log_text()
        print(f"{tried} attempts in {seconds:.2f} s, of which the kernel was busy for {busy:.2f} s")


def test_after_connections_were_refused_for_lack_of_descriptors_the_kernel_sleeps(start_kernel: StartKernel) -> None:
    kernel = start_kernel(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
    clients = [Wire(kernel.path, greeted=False) for _ in range(100)]
    for client in clients:
        client.read_until(b"\n")

    before = settled_wake_ups(kernel.pid)
    refused = Wire(kernel.path, greeted=False)
    assert refused.read_to_end().startswith(b"Error: The kernel has no free descriptors")
    woken = settled_wake_ups(kernel.pid) - before

    assert woken <= 3
    print(f"{woken} wake-ups for a connection that was refused")
    for client in (*clients, refused):
        client.close()


@other_user
def test_a_process_becomes_its_user_with_its_groups_even_without_free_descriptors(start_kernel: StartKernel) -> None:
    """Who cannot read the list of users finds nobody in it, and would take the number alone, with root's groups."""
    kernel = start_kernel(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
    with kernel.connect() as wire:
        clients = [Wire(kernel.path, greeted=False) for _ in range(100)]
        for client in clients:
            client.read_until(b"\n")

        reply = wire.command("make process y uid=65534 bufsize=0 /bin/sleep 1000")

        pid = re.search(r"pid=(\d+)", reply)
        assert pid, reply
        status = Path(f"/proc/{pid[1]}/status").read_text()
        assert re.search(r"^Uid:\t65534\t65534\t", status, re.MULTILINE)
        assert re.search(r"^Gid:\t65534\t65534\t", status, re.MULTILINE)
        for client in clients:
            client.close()


@pytest.mark.parametrize("options", [("--log-file", "/dev/full"), ("--log-file", "/dev/full", "-d")])
def test_a_log_that_cannot_be_written_keeps_nobody_from_anything(
    start_kernel: StartKernel, options: tuple[str, ...]
) -> None:
    kernel = start_kernel(*options)
    with kernel.connect() as wire:
        row = make(wire, "y", "exit 3")

        wait_for(lambda: " status=3 " in wire.command("list processes y"), "its end has been seen")
        assert wire.command("nonsense").startswith("Error: ")
        assert row.startswith("y pid=")
        assert is_running(kernel.pid)


def test_a_log_that_may_not_grow_ends_nothing(start_kernel: StartKernel) -> None:
    """A file beyond its limit would bring SIGXFSZ, as a disk without room brings an error."""
    kernel = start_kernel("-d", before_exec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
    with kernel.connect() as wire:
        for number in range(200):
            assert wire.command(f"set a {number}") == ""

        assert kernel.log.stat().st_size == 4096
        assert wire.command("get a") == "199"


@pytest.mark.parametrize("reader", ["gone", "busy"])
def test_a_log_that_nobody_reads_holds_nothing_up(papa: Papa, tmp_path: Path, reader: str) -> None:
    """Written to a pipe it would bring SIGPIPE where the reader is gone, and wait where it does not read."""
    path = str(tmp_path / "papa.sock")
    kernel = papa("-u", path, "-d")
    with connected(path) as wire:
        assert kernel.stderr is not None
        if reader == "gone":
            kernel.stderr.close()

        for number in range(3000):
            assert wire.command(f"set a {number}") == ""

        assert wire.command("get a") == "2999"
        assert is_running(kernel.pid)


def test_thousands_who_connect_and_leave_at_once_leave_nothing(kernel: KernelProcess, wire: Wire) -> None:
    before = kernel.descriptors()
    slowest = 0.0
    for number in range(2000):
        with socket.create_connection(("127.0.0.1", kernel.port)) as client:
            if number % 2:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if number % 3 == 0:
                client.sendall(b"watch processes *\nget a")
        if number % 20 == 0:
            began = time.monotonic()
            wire.command("get a")
            slowest = max(slowest, time.monotonic() - began)

    wait_for(lambda: "connections 1\n" in wire.command("info"), "all are gone")
    wait_for(lambda: kernel.descriptors() == before, "their descriptors are closed")
    print(f"the slowest of 100 replies meanwhile took {slowest * 1000:.1f} ms")


@pytest.mark.parametrize("unix", [False, True])
def test_fifty_new_connections_are_greeted_within_50_ms(kernel: KernelProcess, unix: bool) -> None:
    """That is how long the kernel may be busy with them; nobody waits for anything else."""
    kernel.signal(signal.SIGSTOP)  # so that it finds them all
    before = processor_nanoseconds(kernel.pid)
    wires = [Wire(kernel.path if unix else kernel.port, greeted=False) for _ in range(50)]
    sent_again = 0 if unix else sum(sent_again_by(wire.socket) for wire in wires)
    kernel.signal(signal.SIGCONT)
    for wire in wires:
        wire.read_until(b"\n> ")
    busy = (processor_nanoseconds(kernel.pid) - before) / 1e9

    for wire in wires:
        wire.close()
    print(f"the kernel was busy for {busy * 1000:.1f} ms")
    assert busy < 0.05
    assert sent_again == 0  # who has to send its SYN again waits for a second


@other_user
def test_a_peer_that_vanished_without_a_word_is_noticed_when_it_is_written_to(
    kernel: KernelProcess, wire: Wire, connect: Callable[..., Wire]
) -> None:
    make(wire, "y", "exec sleep 1000")
    peer = connect()
    peer.send("tail processes *\n")
    assert peer.read_until(b"Tailing 1\n")

    vanish(peer)
    assert "connections 2\n" in wire.command("info")
    make(wire, "z", "echo hello; exec sleep 1000")

    wait_for(lambda: "connections 1\n" in wire.command("info"), "the kernel has noticed")


@other_user
def test_a_silent_peer_is_asked_after_a_minute_whether_it_is_there(
    kernel: KernelProcess, connect: Callable[..., Wire]
) -> None:
    connect().command("get a")

    timers = wait_for(lambda: keepalive_timers(kernel.port), "its reply has been acknowledged")

    assert all(0 < seconds <= 60.5 for seconds in timers)


def keepalive_timers(port: int) -> list[float]:
    """Return in how many seconds the connections of a port are probed (proc_net_tcp: timer 2, in hundredths)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    timers = [row[5].split(":") for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"]
    return [int(when, 16) / os.sysconf("SC_CLK_TCK") for kind, when in timers if kind == "02"]
