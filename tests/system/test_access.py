"""Who gets a session: the kernel's own user, root and guests; nobody else, no browser, nobody who has gone."""

import errno
import fcntl
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from papa_kernel.listener import EndpointError, listen_on_port
from support.command import Papa, connected, finish
from support.faults import Fault
from support.kernels import KernelProcess
from support.waiting import wait_for
from support.wire import TIMEOUT, Wire

ROOT = Path(__file__).parents[2]
NOBODY = 65534
TURNED_AWAY = "Error: User root runs this kernel, and does not let user nobody in\n"
StartKernel = Callable[..., KernelProcess]
other_user = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


def as_nobody(script: str) -> str:
    """Return what a shell script of another user prints."""
    done = subprocess.run(["/bin/bash", "-c", script], user=NOBODY, capture_output=True, text=True, timeout=TIMEOUT)
    return done.stdout + done.stderr


def over_tcp(kernel: KernelProcess, line: str) -> str:
    """Return what another user sees who sends a line and reads to the end."""
    return as_nobody(f"exec 3<>/dev/tcp/127.0.0.1/{kernel.port}; echo '{line}' >&3; timeout 30 cat <&3")


def over_unix(kernel: KernelProcess, line: str) -> str:
    return as_nobody(f"echo '{line}' | timeout 30 nc -NU {kernel.path}")


def refused(wire: Wire) -> int:
    found = re.search(r"^refused (\d+)$", wire.command("info"), re.MULTILINE)
    assert found
    return int(found[1])


@other_user
def test_another_user_gets_one_line_and_no_command_is_read(kernel: KernelProcess, wire: Wire) -> None:
    assert over_tcp(kernel, "set a 1") == TURNED_AWAY

    assert wire.command("get a") == ""
    assert refused(wire) == 1


@other_user
def test_a_user_s_name_is_looked_up_once_however_often_it_comes(start_kernel: StartKernel, tmp_path: Path) -> None:
    """A directory on another machine may take its time, or not answer."""
    fault = Fault(tmp_path, "pwd.getpwuid", errno.EIO)
    kernel = start_kernel(env=fault.env)
    assert over_tcp(kernel, "set a 1") == TURNED_AWAY

    fault.begin()

    assert over_tcp(kernel, "set a 1") == TURNED_AWAY
    assert fault.count == 0


@other_user
def test_another_user_who_is_gone_at_once_is_refused_too(kernel: KernelProcess, wire: Wire) -> None:
    as_nobody(f"for i in 1 2 3 4 5; do echo 'set a 1' >/dev/tcp/127.0.0.1/{kernel.port}; done")

    wait_for(lambda: refused(wire) == 5, "all have been turned away")
    assert wire.command("get a") == ""


@other_user
def test_a_unix_socket_is_closed_to_other_users(kernel: KernelProcess, wire: Wire) -> None:
    assert "Permission denied" in over_unix(kernel, "set a 1")

    assert wire.command("get a") == ""


@other_user
@pytest.mark.parametrize(
    "options",
    [("--allow-user", "nobody"), ("--allow-user", str(NOBODY)), ("--allow-group", "nogroup"), ("--allow-anyone",)],
)
def test_guests_are_let_in_over_both_endpoints(start_kernel: StartKernel, options: tuple[str, ...]) -> None:
    kernel = start_kernel(*options)
    kernel.folder.chmod(0o755)

    assert "> b\n" in over_unix(kernel, "set a b\nget a\nquit")
    assert "> b\n" in over_tcp(kernel, "get a\nquit")


@other_user
def test_one_guest_lets_nobody_else_in(start_kernel: StartKernel) -> None:
    kernel = start_kernel("--allow-user", "daemon")
    kernel.folder.chmod(0o755)

    assert over_tcp(kernel, "set a 1") == TURNED_AWAY
    assert over_unix(kernel, "set a 1") == TURNED_AWAY


