"""Held sockets: made, listed, shared, removed."""

import os
import re
import resource
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.kernels import KernelProcess
from support.ports import free_port
from support.proc import descriptors
from support.waiting import wait_for
from support.watching import field_of, make, make_python, pid_of, watch_to_end
from support.wire import TIMEOUT, Wire

# Serves one line to each connection to the socket whose number is its argument.
SERVE = "import socket; s = socket.socket(fileno=int(sys.argv[1])); [s.accept()[0].sendall(b'%s') for _ in range(99)]"


def port_of(row: str) -> int:
    return int(field_of(row, "port"))


def ask(endpoint: tuple[str, int] | str) -> bytes:
    with socket.socket(socket.AF_UNIX if isinstance(endpoint, str) else socket.AF_INET) as sock:
        sock.settimeout(TIMEOUT)
        sock.connect(endpoint)
        return sock.recv(100)


def test_a_socket_is_bound_and_listens_before_the_reply(wire: Wire) -> None:
    row = wire.command("make socket web")

    assert re.fullmatch(r"web family=inet type=stream backlog=5 host=127\.0\.0\.1 port=\d+ fileno=\d+", row)
    with socket.create_connection(("127.0.0.1", port_of(row)), TIMEOUT):
        pass


def test_the_same_make_again_returns_the_same_socket(wire: Wire) -> None:
    row = wire.command("make socket web backlog=7")

    assert wire.command("make socket web backlog=7") == row
    assert wire.command(f"make socket web port={port_of(row)} backlog=7") == row
    assert (
        wire.command("make socket web")
        == "Error: The socket web is already there, with another backlog; remove it first, or take another name"
    )
    assert wire.command("make socket web type=dgram port=1").endswith(
        "with another type, backlog, port; remove it first, or take another name"
    )
    assert wire.command("list sockets") == row


@pytest.mark.parametrize(("options", "expected"), [
    ("family=inet6", "family=inet6 type=stream backlog=5 host=::1 port="),
    ("host=localhost", "family=inet type=stream backlog=5 host=localhost port="),
    ("interface=lo", "family=inet type=stream backlog=5 host=0.0.0.0 port="),
    ("family=inet6 interface=lo", "family=inet6 type=stream backlog=5 host=:: port="),
    ("type=dgram", "family=inet type=dgram host=127.0.0.1 port="),
    ("backlog=0", "family=inet type=stream backlog=0 host=127.0.0.1 port="),
])  # fmt: skip
def test_a_socket_has_the_defaults_of_its_kind(wire: Wire, options: str, expected: str) -> None:
    """D19 (interface=), D20 (type=dgram)."""
    assert wire.command(f"make socket s {options}").startswith(f"s {expected}")


def test_an_interface_binds_to_it(wire: Wire) -> None:
    """D19: an address of another interface does not reach a socket bound to lo from outside, but lo's does."""
    row = wire.command("make socket s interface=lo")

    assert " interface=lo " in row
    with socket.create_connection(("127.0.0.1", port_of(row)), TIMEOUT):
        pass
    assert wire.command("make socket t interface=none").startswith(
        'Error: interface: there is no "none": expected one of'
    )


@pytest.mark.parametrize(("kind", "number"), [("stream", 1), ("dgram", 2), ("seqpacket", 5)])
def test_a_unix_socket_of_every_type_is_made_and_its_path_unlinked(
    wire: Wire, tmp_path: Path, kind: str, number: int
) -> None:
    """D20: after type=dgram the path stayed taken for ever."""
    path = tmp_path / "s"

    assert f" type={kind} " in wire.command(f"make socket s path={path} type={kind}")
    with socket.socket(socket.AF_UNIX, number) as client:
        client.connect(str(path))
    wire.command("remove sockets s")

    assert not path.exists()
    assert f" type={kind} " in wire.command(f"make socket s path={path} type={kind}")


@pytest.mark.parametrize(("umask", "mode"), [("077", 0o700), ("0o177", 0o600), ("63", 0o700), ("0", 0o777)])
def test_a_umask_is_octal_after_a_zero_and_holds_for_the_bind_alone(
    kernel: KernelProcess, wire: Wire, tmp_path: Path, umask: str, mode: int
) -> None:
    """D21."""
    path = tmp_path / "s"

    wire.command(f"make socket s path={path} umask={umask}")
    failed = wire.command(f"make socket t path={tmp_path}/no/such umask={umask}")

    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert failed == f"Error: path: {tmp_path}/no/such: no such file or directory"
    # The kernel was started by this process and has its mask.
    assert umask_of(kernel.pid) == umask_of(os.getpid())


