"""An upgrade in place and the open sessions: half a line, lines sent ahead, replies that nobody reads yet; streams."""

import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.kernels import KernelProcess
from support.proc import resident
from support.programs import need_program
from support.upgrades import Installed, upgrade
from support.waiting import wait_for
from support.watching import begin, make, texts, wait_until_ended
from support.wire import TIMEOUT, Wire

Connect = Callable[..., Wire]
StartKernel = Callable[..., KernelProcess]
DONE = b" goes on in place of "
IAC, WONT, DO, SB, SE = b"\xff", b"\xfc", b"\xfd", b"\xfa", b"\xf0"


def replies(wire: Wire, count: int) -> list[bytes]:
    return [wire.read_until(b"> ")[:-2].rstrip(b"\n") for _ in range(count)]


def test_half_a_line_is_completed_afterwards(wire: Wire, connect: Connect) -> None:
    line = b"set name \xffa\\ b \xc3"
    for cut in (1, 4, 10, 11, 13, 14, len(line)):
        typing = connect()
        typing.send(line[:cut])
        upgrade(wire)

        typing.send(line[cut:] + b"\xa4\n")

        assert replies(typing, 1) == [b""]
        assert typing.command("get name") == "\udcffa b ä"
        wire.command("set name")


@pytest.mark.parametrize(
    ("first", "rest", "answer"),
    [
        (b"set a x" + IAC, DO + b"\x01y\n", IAC + WONT + b"\x01"),
        (b"set a x" + IAC + DO, b"\x01y\n", IAC + WONT + b"\x01"),
        (b"set a x" + IAC + SB + b"\x22lin", b"emode" + IAC + SE + b"y\n", b""),
    ],
)
def test_a_telnet_command_is_completed_afterwards(
    wire: Wire, connect: Connect, first: bytes, rest: bytes, answer: bytes
) -> None:
    typing = connect()
    typing.send(first)
    upgrade(wire)

    typing.send(rest)

    assert typing.read_until(b"> ") == answer + b"\n> "
    assert wire.command("get a") == "xy"


def test_lines_sent_ahead_are_answered_in_order_by_the_new_kernel(wire: Wire) -> None:
    wire.send(b"set a 1\nget a\nupgrade\nget a\nset a 2\nupgrade\nget a\nget b\nquit\n")

    told = wire.read_to_end().split(b"\n> ")

    assert [DONE in reply for reply in told] == [False, False, True, False, False, True, False, False, False]
    assert [told[index] for index in (0, 1, 3, 4, 6, 7, 8)] == [b"", b"1", b"1", b"", b"2", b"", b"ok\n"]


def test_a_client_that_has_sent_everything_is_answered_and_closed(wire: Wire) -> None:
    wire.send(b"set a 1\nupgrade\nget a\nget")  # the last line needs no end
    wire.socket.shutdown(socket.SHUT_WR)

    told = wire.read_to_end()

    assert told.startswith(b"\n> papa ")
    assert told.split(b"\n> ")[2:] == [b"1", b'Error: "get" needs NAME: get NAME', b""]


def test_netcat_is_answered(kernel: KernelProcess) -> None:
    program = need_program("nc")

    done = subprocess.run(
        [program, "-N", "127.0.0.1", str(kernel.port)],
        input=b"set a 1\nupgrade\nget a\n",
        capture_output=True,
        timeout=TIMEOUT,
    )

    assert done.stdout.endswith(b"\n> 1\n> ")
    assert DONE in done.stdout


def test_a_line_that_is_too_long_is_thrown_away_across_the_upgrade(start_kernel: StartKernel) -> None:
    kernel = start_kernel("--max-line", "1000")
    with kernel.connect() as wire, kernel.connect() as typing:
        typing.send(b"set a " + b"x" * 2000)
        upgrade(wire)

        typing.send(b"x" * 2000 + b"\nget a\n")

        assert replies(typing, 2) == [
            b"Error: A line can have 1000 bytes at most; papa's option --max-line changes that", b"",
        ]  # fmt: skip


def test_a_line_that_was_too_long_and_waits_behind_the_upgrade_is_refused_in_its_turn(
    start_kernel: StartKernel,
) -> None:
    kernel = start_kernel("--max-line", "1000")
    with kernel.connect() as wire:
        wire.send(b"upgrade\nset a " + b"x" * 2000 + b"\nget a\n")

        told = replies(wire, 3)

        assert DONE in told[0]
        assert told[1].startswith(b"Error: A line can have 1000 bytes at most")
        assert told[2] == b""


def test_a_long_line_is_completed_afterwards(wire: Wire, connect: Connect) -> None:
    typing = connect()
    value = "\\xff" * 100_000
    typing.send(f"protocol 2\nset a {value}")
    typing.read_until(b"protocol 2\n> ")
    upgrade(wire)

    typing.send(value + "\n")

    assert replies(typing, 1) == [b""]
    assert typing.command("get a") == value * 2


def test_dialect_2_stays(wire: Wire, connect: Connect) -> None:
    other = connect()
    other.command("protocol 2")
    other.command("set a x\\ny")

    upgrade(wire)

    assert other.command("get a") == "x\\ny"
    assert wire.command("set b x\\ny") == ""
    assert wire.command("get b") == "x\\ny"
    assert other.command("get b") == "x\\\\ny"


