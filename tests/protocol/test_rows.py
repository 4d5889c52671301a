"""Rows: what the kernel writes about what it holds, a client reads back, whatever the names and words."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papa_protocol.errors import RemoteProtocolError
from papa_protocol.model import KernelInfo, ProcessInfo, SocketInfo
from papa_protocol.rows import (
    info_rows,
    process_row,
    read_info,
    read_process_row,
    read_socket_row,
    read_value_row,
    socket_row,
    value_row,
)
from papa_protocol.words import Dialect
from support.texts import NASTY, TEXTS

V1, V2 = Dialect.V1, Dialect.V2
PROMPTS = ("> ", "] ", "Error: ")

SOCKETS: list[tuple[SocketInfo, str]] = [
    (
        {"family": "inet", "type": "stream", "backlog": 5, "host": "127.0.0.1", "port": 8080, "fileno": 7},
        "web family=inet type=stream backlog=5 host=127.0.0.1 port=8080 fileno=7",
    ),
    (
        {"family": "inet6", "type": "dgram", "host": "::1", "port": 53, "interface": "lo", "reuseport": True},
        "web family=inet6 type=dgram host=::1 port=53 interface=lo reuseport=1",
    ),
    (
        {"family": "unix", "type": "stream", "backlog": 5, "path": "/run/a", "umask": 63, "fileno": 8},
        "web family=unix type=stream backlog=5 path=/run/a umask=63 fileno=8",
    ),
]
PROCESS: ProcessInfo = {
    "pid": 12, "running": False, "started": 1700000000.25, "uid": 0, "gid": 5, "shell": True, "status": -9,
    "bufsize": 1024, "buffered": 10, "dropped": 0, "position": 11, "watchers": 2,
}  # fmt: skip
PROCESS_START = (
    "web pid=12 running=False started=1700000000.25 uid=0 gid=5 shell=True status=-9 "
    "bufsize=1024 buffered=10 dropped=0 position=11 watchers=2 "
)  # fmt: skip


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(("info", "row"), SOCKETS)
def test_a_socket_is_written_and_read(info: SocketInfo, row: str, dialect: Dialect) -> None:
    assert socket_row("web", info, dialect) == row
    assert read_socket_row(row, dialect) == ("web", info)


@pytest.mark.parametrize("dialect", Dialect)
def test_a_process_is_written_and_read(dialect: Dialect) -> None:
    row = process_row("web", {**PROCESS, "argv": ["/bin/sh", "-c", "exit"]}, dialect)

    name, info = read_process_row(row, dialect)

    assert row == PROCESS_START + "args=/bin/sh -c exit"
    argv = {"argv": ["/bin/sh", "-c", "exit"]} if dialect is V2 else {}
    assert (name, info) == ("web", {**PROCESS, **argv, "args": "/bin/sh -c exit"})


@given(TEXTS, TEXTS)
@example("a args=b pid=1", "/tmp/x port=1 fileno=2")
def test_a_socket_s_name_and_path_survive_in_dialect_2(name: str, path: str) -> None:
    info: SocketInfo = {"family": "unix", "path": path, "fileno": 3}

    row = socket_row(name, info, V2)

    assert read_socket_row(row, V2) == (name, info)
    assert "\n" not in row
    assert not row.startswith(PROMPTS)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=4))
@example("a args=b", ["", "args=x", "pid=1"])
@example("args=", list(NASTY))
def test_a_process_name_and_its_words_survive_in_dialect_2(name: str, argv: list[str]) -> None:
    row = process_row(name, {**PROCESS, "argv": argv}, V2)

    read_name, info = read_process_row(row, V2)

    assert (read_name, info) == (name, {**PROCESS, "argv": argv, "args": " ".join(argv)})
    assert "\n" not in row
    assert not row.startswith(PROMPTS)


@given(TEXTS, TEXTS)
def test_a_value_survives_in_dialect_2(name: str, value: str) -> None:
    row = value_row(name, value, V2)

    assert read_value_row(row, V2) == (name, value)
    assert "\n" not in row
    assert not row.startswith(PROMPTS)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=4))
def test_nothing_in_a_row_of_dialect_1_reads_as_another_line(name: str, argv: list[str]) -> None:
    rows = [
        process_row(name, {**PROCESS, "argv": argv}, V1),
        socket_row(name, {"family": "unix", "path": argv[0]}, V1),
        value_row(name, argv[0], V1),
    ]

    for row in rows:
        assert "\n" not in row
        assert "\x1b" not in row
        assert not row.startswith((*PROMPTS, " "))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("web.1", "web.1"),
        ("", '""'),
        ("a b", "a\\x20b"),
        ("a\nb", "a\\nb"),
        ("a\tb", "a\\tb"),
        (">", "\\x3e"),
        ("]", "\\x5d"),
        ("Error:", "\\x45rror:"),
        ("é", "é"),
        ("a\\b", "a\\b"),
    ],
)
def test_dialect_1_shows_a_name_that_it_cannot_carry_escaped(name: str, shown: str) -> None:
    assert value_row(name, "x", V1) == f"{shown} x"


def test_an_argument_cannot_pose_as_a_fact() -> None:
    row = process_row("web", {**PROCESS, "argv": ["/bin/sh", "pid=1", "args=x", "running=True"]}, V1)

    _, info = read_process_row(row, V1)

    assert info["pid"] == 12
    assert info["running"] is False
    assert info["args"] == "/bin/sh pid=1 args=x running=True"


def test_the_first_value_of_a_key_counts_and_unknown_keys_are_text() -> None:
    name, info = read_socket_row("web port=1 port=2 color=red odd fileno=x", V1)

    assert name == "web"
    assert dict(info) == {"port": 1, "color": "red", "fileno": "x"}


def test_a_row_of_papa_1_0_is_read() -> None:
    name, info = read_process_row("z pid=9 running=True started=1.5 args=/bin/sleep 5 a b", V1)

    assert (name, info) == ("z", {"pid": 9, "running": True, "started": 1.5, "args": "/bin/sleep 5 a b"})


@pytest.mark.parametrize("row", ["", "a\\q x=1", "a args=\\q"])
def test_a_bad_row_of_dialect_2_is_the_peer_s_fault(row: str) -> None:
    with pytest.raises(RemoteProtocolError):
        read_process_row(row, V2)


def test_the_kernel_s_facts_are_written_and_read() -> None:
    info: KernelInfo = {
        "version": "2.0", "pid": 5, "started": 1.5, "uptime": 0.25, "endpoints": ["127.0.0.1:1", "/run/a b\n"],
        "connections": 1, "sockets": 2, "values": 3, "processes": 4, "running": 3, "buffered": 6, "dropped": 7,
        "position": 13, "changes": 8, "refused": 9, "unsent": 10, "value_bytes": 11, "kept": 14, "not_kept": 15,
        "limits": {"line": 12, "value_bytes": 13},
    }  # fmt: skip

    text = info_rows(info)

    assert text.splitlines()[:5] == ["version 2.0", "pid 5", "started 1.5", "uptime 0.25", "endpoint 127.0.0.1:1"]
    assert read_info(text) == info


def test_a_kernel_that_speaks_of_endpoints_and_limits_in_another_way_is_read_without_them() -> None:
    info = read_info("endpoints /a\nendpoint /b\nlimits 5\nlimit line 7\nlimits 6\n\npid 1")

    assert info == {"endpoints": ["/b"], "limits": {"line": 7}, "pid": 1}
