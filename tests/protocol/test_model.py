"""Parameters asked for: what is missing is filled in, what excludes each other is named, and so is what differs."""

from typing import Any

import pytest

from papa_protocol.errors import CommandError
from papa_protocol.model import ProcessSpec, SocketSpec


@pytest.mark.parametrize(
    ("given_", "full"),
    [
        ({}, {"family": "inet", "host": "127.0.0.1"}),
        ({"family": "inet6"}, {"family": "inet6", "host": "::1"}),
        ({"interface": "lo"}, {"family": "inet", "host": "0.0.0.0"}),
        ({"family": "inet6", "interface": "lo"}, {"family": "inet6", "host": "::"}),
        ({"path": "/a"}, {"family": "unix", "path": "/a", "host": ""}),
    ],
)
def test_a_socket_s_missing_parameters_are_filled_in(given_: dict[str, Any], full: dict[str, Any]) -> None:
    spec = SocketSpec(**given_)

    assert {key: getattr(spec, key) for key in full} == full


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"family": "unix"}, "path: needed for family=unix"),
        ({"path": "/a", "port": 1}, "port: not for a Unix socket"),
        ({"path": "/a", "host": "x"}, "host: not for a Unix socket"),
        ({"path": "/a", "reuseport": True}, "reuseport: not for a Unix socket"),
        ({"path": "/a", "interface": "lo"}, "interface: not for a Unix socket"),
        ({"path": "/a", "family": "inet6"}, "path: not for family=inet6"),
    ],
)
def test_parameters_that_exclude_each_other_are_named(parameters: dict[str, Any], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        SocketSpec(**parameters)


@pytest.mark.parametrize(
    ("asked", "port", "differing"),
    [
        ({"port": 0}, 8080, []),
        ({"port": 8080}, 8080, []),
        ({"port": 8081}, 8080, ["port"]),
        ({"backlog": 6, "host": "127.0.0.2"}, 8080, ["backlog", "host"]),
    ],
)
def test_a_socket_asked_for_again_may_leave_its_port_open(
    asked: dict[str, Any], port: int, differing: list[str]
) -> None:
    assert SocketSpec(port=0).differing(SocketSpec(**asked), port) == differing


def test_differing_parameters_of_a_process_are_named() -> None:
    spec = ProcessSpec(("ls",), env={"A": "1"})

    assert spec.differing(ProcessSpec(("ls",), env={"A": "1"})) == []
    assert spec.differing(ProcessSpec(("ls", "-l"), env={"A": "2"}, bufsize=1)) == ["args", "bufsize", "env"]
