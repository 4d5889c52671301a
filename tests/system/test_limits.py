"""What the kernel takes in and holds at most, and what happens to those who meet a limit."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from papa_kernel.limits import LIMITS
from papa_protocol.rows import read_info
from support.command import Papa, finish
from support.kernels import KernelProcess
from support.proc import most_resident, resident
from support.waiting import wait_for
from support.watching import make
from support.wire import Wire

StartKernel = Callable[..., KernelProcess]
MEGABYTE = 1 << 20


@pytest.fixture
def limited(start_kernel: StartKernel) -> Iterator[Callable[..., Wire]]:
    """Return a connection to a kernel with limits of the test's choosing."""
    with ExitStack() as stack:
        yield lambda *options: stack.enter_context(start_kernel(*options).connect())


def told(rule: str, option: str) -> str:
    return f"Error: {rule}; papa's option {option} changes that"


@pytest.mark.parametrize(
    ("options", "allowed", "refused", "rule"),
    [
        ("--max-line=40", "set a " + "x" * 34, "set a " + "x" * 35, "A line can have 40 bytes at most"),
        ("--max-words=20", "set a " + "x " * 17 + "x", "set a " + "x " * 19, "A line can have 20 words at most"),
        ("--max-name=5", "set abcde 1", "set abcdef 1", "A name can have 5 characters at most"),
        ("--max-name=5", "make socket abcde", "make socket abcdef", "A name can have 5 characters at most"),
        (
            "--max-name=5", "make process abcde /bin/true", "make process abcdef /bin/true",
            "A name can have 5 characters at most",
        ),
        ("--max-sockets=1", "make socket a", "make socket b", "There can be 1 sockets at most"),
        ("--max-values=1", "set a 1", "set b 1", "There can be 1 values at most"),
        (
            "--max-value-bytes=9", "set a 12345678", "set a 123456789",
            "All values and their names can have 9 bytes at most",
        ),
        (
            "--max-processes=1", "make process a /bin/true", "make process b /bin/true",
            "There can be 1 processes at most",
        ),
    ],
)  # fmt: skip
def test_who_meets_a_limit_is_told_which_and_loses_nothing(
    limited: Callable[..., Wire], options: str, allowed: str, refused: str, rule: str
) -> None:
    wire = limited(options)
    assert not wire.command(allowed).startswith("Error: ")

    reply = wire.command(refused)

    assert reply == told(rule, options.partition("=")[0])
    assert not wire.command(allowed).startswith("Error: ")
    kinds = wire.command("info").split("\n")
    assert sum(line in kinds for line in ("values 1", "sockets 1", "processes 1")) == 1


def test_what_is_removed_makes_room(limited: Callable[..., Wire]) -> None:
    wire = limited("--max-sockets=1", "--max-values=1", "--max-value-bytes=4", "--max-processes=1")

    for round_ in range(3):
        assert wire.command(f"set v{round_} 12") == ""
        assert wire.command(f"set v{round_} 34") == ""
        assert wire.command(f"make socket s{round_}").startswith("s")
        assert wire.command(f"make process p{round_} stdout=0 stderr=0 /bin/sleep 1000").startswith("p")
        pid = re.search(r"pid=(\d+)", wire.command("list processes"))
        assert pid
        assert wire.command("make process other /bin/true").startswith("Error: There can be 1 processes")
        wire.command(f"set v{round_}")
        wire.command(f"remove sockets s{round_}")
        wire.command(f"remove processes p{round_}")
        os.kill(int(pid[1]), signal.SIGKILL)
        wait_for(lambda: "processes 0\n" in wire.command("info"), "it is gone")


def test_a_value_s_bytes_are_counted_as_they_are_sent(limited: Callable[..., Wire]) -> None:
    wire = limited()

    wire.command("set äö €")

    assert read_info(wire.command("info"))["value_bytes"] == len("äö€".encode())
    wire.command("set äö x")
    assert read_info(wire.command("info"))["value_bytes"] == 5
    wire.command("set äö")
    assert read_info(wire.command("info"))["value_bytes"] == 0


def test_escaped_spaces_make_no_words(limited: Callable[..., Wire]) -> None:
    wire = limited("--max-words=20")
    text = " ".join("x" * 30)

    assert wire.command("set a " + text.replace(" ", "\\ ")) == ""

    assert wire.command("get a") == text


def test_one_connection_too_many_is_told_and_the_others_notice_nothing(start_kernel: StartKernel) -> None:
    kernel = start_kernel("--max-connections=3")
    wires = [kernel.connect(unix=number == 1) for number in range(3)]

    refused = [Wire(endpoint, greeted=False) for endpoint in (kernel.port, kernel.path)]

    for each in refused:
        assert each.read_to_end().decode() == told("There can be 3 connections at most", "--max-connections") + "\n"
        each.close()
    assert {wire.command("get a") for wire in wires} == {""}
    assert read_info(wires[0].command("info"))["connections"] == 3
    wires.pop().close()
    wait_for(lambda: "connections 2\n" in wires[0].command("info"), "the kernel has seen it go")
    wires.append(kernel.connect())
    for wire in wires:
        wire.close()


