"""The top line tells which kernel this is and what it holds."""

import pytest

from papa_console.dashboard.held.snapshot import Connection, KernelState, Snapshot
from papa_console.dashboard.widgets.header import Part, fit, parts

NOW = 1_000_000.0


def snapshot(connection: Connection = Connection.UP, **info: object) -> Snapshot:
    state = KernelState("/run/papa.sock", connection, info=info)  # type: ignore[arg-type]
    return Snapshot(state, processes={"a": {"running": True}, "b": {"running": False, "status": 3}})


def texts(found: list[Part]) -> list[str]:
    return [part.text for part in found]


def test_it_names_the_endpoint_the_state_and_what_is_held() -> None:
    held = snapshot(
        version="2.0.0", pid=42, started=NOW - 125, processes=2, sockets=1, values=0, buffered=2048, dropped=0
    )

    line = parts(held, NOW)

    assert texts(line) == [
        "papa", "/run/papa.sock", "● up", "2m05s", "v2.0.0 pid 42", "2 processes", "✗ 1 failed", "1 socket",
        "0 values", "2k buffered",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("connection", "text"),
    [
        (Connection.CONNECTING, "◌ connecting"),
        (Connection.LOST, "✗ lost"),
        (Connection.ABSENT, "○ no kernel"),
        (Connection.REFUSED, "✗ refused"),
    ],
)
def test_it_says_how_the_connection_is(connection: Connection, text: str) -> None:
    assert text in texts(parts(snapshot(connection), NOW))


def test_dropped_output_is_told() -> None:
    assert "1.5k dropped" in texts(parts(snapshot(dropped=1536), NOW))


def test_an_endpoint_with_control_characters_is_made_safe() -> None:
    held = Snapshot(KernelState("/tmp/\x1b[2Jx", Connection.UP))

    assert "/tmp/\\x1b[2Jx" in texts(parts(held, NOW))


def test_what_matters_least_goes_first_where_there_is_little_room() -> None:
    line = [Part("papa"), Part("endpoint", rank=2), Part("up"), Part("uptime", rank=5), Part("counts", rank=1)]

    shown = [texts(fit(line, columns)) for columns in (60, 30, 22, 3)]

    assert shown == [
        ["papa", "endpoint", "up", "uptime", "counts"],
        ["papa", "endpoint", "up", "counts"],
        ["papa", "up", "counts"],
        ["papa", "up"],
    ]
