"""make process … listen=: sockets are passed on as systemd does it, which sd_listen_fds(3) describes."""

import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import papa
from papa_protocol.rows import read_process_row
from papa_protocol.words import Dialect, join_words
from support.kernels import KernelProcess
from support.waiting import wait_for
from support.watching import field_of, make, make_python, row_of, watch_to_end
from support.wire import TIMEOUT, Wire

# What a process finds at descriptors 3 and beyond, and what its environment says about it.
SHOW = """
import os, socket, sys
open_ones = sorted(set(os.listdir("/dev/fd")) - {"0", "1", "2"}, key=int)
print(os.environ["LISTEN_PID"] == str(os.getpid()), os.environ["LISTEN_FDS"], os.environ["LISTEN_FDNAMES"])
print(*(socket.socket(fileno=fd).getsockname()[-1] for fd in range(3, 3 + int(os.environ["LISTEN_FDS"]))))
print(*open_ones)
"""


def show(wire: Wire, options: str) -> list[str]:
    """Return the lines that a process says about what it got; the last descriptor is that of the list itself."""
    words = ["make", "process", "y", *options.split(), sys.executable, "-I", "-S", "-c", SHOW]
    wire.command("protocol 2")
    reply = wire.command(join_words(words, Dialect.V2))
    wire.command("protocol 1")
    assert reply.startswith("y pid="), reply
    return watch_to_end(wire, "y")["y"].out.decode().splitlines()


def make_sockets(wire: Wire, *names: str) -> list[str]:
    """Make sockets and return their ports."""
    return [field_of(wire.command(f"make socket {name}") + " args=", "port") for name in names]


def test_a_process_finds_its_sockets_from_three_on_in_the_order_asked_for(wire: Wire) -> None:
    web, admin, _other = make_sockets(wire, "web", "admin", "other")

    said = show(wire, "listen=admin,web")

    assert said == ["True 2 admin:web", f"{admin} {web}", "3 4 5"]


def test_every_number_is_right_however_many_sockets_there_are(wire: Wire) -> None:
    """Held sockets have numbers that others of them are to get."""
    names = [f"s.{number}" for number in range(40)]
    ports = make_sockets(wire, *names)

    said = show(wire, "listen=" + ",".join(reversed(names)))

    assert said[:2] == ["True 40 " + ":".join(reversed(names)), " ".join(reversed(ports))]
    assert said[2] == " ".join(map(str, range(3, 44)))


def test_placeholders_beside_it_name_the_numbers_that_hold(wire: Wire) -> None:
    names = [f"s.{number}" for number in range(30)]
    first, *_ = ports = make_sockets(wire, "first", *names)
    fds = "print(*(socket.socket(fileno=int(fd)).getsockname()[1] for fd in sys.argv[1:]))"
    wire.command("protocol 2")

    wire.command(join_words(
        ["make", "process", "y", "listen=" + ",".join(names), sys.executable, "-c", f"import socket, sys; {fds}",
         "$(socket.first.fileno)", "$(socket.s.1.fileno)"], Dialect.V2,
    ))  # fmt: skip
    wire.command("protocol 1")

    assert watch_to_end(wire, "y")["y"].out.decode().split() == [first, ports[2]]


def test_the_environment_is_that_of_the_process_itself(wire: Wire) -> None:
    make_sockets(wire, "web")
    options = "listen=web env.LISTEN_PID=1 env.LISTEN_FDS=7 env.LISTEN_FDNAMES=no env.A=$(socket.web.fileno)"

    make(wire, "y", "echo $A $LISTEN_FDS $LISTEN_FDNAMES; test $LISTEN_PID = $$ && echo mine", options)

    assert watch_to_end(wire, "y")["y"].out == b"3 1 web\nmine\n"


def test_a_line_of_the_shell_passes_it_on_by_exec(wire: Wire) -> None:
    make_sockets(wire, "web")

    wire.command("make process y shell=1 listen=web exec sh -c 'test $LISTEN_PID = $$ && echo mine $LISTEN_FDNAMES'")

    assert watch_to_end(wire, "y")["y"].out == b"mine web\n"


def test_the_socket_is_the_held_one_and_works(wire: Wire) -> None:
    (port,) = make_sockets(wire, "web")

    make_python(wire, "y", "import socket; socket.socket(fileno=3).accept()[0].sendall(b'hello')", "listen=web")

    with socket.create_connection(("127.0.0.1", int(port)), TIMEOUT) as connection:
        assert connection.recv(100) == b"hello"


def test_each_process_gets_a_socket_of_its_own_where_the_port_is_shared(wire: Wire) -> None:
    row = wire.command("make socket web reuseport=1")
    port = field_of(row + " args=", "port")

    said = show(wire, "listen=web")

    assert said[:2] == ["True 1 web", port]