@other_user
def test_root_is_let_in_by_a_kernel_of_another_user(tmp_path: Path) -> None:
    """The tests' own Python may be out of another user's reach, so the system's runs the kernel."""
    script = (
        f"PYTHONDONTWRITEBYTECODE=1 PYTHONPATH={ROOT}/kernel:{ROOT}/protocol "
        "exec /usr/bin/python3 -m papa_kernel -p 0 --end-with-input"
    )
    with subprocess.Popen(
        ["/bin/sh", "-c", script], user=NOBODY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as kernel:
        assert kernel.stdout is not None
        port = int(kernel.stdout.readline().split("127.0.0.1:")[1].split()[0])
        with Wire(port) as wire:
            assert wire.command("set a b") == ""
        kernel.stdin.close()  # type: ignore[union-attr]


@pytest.fixture
def in_namespace() -> Iterator[Callable[..., int]]:
    """Run kernels in a user namespace of their own, and tell their ports; they end with the test."""
    if subprocess.run(["unshare", "--user", "true"], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("this system lets nobody have a user namespace")
    with ExitStack() as stack:

        def start(users: Sequence[str], *options: str) -> int:
            env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": f"{ROOT}/kernel:{ROOT}/protocol"}
            command = ["unshare", "--user", *users, "/usr/bin/python3", "-m", "papa_kernel", "-p", "0", *options]
            kernel = stack.enter_context(
                subprocess.Popen([*command, "--end-with-input"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            )
            assert kernel.stdin is not None
            assert kernel.stdout is not None
            stack.callback(kernel.stdin.close)
            return int(kernel.stdout.readline().split(b"127.0.0.1:")[1].split()[0])

        yield start


@other_user
@pytest.mark.parametrize(("users", "options"), [((), ()), (("--map-root-user",), ("--allow-user", "nobody"))])
def test_whom_a_kernel_s_user_namespace_does_not_know_is_nobody_that_it_knows(
    in_namespace: Callable[..., int], users: Sequence[str], options: Sequence[str]
) -> None:
    """All of them have one number there: that of the user nobody, and of a kernel that nobody has told who it is."""
    port = in_namespace(users, *options)

    said = as_nobody(f"exec 3<>/dev/tcp/127.0.0.1/{port}; echo 'set a 1' >&3; timeout 30 cat <&3")

    assert said == "Error: It cannot be told who you are: the kernel's user namespace does not know you\n"
    with Wire(port, greeted=False) as wire:
        assert wire.read_until(b"\n").startswith(b"papa holds" if users else b"Error: It cannot be told who you are")


@pytest.mark.parametrize("code", [0, errno.ENOBUFS])
def test_an_answer_about_a_peer_that_could_not_be_read_is_not_taken_for_another_s(
    start_kernel: StartKernel, tmp_path: Path, code: int
) -> None:
    """The system's answer to a question stays in its queue until it is read."""
    fault = Fault(tmp_path, "socket.socket.recv", code)
    kernel = start_kernel(env=fault.env)
    fault.begin()
    with Wire(kernel.port, greeted=False) as wire:
        assert not wire.read_to_end().startswith(b"papa holds")
    fault.end()

    for _ in range(3):
        with kernel.connect() as wire:
            assert wire.command("get a") == ""


def test_who_half_closes_or_uses_ipv4_in_any_way_is_still_known(kernel: KernelProcess) -> None:
    with socket.create_connection(("127.0.0.1", kernel.port)) as sock:
        sock.sendall(b"set a b\nget a\n")
        sock.shutdown(socket.SHUT_WR)
        said = b"".join(iter(lambda: sock.recv(4096), b""))

    assert said.endswith(b"b\n> ")


@pytest.mark.parametrize(
    ("sent", "what"),
    [
        (b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\nset a 1\r\n", "HTTP"),
        (b"SET /a HTTP/1.0\r\n\r\n", "HTTP"),
        (b"set :a HTTP/1.1\r\n\r\nset a 1\r\n", "HTTP"),
        (b"set.it-1 /a HTTP/1.1\r\nHost: localhost\r\n\r\nset a 1\r\n", "HTTP"),
        (b"set /a http/1.1\r\n\r\nset a 1\r\n", "HTTP"),
        (b"\r\n\r\nSET /a HTTP/1.1\r\n\r\nset a 1\r\n", "HTTP"),
        (b"Host: localhost\r\nset a 1\r\n", "HTTP"),
        (b"hello\r\nHost: localhost\r\n\r\nset a 1\r\n", "HTTP"),
        (b"hello\r\nPOST / HTTP/1.1\r\n\r\nset a 1\r\n", "HTTP"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\nset a 1\n", "TLS"),
        (b"SSH-2.0-OpenSSH_9.2\r\nset a 1\r\n", "SSH"),
        (b"\x00\x01\nset a 1\n", "a binary protocol"),
    ],
)
@pytest.mark.parametrize("piecewise", [False, True])
def test_what_speaks_another_protocol_is_closed_before_anything_is_carried_out(
    kernel: KernelProcess, wire: Wire, sent: bytes, what: str, piecewise: bool
) -> None:
    with socket.create_connection(("127.0.0.1", kernel.port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        send(sock, sent, piecewise=piecewise)
        wait_for(lambda: refused(wire) == 1, "it has been turned away")

    assert wire.command("get a") == wire.command("get /a") == ""
    assert f"it speaks {what}" in kernel.log.read_text()


@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_request_that_ends_with_its_first_line_does_nothing(kernel: KernelProcess, wire: Wire, end: bytes) -> None:
    with socket.create_connection(("127.0.0.1", kernel.port)) as sock:
        sock.sendall(b"SET /a HTTP/1.0" + end)
        sock.shutdown(socket.SHUT_WR)

        wait_for(lambda: refused(wire) == 1, "it has been turned away")

    assert wire.command("get /a") == ""


def test_a_request_line_that_is_too_long_to_read_does_not_help(
    start_kernel: StartKernel,
) -> None:
    """Browsers send addresses of a megabyte and more; they name the host in the next line."""
    kernel = start_kernel("--max-line", "64k")
    with kernel.connect() as wire, socket.create_connection(("127.0.0.1", kernel.port)) as sock:
        send(sock, b"POST /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\nset a 1\r\n", piecewise=False)

        wait_for(lambda: refused(wire) == 1, "it has been turned away")

        assert wire.command("get a") == ""


def test_only_the_first_line_is_taken_for_another_protocol(wire: Wire) -> None:
    wire.command("set a Host: HTTP/1.1")

    assert wire.command("set b HTTP/1.1") == ""
    assert wire.command("get a") == "Host: HTTP/1.1"
    assert wire.command("get b") == "HTTP/1.1"


def test_a_value_that_ends_as_a_request_does_is_none(kernel: KernelProcess) -> None:
    for name in ("proto", "web.1-x_y"):
        with kernel.connect() as wire:
            assert wire.command(f"set {name} HTTP/1.1") == ""
            assert wire.command(f"get {name}") == "HTTP/1.1"


def send(sock: socket.socket, data: bytes, *, piecewise: bool) -> None:
    try:
        for piece in [bytes([byte]) for byte in data] if piecewise else [data]:
            sock.sendall(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass  # it is closed already


def test_a_browser_s_form_does_nothing(kernel: KernelProcess, wire: Wire, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_text(f"\nmake process evil /usr/bin/touch {tmp_path}/evil\nset a 1\n")
    url = f"http://127.0.0.1:{kernel.port}/"

    done = subprocess.run(["curl", "-sS", "--max-time", "30", "--data-binary", f"@{body}", url], capture_output=True)

    assert done.returncode != 0
    wait_for(lambda: refused(wire) == 1, "it has been turned away")
    assert wire.command("list processes") == wire.command("get a") == ""
    assert not (tmp_path / "evil").exists()


def test_refused_connections_do_not_fill_the_log(kernel: KernelProcess, wire: Wire) -> None:
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", kernel.port)) as sock:
            sock.recv(100)
            sock.sendall(b"GET / HTTP/1.1\r\n")
    wait_for(lambda: refused(wire) == 50, "all have been turned away")

    assert kernel.log.read_text().count("it speaks HTTP") == 1


@pytest.mark.parametrize(("mode", "refuses"), [(0o777, True), (0o757, True), (0o1777, False), (0o755, False)])
def test_a_path_is_bound_only_where_nobody_else_can_replace_it(
    papa: Papa, tmp_path: Path, mode: int, refuses: bool
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(mode)
    path = folder / "papa"

    process = papa("-u", str(path))

    if not refuses:
        with connected(str(path)) as wire:
            assert wire.command("exit-if-idle") == "Exiting papa!"
        return
    status, _, err = finish(process)
    assert status == 1
    assert err == f"papa: {path}: others can write in {folder}, and could put another socket there\n"
    assert not path.exists()


@other_user
@pytest.mark.parametrize("mode", [0o755, 0o1777])
def test_nor_where_somebody_else_can_replace_a_folder_further_up(papa: Papa, tmp_path: Path, mode: int) -> None:
    upper = tmp_path / "upper"
    folder = upper / "between" / "folder"
    folder.mkdir(parents=True)
    upper.chmod(mode)
    os.chown(upper, NOBODY, NOBODY)

    status, _, err = finish(papa("-u", str(folder / "papa")))

    assert status == 1
    assert err == f"papa: {folder}/papa: {upper} belongs to nobody, who could put another socket there\n"


@other_user
def test_nor_behind_a_link_that_somebody_else_can_turn(papa: Papa, tmp_path: Path) -> None:
    folder, theirs = tmp_path / "folder", tmp_path / "theirs"
    folder.mkdir()
    theirs.symlink_to(folder)
    os.chown(theirs, NOBODY, NOBODY, follow_symlinks=False)
    (tmp_path / "ours").symlink_to("theirs/../folder/.")

    status, _, err = finish(papa("-u", str(tmp_path / "ours" / "papa")))

    assert status == 1
    assert f"{theirs} belongs to nobody, who could put another socket there" in err


def test_links_of_one_s_own_on_the_way_are_followed(papa: Papa, tmp_path: Path) -> None:
    (tmp_path / "run" / "papa").mkdir(parents=True)
    (tmp_path / "absolute").symlink_to(tmp_path / "run")
    (tmp_path / "run" / "up").symlink_to("../absolute/./papa//")
    path = tmp_path / "absolute" / "up" / ".." / "papa" / "papa"

    papa("-u", str(path))

    with connected(str(path)) as wire:
        assert wire.command("exit-if-idle") == "Exiting papa!"


def test_links_that_lead_nowhere_are_not_followed_for_ever(papa: Papa, tmp_path: Path) -> None:
    (tmp_path / "here").symlink_to("there")
    (tmp_path / "there").symlink_to("here")

    status, _, err = finish(papa("-u", str(tmp_path / "here" / "papa")))

    assert status == 1
    assert err == f"papa: {tmp_path}/here/papa: too many levels of symbolic links\n"


def test_who_locks_the_folder_does_not_keep_papa_waiting(papa: Papa, tmp_path: Path) -> None:
    """Everybody who may read it can, as in /tmp."""
    fd = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)

    status, _, err = finish(papa("-u", str(tmp_path / "papa")))

    os.close(fd)
    assert status == 1
    assert err == f"papa: {tmp_path}/papa: another program has its folder locked, and does not let go\n"


def test_a_symbolic_link_is_not_followed(papa: Papa, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    status, _, err = finish(papa("-u", str(tmp_path / "link")))

    assert status == 1
    assert "exists and is not a socket" in err
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("kind", ["user", "group"])
@pytest.mark.parametrize(
    "name", ["no-such-one", "", "-1", "4294967295", "99999999999", pytest.param("9" * 5000, id="digits")]
)
def test_a_guest_that_does_not_exist_is_named(papa: Papa, kind: str, name: str) -> None:
    status, _, err = finish(papa(f"--allow-{kind}={name}"))

    assert status == 2
    assert err.endswith(f'argument --allow-{kind}: there is no {kind} "{name}"\n')


def test_tcp_is_refused_where_the_system_does_not_tell_who_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    with pytest.raises(EndpointError, match="does not tell who connects over TCP"):
        listen_on_port(0)

    listen_on_port(0, blindly=True).close()
