"""Commands as people type them: abbreviations, help, errors, info, the end of an idle kernel."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from support.kernels import KernelProcess
from support.proc import descriptors
from support.watching import make, pid_of, wait_until_ended
from support.wire import Wire

ERRORS = {
    "nothing": 'Unknown command "nothing": expected one of make, list, remove, watch',
    "make": '"make" is incomplete: expected one of process, socket after it',
    "list": '"list" is incomplete: expected one of processes, sockets, values after it',
    "watch": '"watch" is incomplete: expected processes after it',
    "list __doc__": 'Unknown word "__doc__" after "list": expected one of processes, sockets, values',
    "list _": 'Unknown word "_" after "list"',
    "make socket": '"make socket" needs a NAME: make socket NAME [OPTION=VALUE…]',
    "make socket a foo=1": 'Unknown option "foo": expected one of family=, type=',
    "make socket a port=x": 'port: expected a number from 0 to 65535, not "x"',
    "make socket a port=65536": 'port: expected a number from 0 to 65535, not "65536"',
    "make socket a family=x": 'family: expected inet, inet6 or unix, not "x"',
    "make socket a path=x": 'path: expected an absolute path, not "x"',
    "make socket a umask=08": "umask: expected a",
    "make socket a umask=1000": "umask: expected a",
    "make socket a family=unix": "path: needed for family=unix",
    "make socket a path=/tmp/x port=1": "port: not for a Unix socket",
    "make socket a word": 'Unexpected word "word": expected options such as port=8080',
    "make process a": "The process a needs an EXECUTABLE after its options: make process NAME",
    "make process a foo=1 /bin/true": 'Unknown option "foo": expected one of uid=, gid=',
    "make process a bufsize=1x /bin/true": "bufsize: expected a number of bytes, optionally with k, m or g",
    "make process a bufsize= /bin/true": "bufsize: expected a number of bytes",
    "make process a stdout=2 /bin/true": 'stdout: expected 1 or 0, not "2"',
    "make process a stderr=2 /bin/true": 'stderr: expected 1, 0 or stdout, not "2"',
    "make process a uid=nobody-here /bin/true": 'uid: there is no user "nobody-here"',
    "make process a gid=nobody-here /bin/true": 'gid: there is no group "nobody-here"',
    "make process a uid=4294967295 /bin/true": 'uid: there is no user "4294967295"',
    "make process a gid=4294967295 /bin/true": 'gid: there is no group "4294967295"',
    f"make process a uid={'9' * 5000} /bin/true": 'uid: there is no user "999',
    f"make process a gid={'9' * 5000} /bin/true": 'gid: there is no group "999',
    "make process a rlimit.x=1 /bin/true": 'Unknown limit "x": expected one of as, core, cpu',
    "make process a rlimit.core=x /bin/true": "rlimit.core: expected a number",
    "make process a rlimit.core=2:1 /bin/true": "rlimit.core: the soft limit 2 is above the hard limit 1",
    "make process a rlimit.core=unlimited:1 /bin/true": "rlimit.core: the soft limit unlimited is above the hard",
    "make process a env.=1 /bin/true": 'Unknown option "env."',
    "make process a env.A=1 env.A=2 /bin/true": "env.A: given twice; leave one out",
    "make process a working_dir=/no/such /bin/true": "working_dir: /no/such: no such file or directory",
    "make process a working_dir=/etc/passwd /bin/true": "working_dir: /etc/passwd: not a directory",
    "make process a working_dir=/bin/sh /bin/true": "working_dir: /bin/sh: not a directory",
    "make process a /no/such": "/no/such: no such file or directory",
    "make process a /etc/passwd": "/etc/passwd: not executable",
    "make process a /etc": "/etc: a folder, not a program",
    "make process a no-such": "no-such: no such executable in /bin:/usr/bin; write its path, or set env.PATH",
    "make process a env.PATH=/no:/such ls": "ls: no such executable in /no:/such; write its path, or set env.PATH",
    "make process a /bin/true $(socket.web.port)": "There is no socket web, which $(socket.web.port) names",
    "make process a /bin/true $(socket.web.name)": "Bad placeholder $(socket.web.name): expected $(socket.NAME.fileno)",
    "remove processes nothing": "There is no process nothing",
    "remove sockets nothing": "There is no socket nothing",
    "watch processes": "Nothing to watch: there is no process",
    "watch processes a.*": "Nothing to watch: there is no process called a.*",
    "watch processes nothing": "There is no process nothing",
    "tail processes": '"tail processes" needs a name, a pattern or *',
    "tail processes nothing": "There is no process nothing",
    "acknowledge processes nothing upto=1": "There is no process nothing",
    "acknowledge processes nothing": '"acknowledge processes" needs upto=POSITION',
    "acknowledge processes nothing upto=x": "upto: expected a position, as tail shows it",
    "acknowledge processes a.* upto=1": "a.*: one process at a time",
    "get": '"get" needs NAME: get NAME',
    "get a b": 'Unexpected word "b": get NAME',
    "set": '"set" needs a NAME',
    "info x": 'Unexpected word "x": info',
    "protocol": '"protocol" needs 1|2',
    "protocol 3": 'protocol: expected 1 or 2, not "3"',
    "exit": '"exit-if-idle" cannot be abbreviated: type it in full',
    "e": '"exit-if-idle" cannot be abbreviated: type it in full',
    "exit-if-idle now": 'Unexpected word "now": exit-if-idle',
}


def test_every_mistake_has_a_clear_line_and_leaves_nothing(kernel: KernelProcess, wire: Wire) -> None:
    """D28."""
    before = descriptors(kernel.pid)

    replies = {line: wire.command(line) for line in ERRORS}

    for line, expected in ERRORS.items():
        assert replies[line].startswith(f"Error: {expected}"), line
        assert "\n" not in replies[line]
    assert [wire.command(f"list {kind}") for kind in ("sockets", "processes", "values")] == ["", "", ""]
    assert descriptors(kernel.pid) == before
    assert kernel.children() == []


def test_an_executable_that_may_not_or_cannot_be_run_is_named(wire: Wire, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    (tmp_path / "plain").write_text("")

    assert wire.command(f"make process a {script}") == f"Error: {script}: its interpreter does not exist"
    assert wire.command(f"make process a env.PATH={tmp_path} plain") == f"Error: {tmp_path}/plain: not executable"


def test_an_error_never_breaks_its_line(wire: Wire) -> None:
    reply = wire.command(b"nothing\x1b[2J \xff" + b"x" * 5000)

    assert reply.startswith('Error: Unknown command "nothing\\x1b[2J"')
    assert len(wire.command(b"get a " + b"y" * 5000)) < 1000


@pytest.mark.parametrize(("short", "full"), [
    ("l p", "list processes"), ("LIST Process", "list processes"), ("l s", "list sockets"), ("li va", "list values"),
    ("h l p", "help list processes"), ("h m p", "help make process"), ("? x", ""), ("g a", "get a"),
    ("help proc", "help process"), ("i", "info"), ("t p a", "tail processes a"),
    ("a p a upto=1", "acknowledge p a upto=1"),
    ("m s", "make socket"), ("r p", "remove processes"), ("w p", "watch processes"), ("s", "set"),
])  # fmt: skip
def test_words_may_be_abbreviated_in_any_case(wire: Wire, short: str, full: str) -> None:
    wire.command("set a 1")
    if not full:
        assert wire.command(short).startswith("Error: Unknown command")
        return

    first, second = wire.command(short), wire.command(full)

    # Only the time that the kernel has been up may differ.
    assert [line for line in first.split("\n") if not line.startswith("uptime")] == [
        line for line in second.split("\n") if not line.startswith("uptime")
    ]


def test_help_explains_every_command_its_options_and_examples(wire: Wire) -> None:
    overview = wire.command("help")
    commands = [line[4:].split("  ")[0] for line in overview.split("\n") if re.match(" {4}[a-z]", line)]

    pages = {command: wire.command(f"help {command}") for command in commands}

    assert {"make process", "tail processes", "exit-if-idle", "protocol"} <= set(commands)
    for command, page in pages.items():
        assert f"Usage: {command}" in page
        assert "Examples:" in page, command
    for option in ("bufsize=", "output=", "rlimit.NAME=", "linger="):
        assert option in pages["make process"]
    assert "make process" in wire.command("help process")


def test_the_examples_in_help_are_understood(wire: Wire) -> None:
    """D29: papa 1.0's example ``output=1m`` was refused, and numbers were not looked up."""
    row = wire.command("make process a output=64k /bin/sleep 100")

    assert " bufsize=65536 " in row
    assert wire.command(f"list processes {pid_of(row)}").startswith("a pid=")