def test_commands_wait_for_a_client_that_does_not_read(start_kernel: StartKernel) -> None:
    """With little room the kernel is soon full; with the default one it would take in all of this."""
    kernel = start_kernel("--max-unsent=64k")
    with kernel.connect() as wire, kernel.connect(unix=True) as flooder:
        wire.command("set a " + "x" * 1000)

        flooder.send("get a\n" * 2000 + "quit\n")
        unsent = wait_for(lambda: read_info(wire.command("info"))["unsent"], "some of it waits")

        assert unsent < 64 * 1024 + 2000
        assert flooder.read_to_end() == (b"x" * 1000 + b"\n> ") * 2000 + b"ok\n"
        assert read_info(wire.command("info"))["unsent"] == 0
        print(f"at most {unsent:,} bytes waited")


def test_all_output_is_bounded_and_the_quiet_lose_nothing(start_kernel: StartKernel) -> None:
    kernel = start_kernel("--max-buffered=4m")
    with kernel.connect() as wire:
        make(wire, "quiet", "echo hello; exec sleep 1000")
        wait_for(lambda: "buffered 6\n" in wire.command("info"), "it has spoken")
        before = resident(kernel.pid)
        for number in range(8):
            make(wire, f"loud.{number}", "yes | head -c 8m; exec sleep 1000", "bufsize=8m")

        position = 6 + 8 * 8 * MEGABYTE
        wait_for(lambda: read_info(wire.command("info"))["position"] == position, "all have spoken")

        info = read_info(wire.command("info"))
        assert 3 * MEGABYTE < info["buffered"] <= 4 * MEGABYTE
        assert info["dropped"] == position - info["buffered"]
        assert " buffered=6 dropped=0 " in wire.command("list processes quiet")
        rows = wire.command("list processes loud.*").split("\n")
        held = [int(row.split(" buffered=")[1].split(" ")[0]) for row in rows]
        assert max(held) <= 4 * MEGABYTE
        wire.send("tail processes quiet\n")
        assert b"hello\n" in wire.read_until(b"] ")
        assert most_resident(kernel.pid) - before < 32 * MEGABYTE
        print(f"{info['buffered']:,} of {position:,} bytes kept, {sorted(held)}")


def test_a_reader_is_told_what_was_forgotten_for_the_sake_of_others(start_kernel: StartKernel) -> None:
    kernel = start_kernel("--max-buffered=1m")
    with kernel.connect() as wire:
        make(wire, "y", "yes | head -c 3m; exec sleep 1000", "bufsize=8m")
        wait_for(lambda: f"position {3 * MEGABYTE}\n" in wire.command("info"), "it has spoken")

        wire.send("tail processes y\n")
        assert wire.read_until(b"\n") == b"Tailing 1\n"
        records: list[tuple[str, bytes]] = []
        while sum(len(data) for _, data in records) + sum(map(lost, records)) < 3 * MEGABYTE:
            records += wire.batch()

        assert lost(records[0]) >= 2 * MEGABYTE
        assert sum(len(data) for _, data in records) + lost(records[0]) == 3 * MEGABYTE


def lost(record: tuple[str, bytes]) -> int:
    kind, *_, number, _position = record[0].split(":")
    return int(number) if kind == "lost" else 0


def test_info_tells_every_limit_and_what_is_in_use(limited: Callable[..., Wire]) -> None:
    wire = limited("--max-line", "1m", "--max-sockets", "7")
    wire.command("make socket s")

    info = read_info(wire.command("info"))

    defaults = {limit.key: limit.default for limit in LIMITS}
    assert info["limits"] == {**defaults, "line": MEGABYTE, "sockets": 7}
    used = {key: value for key, value in info.items() if key in defaults}
    assert used.pop("sockets") == used.pop("connections") == 1
    assert used == {"unsent": 0, "values": 0, "value_bytes": 0, "processes": 0, "buffered": 0}


@pytest.mark.parametrize("value", ["0", "many", "-1", "1.5", ""])
def test_a_limit_that_is_no_number_is_refused_at_the_start(papa: Papa, value: str) -> None:
    status, _, err = finish(papa("--max-line", value))

    assert status == 2
    assert "--max-line: expected" in err


def test_the_help_names_every_limit_and_its_default(papa: Papa) -> None:
    status, out, _ = finish(papa("--help"))

    assert status == 0
    for limit in LIMITS:
        assert f"{limit.option} N" in out
        assert limit.usual in " ".join(out.split())
