"""People at a keyboard: a real telnet, a real netcat, and the bytes that telnet programs send of their own accord."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from papa_protocol.command_table import COMMANDS
from support.kernels import KernelProcess
from support.programs import need_program
from support.terminals import end
from support.texts import cuts
from support.wire import TIMEOUT, Wire

IAC = b"\xff"
# What a telnet program may send before, within and after a command, and what it gets for an answer.
NEGOTIATION = IAC + b"\xfd\x03" + IAC + b"\xfb\x18" + IAC + b"\xfa\x18\x00xterm\n" + IAC + b"\xf0" + IAC + b"\xf1"
REFUSAL = IAC + b"\xfc\x03" + IAC + b"\xfe\x18"


class Telnet:
    """A telnet program at a terminal."""

    def __init__(self, port: int) -> None:
        program = need_program("telnet")
        self._child = pexpect.spawn(program, ["127.0.0.1", str(port)], timeout=TIMEOUT, encoding="utf-8")
        self._child.expect_exact("'help' lists the commands.\r\n> ")

    def type(self, line: str, prompt: str = "\r\n> ") -> str:
        """Type a line and return what is shown up to the next prompt."""
        self._child.sendline(line)
        self._child.expect_exact(line)
        return self.shown(prompt)

    def shown(self, prompt: str) -> str:
        """Return what is shown up to a prompt."""
        self._child.expect_exact(prompt)
        return str(self._child.before).removeprefix("\r\n")

    def press(self, key: str) -> None:
        """Press a key together with Ctrl."""
        self._child.sendcontrol(key)

    def ended(self) -> str:
        """Return what is shown until the program ends."""
        self._child.expect(pexpect.EOF)
        return str(self._child.before)

    def close(self) -> None:
        end(self._child)


@pytest.fixture
def telnet(kernel: KernelProcess) -> Iterator[Telnet]:
    program = Telnet(kernel.port)
    yield program
    program.close()


def test_everything_can_be_done_by_hand(telnet: Telnet, kernel: KernelProcess, tmp_path: Path) -> None:
    typed: list[str] = []

    def type_(line: str, prompt: str = "\r\n> ") -> str:
        typed.append(line)
        return telnet.type(line, prompt)

    assert "make process" in type_("help")
    assert type_(f"make socket un path={tmp_path}/un").startswith("un family=unix type=stream")
    assert type_("list sockets").startswith("un family=unix")
    assert type_("remove sockets un") == ""
    assert type_("set greeting two  words") == ""
    assert type_("get greeting") == "two words"
    assert type_("list values") == "greeting two words"
    assert type_("remove values greeting") == ""
    assert type_("make process hello shell=1 echo hello; exec sleep 1000").startswith("hello pid=")
    assert type_("list processes").startswith("hello pid=")
    assert ":6:6\r\nhello\r\n" in type_("tail processes hello", "] ")
    assert type_("") == "Stopped tailing"
    assert type_("watch processes hello", "] ").endswith(":6\r\nhello\r\n\r\n")
    assert type_("q") == "Stopped watching"
    assert type_("acknowledge processes hello upto=6") == ""
    assert type_("remove processes hello") == ""
    assert f"pid {kernel.pid}\r\n" in type_("info")
    assert " goes on in place of " in type_("upgrade")
    assert type_("protocol 2") == "protocol 2"
    assert type_("exit-if-idle") == "not idle"
    assert "closed by foreign host" in type_("quit", "ok\r\n") + telnet.ended()
    commands = {COMMANDS.resolve(line.split()).command.text for line in typed if line not in ("", "q")}
    assert commands == {command.text for command in COMMANDS.commands}


def test_ctrl_c_shows_no_error_and_hides_nothing(telnet: Telnet) -> None:
    telnet.press("c")

    assert telnet.type("set a 1") == ""
    assert telnet.type("get a") == "1"


def test_ctrl_c_in_a_watch_leaves_it_going(telnet: Telnet) -> None:
    telnet.type("make process hello shell=1 echo hello; exec sleep 1000")
    telnet.type("watch processes hello", "] ")

    telnet.press("c")

    assert telnet.type("q") == "Stopped watching"
    assert "buffered=0" in telnet.type("list processes")


def test_the_bytes_of_ctrl_c_acknowledge_nothing(wire: Wire, kernel: KernelProcess) -> None:
    wire.command("make process hello shell=1 echo hello; exec sleep 1000")
    wire.send("watch processes hello\n")
    wire.read_until(b"] ")

    wire.send(IAC + b"\xf4" + IAC + b"\xfd\x06")

    assert wire.read_exactly(3) == IAC + b"\xfb\x06"
    with kernel.connect() as other:
        assert "buffered=6" in other.command("list processes")


@pytest.mark.parametrize("command", ["ao", "ayt", "brk", "ec", "el", "eof", "ga", "ip", "nop", "susp", "synch"])
def test_what_telnet_s_own_menu_sends_does_no_harm(telnet: Telnet, command: str) -> None:
    telnet.press("]")
    telnet.shown("telnet> ")

    telnet.type(f"send {command}", "\r\n")

    assert telnet.type("set a 1") == ""
    assert telnet.type("get a") == "1"


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (b"set a 1\nget a\n", "\n> 1\n> "),
        (b"set a 1\r\nget a\r\n", "\n> 1\n> "),
        (b"set a 1\nget a", "\n> 1\n> "),
        (b"quit\nset a 1\n", "ok\n"),
    ],
)
def test_netcat_gets_its_answers_and_ends(kernel: KernelProcess, lines: bytes, answer: str) -> None:
    program = need_program("nc")

    done = subprocess.run(
        [program, "-N", "127.0.0.1", str(kernel.port)], input=lines, stdout=subprocess.PIPE, timeout=TIMEOUT
    )

    assert done.returncode == 0
    assert done.stdout.decode().partition("\n> ")[2] == answer


def test_printf_and_netcat_list_the_processes(kernel: KernelProcess, wire: Wire) -> None:
    need_program("nc")
    row = wire.command("make process z /bin/sleep 1000")

    shown = subprocess.run(
        ["/bin/sh", "-c", f"printf 'l p\\n' | nc -N localhost {kernel.port}"],
        stdout=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT,
    )

    assert shown.stdout.partition("\n> ")[2] == f"{row}\n> "


def test_crlf_ends_a_line_everywhere(wire: Wire) -> None:
    wire.send("make process hello shell=1 echo hello; exec sleep 1000\r\n")
    wire.read_until(b"\n> ")

    wire.send("watch processes hello\r\n")
    wire.read_until(b"] ")
    wire.send("q\r\n")

    assert wire.read_until(b"> ") == b"Stopped watching\n> "
    assert wire.command("get a\r") == ""


def test_negotiation_is_answered_and_never_part_of_a_command(kernel: KernelProcess) -> None:
    line = b"set a 1" + NEGOTIATION + b"2\r\n"

    for first, second in cuts(NEGOTIATION + line):
        with kernel.connect() as wire:
            wire.send(first)
            wire.send(second)

            assert wire.read_until(b"> ").replace(REFUSAL, b"") == b"\n> "
            assert wire.command("get a") == "12"
            assert wire.command("set a") == ""


def test_a_timing_mark_is_granted(wire: Wire) -> None:
    wire.send(IAC + b"\xf4" + IAC + b"\xfd\x06")

    assert wire.read_exactly(3) == IAC + b"\xfb\x06"
    assert wire.command("get a") == ""


def test_an_urgent_data_mark_is_read_in_its_place(wire: Wire) -> None:
    wire.send(IAC + b"\xf4" + IAC)

    wire.socket.send(b"\xf2", socket.MSG_OOB)

    assert wire.command("set a 1") == ""
    assert wire.command("get a") == "1"


def test_a_byte_255_that_is_not_telnet_s_is_kept(wire: Wire) -> None:
    wire.command(b"set a caf\xff\xff and \xffl")

    wire.send("get a\n")

    assert wire.read_until(b"\n> ") == b"caf\xff and \xffl\n> "