def test_sockets_of_every_family_are_passed_on(wire: Wire, tmp_path: Path) -> None:
    wire.command(f"make socket un path={tmp_path}/un")
    wire.command("make socket six family=inet6")
    wire.command("make socket gram type=dgram")
    script = "import socket; print(*(socket.socket(fileno=n).family.name for n in (3, 4, 5)))"

    make_python(wire, "y", script, "listen=un,six,gram")

    assert watch_to_end(wire, "y")["y"].out == b"AF_UNIX AF_INET6 AF_INET\n"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ("listen=nope", "There is no socket nope, which listen= names"),
        ("listen=web,nope", "There is no socket nope, which listen= names"),
        ("listen=", "listen: expected names of sockets with commas between them, each once, in ASCII without colons"),
        ("listen=web,web", "each once"),
        ("listen=web,", "listen: expected"),
        ("listen=a:b", "without colons"),
        ("listen=é", "in ASCII"),
        (f"listen={'n' * 256}", "listen: expected"),
    ],
)  # fmt: skip
def test_what_cannot_be_passed_on_is_refused_and_nothing_is_started(wire: Wire, options: str, error: str) -> None:
    make_sockets(wire, "web")

    reply = wire.command(f"make process y {options} /bin/sleep 100")

    assert reply.startswith("Error: ")
    assert error in reply
    assert row_of(wire, "y") == ""


def test_a_program_that_does_not_start_says_why_as_ever(wire: Wire) -> None:
    make_sockets(wire, "web")

    assert wire.command("make process y listen=web /no/program") == "Error: /no/program: no such file or directory"


def test_the_list_tells_it_in_dialect_2_and_making_again_compares_it(wire: Wire) -> None:
    make_sockets(wire, "web", "admin")
    made = wire.command("make process y listen=web,admin /bin/sleep 100")

    assert "listen" not in made
    assert wire.command("make process y listen=web,admin /bin/sleep 100") == made
    refusal = wire.command("make process y listen=web /bin/sleep 100")
    assert refusal.endswith("with another listen; end it and remove it first, or take another name")
    wire.command("protocol 2")
    assert read_process_row(row_of(wire, "y"), Dialect.V2)[1]["listen"] == "web,admin"


def test_an_upgrade_keeps_what_was_asked_for(wire: Wire) -> None:
    make_sockets(wire, "web")
    wire.command("protocol 2")
    line = "make process y listen=web /bin/sleep 100"
    made = wire.command(line)

    assert " goes on in place of " in wire.command("upgrade")

    assert wire.command(line) == made
    assert wire.command(line.replace(" y ", " z ")).startswith("z pid=")


def test_a_kernel_with_more_descriptors_than_a_child_may_have_passes_them_on(
    start_kernel: Callable[..., KernelProcess],
) -> None:
    kernel = start_kernel(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 1024)))
    names = [f"s.{number}" for number in range(50)]

    with kernel.connect() as wire:
        for number in range(60):
            wire.command(f"make process p.{number} /bin/sleep 1000")
        ports = make_sockets(wire, *names)
        said = show(wire, "listen=" + ",".join(names))
        make_python(wire, "l", "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE))", "listen=s.1")

        assert said[1] == " ".join(ports)
        assert watch_to_end(wire, "l")["l"].out == b"(64, 1024)\n"


def test_nothing_of_it_stays_open_in_the_kernel(wire: Wire, kernel: KernelProcess) -> None:
    make_sockets(wire, *(f"s.{number}" for number in range(20)))
    names = ",".join(f"s.{number}" for number in range(1, 20))
    row_of(wire, "y")
    before = kernel.descriptors()

    make_python(wire, "y", "print(1)", f"listen={names} env.A=$(socket.s.0.fileno)")
    watch_to_end(wire, "y")

    wait_for(lambda: kernel.descriptors() == before, "all is closed")


@pytest.mark.parametrize("given", ["web,admin", ["web", "admin"], ("web", "admin")])
def test_clients_take_a_text_or_a_sequence(kernel: KernelProcess, given: str | list[str]) -> None:
    with papa.Papa(kernel.path, start=False) as client:
        client.make_socket("web")
        client.make_socket("admin")

        made = client.make_process("y", "/bin/sleep", "100", listen=given)

        assert made["listen"] == "web,admin"
        assert client.make_process("y", "/bin/sleep", "100", listen=made["listen"])["pid"] == made["pid"]


def test_as_another_user_and_with_limits(wire: Wire) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may start processes as others")
    make_sockets(wire, "web")
    script = "test $LISTEN_PID = $$ && id -u && ulimit -Sn && readlink /dev/fd/3"

    make(wire, "y", script, "uid=54321 gid=54321 rlimit.nofile=99 listen=web")

    uid, limit, what = watch_to_end(wire, "y")["y"].out.decode().split()
    assert (uid, limit) == ("54321", "99")
    assert what.startswith("socket:")