def test_info_tells_what_the_kernel_is_and_holds(kernel: KernelProcess, wire: Wire) -> None:
    wire.command("set a 1")
    wire.command("make socket s")
    make(wire, "y", "echo hello; exit 0")
    wait_until_ended(wire, "y")

    lines = wire.command("info").split("\n")

    assert lines[0].startswith("version 2.")
    for line in (
        f"pid {kernel.pid}", f"endpoint 127.0.0.1:{kernel.port}", f"endpoint {kernel.path}", "connections 1",
        "sockets 1", "values 1", "processes 1", "running 0", "buffered 6", "dropped 0",
        "position 7",
    ):  # fmt: skip
        assert line in lines
    assert any(line.startswith("uptime ") for line in lines)


def test_quit_answers_and_closes(wire: Wire) -> None:
    wire.send("quit\nget a\n")

    assert wire.read_to_end() == b"ok\n"


def test_an_idle_kernel_ends_with_its_last_connection(
    kernel: KernelProcess, wire: Wire, connect: Callable[..., Wire]
) -> None:
    """D41: a connection that comes meanwhile does not call it off silently."""
    assert wire.command("exit-if-idle") == "Exiting papa!"
    other = connect()
    wire.close()
    assert other.command("get a") == ""
    other.close()

    assert kernel.wait() == 0
    assert not os.path.exists(kernel.path)


def test_an_idle_kernel_goes_on_if_something_was_added_meanwhile(kernel: KernelProcess, wire: Wire) -> None:
    other = kernel.connect()

    wire.command("exit-if-idle")
    wire.close()
    other.command("set a 1")
    other.close()

    with kernel.connect() as later:
        assert later.command("get a") == "1"


@pytest.mark.parametrize("line", ["set a 1", "make socket a", "make process a /bin/sleep 100"])
def test_a_kernel_that_holds_anything_is_not_idle(kernel: KernelProcess, wire: Wire, line: str) -> None:
    wire.command(line)

    assert wire.command("exit-if-idle") == "not idle"
    wire.close()
    with kernel.connect() as later:
        assert later.command("get b") == ""
