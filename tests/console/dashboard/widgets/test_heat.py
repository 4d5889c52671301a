"""The strip of activity is one time axis for all processes."""

from typing import Any

from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Connection, KernelState, Snapshot
from papa_console.dashboard.widgets.heat import Meter, Strip, measure
from papa_protocol.model import ProcessInfo

NOW = 1_700_000_000.0


def row(position: int, **facts: object) -> ProcessInfo:
    info: dict[str, Any] = {"pid": 7, "started": NOW - 1000, "running": "status" not in facts, "position": position}
    return {**info, "bufsize": 2**20, "buffered": position, "dropped": 0, **facts}  # type: ignore[typeddict-item]


def watched(*moments: tuple[float, dict[str, ProcessInfo]]) -> tuple[Snapshot, History]:
    history = History()
    for before, processes in moments:
        history.add(processes, NOW - before)
    history.confirm(NOW)
    return Snapshot(KernelState("x", Connection.UP), processes=moments[-1][1], taken=NOW), history


def test_what_all_processes_wrote_stands_where_they_wrote_it() -> None:
    held, history = watched(
        (10, {"a": row(0), "b": row(0)}), (9, {"a": row(100), "b": row(0)}), (2, {"a": row(100), "b": row(0)}),
        (1, {"a": row(100), "b": row(5000)}),
    )  # fmt: skip

    strip = measure(held, history, NOW, 300)

    busy = [column for column in range(300) if strip.busy(column)]
    assert busy == [strip.column(NOW - 9.5), strip.column(NOW - 1.5)]
    assert strip.levels[busy[0]] < strip.levels[busy[1]] == 8


def test_a_failure_is_marked_where_it_happened() -> None:
    held, history = watched((20, {"a": row(0)}), (5, {"a": row(0, status=3)}))

    strip = measure(held, history, NOW, 300)

    assert strip.failures == {strip.column(NOW - 5)}
    assert strip.busy(strip.column(NOW - 5))


def test_columns_keep_their_place_while_time_passes() -> None:
    held, history = watched((20, {"a": row(0)}), (19, {"a": row(9)}))

    strips = [measure(held, history, NOW + moved, 100) for moved in (0.0, 1.9, 5.0)]

    instants = [[strip.instant(c) for c in range(100) if strip.busy(c)] for strip in strips]
    assert instants[0] == instants[1] == instants[2]


def test_without_room_there_is_nothing_to_measure() -> None:
    held, history = watched((20, {"a": row(0)}))

    assert measure(held, history, NOW, 0) == Strip()


def test_going_on_shows_what_starting_anew_shows() -> None:
    history, meter = History(), Meter()
    for second in range(400):
        now = NOW + second + second % 7 / 10
        processes = {
            f"p{number}": row(1000 * number * (second // (3 + number)), **({"status": 1} if second > 300 else {}))
            for number in range(1 + second // 90)
        }
        if not 200 < second < 230:  # the kernel did not answer
            history.add(processes, now)
        held = Snapshot(KernelState("x", Connection.UP), processes=processes, taken=now)

        strip = measure(held, history, now, 70, meter)

        assert strip == measure(held, history, now, 70), second
