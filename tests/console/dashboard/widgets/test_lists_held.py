"""What the lists of sockets and values say of each."""

import asyncio
from pathlib import Path

import pytest

import papa
from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.link import Link
from papa_console.dashboard.widgets import socket_list, value_list
from papa_console.dashboard.widgets.socket_list import SocketFacts, address_of, flags_of, type_of, users_text
from papa_console.dashboard.widgets.value_list import ValueFacts
from papa_protocol.model import SocketInfo
from support.held import NOW
from support.kernels import KernelProcess
from support.wire import TIMEOUT


@pytest.mark.parametrize(
    ("info", "kind", "address", "flags"),
    [
        ({"family": "inet", "type": "stream", "host": "127.0.0.1", "port": 80}, "tcp", "127.0.0.1:80", []),
        ({"family": "inet6", "type": "stream", "host": "::1", "port": 80}, "tcp6", "[::1]:80", []),
        ({"family": "inet", "type": "dgram", "host": "0.0.0.0", "port": 53}, "udp", "0.0.0.0:53", []),
        ({"family": "inet6", "type": "dgram", "host": "::", "port": 53}, "udp6", "[::]:53", []),
        ({"family": "unix", "type": "stream", "path": "/run/a", "umask": 0o27}, "unix", "/run/a", ["umask 027"]),
        ({"family": "unix", "type": "dgram", "path": "/run/a"}, "unix dgram", "/run/a", []),
        (
            {"family": "inet", "type": "stream", "host": "::", "port": 1, "reuseport": True, "interface": "eth0"},
            "tcp", "[::]:1", ["reuseport", "on eth0"],
        ),
        ({"family": "[x]\x1b", "type": "raw"}, "[x]\\x1b raw", ":", []),
        ({}, "stream", ":", []),
    ],
)  # fmt: skip
def test_a_socket_is_described_in_few_words(info: SocketInfo, kind: str, address: str, flags: list[str]) -> None:
    assert (type_of(info), address_of(info), flags_of(info)) == (kind, address, flags)


@pytest.mark.parametrize(
    ("width", "text"),
    [(40, "web.1, web.2, web.3"), (18, "web.1, web.2 +1"), (14, "web.1 +2"), (6, "×3")],
)
def test_users_are_named_as_far_as_there_is_room(width: int, text: str) -> None:
    assert users_text(["web.1", "web.2", "web.3"], width) == text


def test_a_single_user_is_named_even_where_it_is_cut() -> None:
    assert users_text(["a.very.long.name"], 8) == "a.very.long.name"


def test_a_long_path_is_cut_at_its_start() -> None:
    column = socket_list.COLUMNS[1]
    facts = SocketFacts({"s": {"family": "unix", "path": "/run/user/1000/app/web.sock"}})

    assert column.draw(facts, "s", 14) == (("…/app/web.sock", ""),)


def test_every_column_can_be_drawn_and_sorted_by_whatever_is_missing() -> None:
    sockets = SocketFacts({"a": {}, "b": {"family": "inet", "host": "::", "port": 1, "fileno": 3, "backlog": 5}})
    values = ValueFacts({"a": "", "b": "x"}, {}, NOW)

    for columns, facts in ((socket_list.COLUMNS, sockets), (value_list.COLUMNS, values)):
        for column in columns:
            for key in ("a", "b", "gone"):
                column.draw(facts, key, 10)  # type: ignore[arg-type]
            if column.order is not None:
                found = [column.order(facts, key) for key in ("a", "b", "gone")]  # type: ignore[arg-type]
                sorted(value for value in found if value is not None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("8f31c2a", "8f31c2a"),
        ("", '""'),
        ('{"a": 1,\n "b": 2}', '{"a": 1,\\n "b": 2}'),
        ("\x1b[31m[red]", "\\x1b[31m[red]"),
        ("x" * 2_000_000, "x" * 41),
    ],
)
def test_a_value_is_shown_on_one_line(value: str, text: str) -> None:
    facts = ValueFacts({"v": value}, {}, NOW)

    assert "".join(piece for piece, _ in value_list.COLUMNS[1].draw(facts, "v", 40)) == text


def test_the_age_of_a_value_is_known_once_it_was_seen_to_change() -> None:
    history = History()
    history.add_values({"a": "1", "b": "1"}, NOW - 60)
    history.add_values({"a": "2", "b": "1"}, NOW - 5)
    facts = ValueFacts({"a": "2", "b": "1"}, history.values, NOW)

    texts = ["".join(piece for piece, _ in value_list.COLUMNS[2].draw(facts, name, 7)) for name in ("a", "b")]

    assert texts == ["5s", "–"]


def test_rows_of_a_real_kernel_are_understood(kernel: KernelProcess, tmp_path: Path) -> None:
    path = str(tmp_path / "x.sock")
    with papa.Papa(kernel.path) as client:
        client.make_socket("tcp", host="127.0.0.1", reuseport=True)
        client.make_socket("unix", path=path, umask=0o77)
        client.make_socket("udp", host="127.0.0.1", socket_type="dgram")

    async def main() -> dict[str, SocketInfo]:
        link = Link(kernel.path)
        link.visible |= {"sockets"}
        running = asyncio.create_task(link.run())
        async with asyncio.timeout(TIMEOUT):
            while len(link.snapshot.sockets) < 3:
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return dict(link.snapshot.sockets)

    found = asyncio.run(main())

    assert {name: type_of(info) for name, info in found.items()} == {"tcp": "tcp", "unix": "unix", "udp": "udp"}
    assert address_of(found["unix"]) == path
    assert flags_of(found["tcp"]) == ["reuseport"]
    assert flags_of(found["unix"]) == ["umask 077"]
    assert address_of(found["udp"]).startswith("127.0.0.1:")