def umask_of(pid: int) -> str:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(line for line in status.splitlines() if line.startswith("Umask:"))


def test_a_file_that_is_no_socket_is_never_touched(wire: Wire, tmp_path: Path) -> None:
    """D21."""
    for path in (tmp_path / "file", tmp_path / "folder"):
        path.mkdir() if path.name == "folder" else path.write_text("precious")

        reply = wire.command(f"make socket s path={path}")

        assert reply == f"Error: path: {path} exists and is not a socket"
        assert path.exists()
    assert (tmp_path / "file").read_text() == "precious"


def test_a_path_that_something_listens_on_is_never_taken(wire: Wire, tmp_path: Path) -> None:
    """D21."""
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        other.listen()

        reply = wire.command(f"make socket s path={path}")

        assert reply == f"Error: path: {path} is in use: something listens there"
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)


def test_a_path_left_behind_by_the_dead_is_taken_over(wire: Wire, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)

    assert wire.command(f"make socket s path={path}").startswith("s family=unix")


def test_removing_a_socket_spares_what_took_its_path_meanwhile(wire: Wire, tmp_path: Path) -> None:
    """D21: papa 1.0 unlinked by name."""
    path = tmp_path / "s"
    wire.command(f"make socket s path={path}")
    path.unlink()
    path.write_text("another's")

    wire.command("remove sockets s")

    assert path.read_text() == "another's"


def test_a_taken_port_and_a_foreign_address_are_named(wire: Wire) -> None:
    port = port_of(wire.command("make socket a"))

    assert wire.command(f"make socket b port={port}") == f"Error: port: {port} is in use on 127.0.0.1"
    assert wire.command("make socket b host=192.0.2.1") == "Error: host: 192.0.2.1 is not an address of this machine"
    assert wire.command("make socket b host=no.such.host").startswith("Error: host: expected an IPv4 address or a name")


def test_a_link_local_address_is_looked_for_on_its_interface_and_needs_one(wire: Wire) -> None:
    scoped, bare = (wire.command(f"make socket a family=inet6 host={host}") for host in ("fe80::abcd%lo", "fe80::abcd"))

    assert scoped == "Error: host: fe80::abcd%lo is not an address of this machine"
    assert bare.startswith("Error: host: fe80::abcd cannot be bound so: a link-local address needs its interface, as")


def test_sockets_are_listed_and_removed_by_name_pattern_and_file_number(wire: Wire) -> None:
    """D29, D30."""
    rows = {name: wire.command(f"make socket {name}") for name in ("a.1", "a.2", "b", "c")}
    number = field_of(rows["b"], "fileno")

    assert wire.command("list sockets a.*") == f"{rows['a.1']}\n{rows['a.2']}"
    assert wire.command(f"list sockets {number}") == rows["b"]
    assert wire.command("remove sockets").startswith('Error: "remove sockets" needs a name, a pattern or *')
    assert wire.command(f"remove sockets {number} a.*") == ""
    assert wire.command("list sockets") == rows["c"]
    assert wire.command("remove sockets *") == ""
    assert wire.command("list sockets") == ""


def test_a_process_serves_on_the_socket_that_its_arguments_name(wire: Wire) -> None:
    port = port_of(wire.command("make socket web"))
    words = f"import sys; {SERVE % 'hello'}".replace(" ", "\\ ")

    wire.command(f"make process y {sys.executable} -ISc {words} $(socket.web.fileno)")

    assert ask(("127.0.0.1", port)) == b"hello"


def test_a_process_inherits_the_sockets_it_names_and_no_others(kernel: KernelProcess, wire: Wire) -> None:
    """Every socket leaked into every child of papa 1.0."""
    named = field_of(wire.command("make socket a"), "fileno")
    wire.command("make socket b")
    wire.command("make socket c")

    inheriting = pid_of(make(wire, "y", "exec sleep 100; : $(socket.a.fileno) $(socket.c.port)"))
    plain = pid_of(make(wire, "z", "exec sleep 100"))

    # A shell that becomes sleep opens libraries meanwhile.
    wait_for(lambda: set(descriptors(inheriting)) == {0, 1, 2, int(named)}, "it has the socket that it named")
    wait_for(lambda: set(descriptors(plain)) == {0, 1, 2}, "it has no socket")