def test_replies_that_nobody_reads_yet_arrive_whole(kernel: KernelProcess, wire: Wire, connect: Connect) -> None:
    value = "".join(f"{number:08}" for number in range(20_000))
    wire.command(f"set a {value}")
    slow, half_closed = connect(), connect()
    for client in (slow, half_closed):
        client.send("get a\n" * 40)
    half_closed.socket.shutdown(socket.SHUT_WR)
    assert wire.command("get a") == value

    for _ in range(3):
        upgrade(wire)

    assert replies(slow, 40) == [value.encode()] * 40
    assert half_closed.read_to_end() == (value.encode() + b"\n> ") * 40
    assert slow.command("get b") == ""
    assert resident(kernel.pid) < 100 << 20


def test_one_upgrade_answers_all_who_ask_at_once(kernel: KernelProcess, connect: Connect) -> None:
    clients = [connect(unix=number % 2 == 0) for number in range(30)]
    kernel.signal(signal.SIGSTOP)  # so that it finds them all
    for client in clients:
        client.send("upgrade\n")
    kernel.signal(signal.SIGCONT)

    told = [client.read_until(b"\n> ") for client in clients]

    assert all(DONE in line for line in told)
    assert [client.command("get a") for client in clients] == [""] * 30
    assert kernel.log_text().count(DONE.decode()) <= 3


def test_one_who_leaves_instead_of_waiting_harms_nobody(wire: Wire, connect: Connect) -> None:
    leaving = connect()
    leaving.send("upgrade\n")
    leaving.close()

    upgrade(wire)

    wait_for(lambda: "connections 1\n" in wire.command("info"), "the other has been seen to leave")


@pytest.mark.parametrize("start", [b"", b"GET", b"\x16"])
def test_a_browser_is_recognized_by_what_comes_after_the_upgrade(
    kernel: KernelProcess, wire: Wire, start: bytes
) -> None:
    with Wire(kernel.port) as browser:
        if start != b"\x16":
            browser.send(start)
            upgrade(wire)
        else:
            upgrade(wire)
            browser.send(start)
        browser.send(b" / HTTP/1.1\r\nset a 1\r\n" if start else b"POST / HTTP/1.1\r\nset a 1\r\n")

        try:
            told = browser.read_to_end()
        except ConnectionResetError:
            told = b""

    assert told == b""
    assert wire.command("get a") == ""
    assert "refused 1\n" in wire.command("info")


def test_a_session_that_has_begun_well_may_say_what_a_browser_says(wire: Wire, connect: Connect) -> None:
    other = connect()
    other.command("get a")
    upgrade(wire)

    assert other.command("GET / HTTP/1.1").startswith("Error: ")
    assert other.command("get a") == ""


def test_a_session_that_had_quit_and_reads_nothing_yet_gets_all_and_is_closed(wire: Wire, connect: Connect) -> None:
    value = "x" * 1_000_000
    wire.command(f"set a {value}")
    leaving = connect()
    leaving.send("get a\n" * 8 + "quit\nget a\n")

    upgrade(wire)

    assert leaving.read_to_end() == (value.encode() + b"\n> ") * 8 + b"ok\n"


def test_commands_that_take_longer_than_a_turn_go_on(wire: Wire, connect: Connect) -> None:
    busy = connect()
    count = 20_000
    busy.send("".join(f"set n {number}\nget n\n" for number in range(count)))

    upgrade(wire)

    expected = b"".join(b"\n> %d\n> " % number for number in range(count))
    assert busy.read_exactly(len(expected)) == expected


def mix_namesakes(installed: Installed) -> None:
    """Have code that sends what processes of one name write as it comes, as papa did once."""
    installed.replace("streams", "(earlier := self._latest.get(process.name))", "(earlier := None)")
    installed.replace("streams", "        self._leave(process)\n", "")


@pytest.mark.parametrize("first", ["mixes", "sorts"])
def test_a_watcher_of_two_processes_of_one_name_goes_on_with_a_version_that_sends_them_otherwise(
    start_kernel: StartKernel, tmp_path: Path, first: str
) -> None:
    installed = Installed(tmp_path)
    sorts = installed.path("streams").read_text()
    if first == "mixes":
        mix_namesakes(installed)
    kernel = start_kernel(env=installed.env)
    with kernel.connect() as wire, kernel.connect() as watcher:
        make(wire, "y", "head -c 3000000 /dev/zero; exit 1", "bufsize=8m")
        wait_until_ended(wire, "y")
        begin(watcher, "watch processes *")
        records = watcher.batch()
        wire.command("acknowledge processes y upto=3000001")
        make(wire, "y", "echo new; exit 2")
        wait_until_ended(wire, "y")
        watcher.send("\n")
        records += watcher.batch()

        if first == "mixes":
            installed.path("streams").write_text(sorts)
        else:
            mix_namesakes(installed)
        upgrade(wire)
        make(wire, "z", "echo last; exec sleep 1000")
        while texts(records).count(b"closed") < 2 or b"last\n" not in texts(records):
            watcher.send("\n")
            records += watcher.batch()
        watcher.send("\n")
        make(wire, "zz", "exit 3")

        assert texts(watcher.batch()) == [b"closed"]
        assert texts(records).count(b"new\n") == 1
        assert sum(len(text) for text in texts(records) if not text[0]) == 3_000_000