def test_processes_are_started_though_sockets_have_numbers_beyond_their_limit_of_descriptors(
    start_kernel: Callable[..., KernelProcess],
) -> None:
    kernel = start_kernel(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 1024)))

    with kernel.connect() as wire:
        rows = [wire.command(f"make socket s.{number}") for number in range(64)]
        named, port = field_of(rows[-1], "fileno"), port_of(rows[-2])
        inheriting = pid_of(make(wire, "y", "exec sleep 100; : $(socket.s.63.fileno)"))
        wire.command("remove sockets s.62")
        again = wire.command(f"make socket again port={port}")
        wait_for(lambda: set(descriptors(inheriting)) == {0, 1, 2, int(named)}, "it has the socket that it named")

    assert int(named) > 64
    assert port_of(again) == port


def test_a_removed_socket_frees_its_port_but_stays_with_the_process_that_has_it(wire: Wire) -> None:
    port = free_port()
    wire.command(f"make socket web port={port}")
    make(wire, "other", "exec sleep 100")
    wire.command("remove sockets web")

    row = wire.command(f"make socket web port={port}")
    make_python(wire, "y", SERVE.replace("sys.argv[1]", "$(socket.web.fileno)") % "still")
    wire.command("remove sockets web")

    assert row.startswith("web family=inet")
    assert ask(("127.0.0.1", port)) == b"still"
    assert wire.command(f"make socket new port={port}") == f"Error: port: {port} is in use on 127.0.0.1"


def test_all_placeholders_of_arguments_and_environment_are_replaced(wire: Wire) -> None:
    one, two = wire.command("make socket a.b"), wire.command("make socket c")
    ports, number = (port_of(one), port_of(two)), field_of(one, "fileno")
    make(
        wire, "y", "echo $(socket.a.b.port),$(socket.c.port) $(socket.a.b.fileno) $A",
        "env.A=<$(socket.a.b.fileno)|$(socket.c.port)>",
    )  # fmt: skip

    seen = watch_to_end(wire, "y")["y"]

    assert seen.out == f"{ports[0]},{ports[1]} {number} <{number}|{ports[1]}>\n".encode()


def test_a_unix_socket_has_no_port_to_put_into_an_argument(wire: Wire, tmp_path: Path) -> None:
    wire.command(f"make socket u path={tmp_path}/s")

    reply = wire.command("make process y /bin/echo $(socket.u.port)")

    assert reply == "Error: The socket u has a path and no port: $(socket.u.fileno) can name it"


def test_a_reuseport_socket_keeps_its_port_and_gives_each_process_its_own(wire: Wire) -> None:
    """D18."""
    row = wire.command("make socket web reuseport=1")
    port = port_of(row)
    assert "fileno" not in row

    with socket.socket() as thief, pytest.raises(OSError, match="Address already in use"):
        thief.bind(("127.0.0.1", port))
    # It does not listen: no connection may end up where nobody accepts.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), TIMEOUT)
    for name in ("one", "two"):
        make_python(wire, name, SERVE.replace("sys.argv[1]", "$(socket.web.fileno)") % name)

    answers: set[bytes] = set()

    def both_have_answered() -> bool:
        answers.add(ask(("127.0.0.1", port)))
        return len(answers) == 2

    wait_for(both_have_answered, "both processes have answered")
    assert answers == {b"one", b"two"}


def test_a_reuseport_datagram_goes_to_a_process_and_not_to_the_kernel(wire: Wire) -> None:
    port = port_of(wire.command("make socket d type=dgram reuseport=1"))
    make_python(
        wire, "y", "import socket; s = socket.socket(fileno=$(socket.d.fileno)); "
        "[s.sendto(b, a) for b, a in iter(lambda: s.recvfrom(9), None)]",
    )  # fmt: skip

    for number in range(20):
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.settimeout(TIMEOUT)
            client.sendto(b"%d" % number, ("127.0.0.1", port))

            assert client.recv(9) == b"%d" % number


def test_held_sockets_survive_every_connection(kernel: KernelProcess, wire: Wire, connect: Callable[..., Wire]) -> None:
    row = wire.command("make socket web")
    wire.close()

    assert connect().command("list sockets") == row
