"""What the list of processes says of each: cells, totals of namespaces, old kernels."""

import pytest

from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.vitals import Vital
from papa_console.dashboard.widgets.process_columns import COLUMNS
from papa_console.dashboard.widgets.process_facts import ProcessFacts
from papa_console.dashboard.widgets.tree import Tree
from papa_protocol.model import ProcessInfo
from support.held import NOW, process, snapshot

BY_ID = {column.id: column for column in COLUMNS}
WIDE = {"name": 20, "state": 12, "rate": 7, "spark": 5, "buffer": 14}


def facts(processes: dict[str, ProcessInfo], history: History | None = None, **vitals: Vital) -> ProcessFacts:
    return ProcessFacts(snapshot(processes), history or History(), vitals, NOW)


def cell(known: ProcessFacts, column: str, key: str = "p", width: int = 0) -> list[tuple[str, str]]:
    drawn = BY_ID[column].draw(known, key, width or WIDE.get(column, BY_ID[column].least))
    return [(text, look) for text, look in drawn if text.strip()]


def text_of(known: ProcessFacts, column: str, key: str = "p", width: int = 0) -> str:
    return "".join(text for text, _ in BY_ID[column].draw(known, key, width or WIDE.get(column, BY_ID[column].least)))


@pytest.mark.parametrize(
    ("info", "width", "text", "look"),
    [
        (process(), 12, "● running", "good"),
        (process(), 6, "● run", "good"),
        (process(running=False, status=0), 12, "○ exited 0", "muted"),
        (process(running=False, status=0), 6, "○ 0", "muted"),
        (process(running=False, status=3), 12, "✗ exited 3", "bad"),
        (process(running=False, status=127), 10, "✗ exit 127", "bad"),
        (process(running=False, status=127), 6, "✗ 127", "bad"),
        (process(running=False, status=-9), 12, "✗ SIGKILL", "bad"),
        (process(running=False, status=-9), 6, "✗ KILL", "bad"),
        (process(running=False, status=-99), 6, "✗ 99", "bad"),
        (process(running=False), 12, "○ ended", "muted"),
        (process(running=False), 6, "○ end", "muted"),
        ({}, 12, "○ ended", "muted"),
    ],
)
def test_a_state_is_told_by_a_sign_and_in_words_as_long_as_there_is_room_for(
    info: ProcessInfo, width: int, text: str, look: str
) -> None:
    known = facts({"p": info})

    assert text_of(known, "state", width=width) == text
    assert cell(known, "state", width=width)[0][1] == look


@pytest.mark.parametrize(
    ("info", "texts"),
    [
        (
            process(buffered=250, dropped=2048, watchers=1),
            {"pid": "4211", "age": "1m00s", "unacknowledged": "250", "dropped": "2k", "watchers": "w"},
        ),
        (process(watchers=3), {"watchers": "w3", "unacknowledged": "0", "dropped": "0", "rate": "0/s"}),
        (process(started=NOW + 5), {"age": "0s"}),
        (process(running=False, status=0), {"age": "–", "cpu": "–", "memory": "–", "pid": "4211"}),
        (
            {"pid": 7, "running": True, "started": NOW - 7, "args": "papa 1.0"},
            {"pid": "7", "age": "7s", "unacknowledged": "–", "dropped": "–", "watchers": "", "command": "papa 1.0"},
        ),
        ({}, {"pid": "–", "age": "–", "cpu": "–", "rate": "–", "command": ""}),
    ],
)
def test_figures_of_a_process(info: ProcessInfo, texts: dict[str, str]) -> None:
    known = facts({"p": info})

    assert {column: text_of(known, column) for column in texts} == texts


@pytest.mark.parametrize("info", [{}, {"pid": 7, "running": True, "started": NOW, "args": "x"}, process()])
def test_every_column_can_be_drawn_and_sorted_by_whatever_is_missing(info: ProcessInfo) -> None:
    known = facts({"p": info, "q": process(buffered=5)})

    for column in COLUMNS:
        for width in range(1, 40):
            column.draw(known, "p", width)
        if column.order:
            values = [column.order(known, key) for key in ("p", "q", "gone")]
            sorted(value for value in values if value is not None)


@pytest.mark.parametrize(
    ("buffered", "bufsize", "width", "text", "look"),
    [
        (0, 1000, 14, "       0%     ", "muted"),
        (9, 1000, 14, "      <1%     ", "muted"),
        (300, 1000, 14, "█▏    30%     ", ""),
        (799, 1000, 14, "███▏  79%     ", ""),
        (800, 1000, 14, "███▏  80%     ", "warn"),
        (1000, 1000, 14, "████ 100%     ", "warn"),
        (300, 1000, 9, " 30%     ", ""),
        (0, 0, 9, " off", "muted"),
        (0, 0, 14, "      off", "muted"),
    ],
)
def test_a_buffer_is_a_bar_where_there_is_room_and_percents(
    buffered: int, bufsize: int, width: int, text: str, look: str
) -> None:
    known = facts({"p": process(buffered=buffered, bufsize=bufsize)})

    assert text_of(known, "buffer", width=width) == text
    assert cell(known, "buffer", width=width)[-1][1] == look


def filling(*samples: tuple[float, int, int]) -> tuple[History, ProcessInfo]:
    """Return the history of a process from seconds before now, bytes buffered and bytes dropped."""
    history = History()
    for ago, buffered, dropped in samples:
        info = process(buffered=buffered, dropped=dropped, position=buffered + dropped)
        history.add({"p": info}, NOW - ago)
    return history, info


def test_a_loss_ahead_is_told_in_time() -> None:
    history, info = filling((8, 200, 0), (4, 400, 0), (0, 600, 0))
    known = facts({"p": info}, history)

    assert cell(known, "buffer")[-1] == ("!8s ", "bad")


def test_a_loss_far_ahead_does_not_call_out() -> None:
    history, info = filling((8, 1, 0), (4, 3, 0), (0, 5, 0))
    known = facts({"p": info}, history)

    assert cell(known, "buffer")[-1] == ("!33m", "muted")


def test_a_loss_is_told_for_a_while_by_a_badge() -> None:
    history, info = filling((8, 900, 0), (4, 1000, 500), (0, 1000, 500))
    known = facts({"p": info}, history)

    assert cell(known, "buffer")[-3:] == [("████", "bar-bad"), ("100%", "bad"), ("LOSS", "alert")]
    assert text_of(known, "buffer", width=9) == "100% LOSS"

    known.now += 60

    assert "LOSS" not in text_of(known, "buffer")


def test_rates_come_with_a_curve() -> None:
    history = History()
    for second in range(6):
        history.add({"p": process(position=second * second * 1000)}, NOW - 5 + second)
    known = facts({"p": process()}, history)

    assert text_of(known, "rate") == "6.8k/s"
    assert text_of(known, "rate", width=5) == "6.8k"
    assert text_of(known, "spark") == "▁▂▄▅▆"


def test_an_end_that_was_seen_gives_an_age() -> None:
    history = History()
    history.add({"p": process()}, NOW - 10)
    gone = process(running=False, status=1)
    history.add({"p": gone}, NOW - 5)

    assert text_of(facts({"p": gone}, history), "age") == "55s"


def test_processor_and_memory_are_known_of_what_was_measured() -> None:
    known = facts({"p": process(), "q": process()}, p=Vital(3.21, 5 << 20))

    assert [text_of(known, column) for column in ("cpu", "memory")] == ["3.2", "5m"]
    assert [text_of(known, column, "q") for column in ("cpu", "memory")] == ["–", "–"]


def test_names_and_commands_are_drawn_as_they_are_and_cannot_control_the_terminal() -> None:
    name = "[red]\x1b[2J\nx"
    known = facts({name: process(args="/bin/sh -c 'echo \x1b]0;title\x07'")})

    assert cell(known, "name", name) == [("[red]\\x1b[2J\\nx", "name")]
    assert text_of(known, "command", name) == "sh -c 'echo \\x1b]0;title\\x07'"


NAMESPACE = {
    "web.1": process(buffered=100, dropped=10, watchers=1),
    "web.2": process(buffered=900),
    "web.3": process(running=False, status=1, buffered=200),
}


def folded(processes: dict[str, ProcessInfo], history: History | None = None, **vitals: Vital) -> ProcessFacts:
    known = facts(processes, history, **vitals)
    known.tree = Tree(sorted(processes))
    known.tree.rows(lambda keys: keys, lambda _: False)
    return known


def test_a_namespace_has_totals() -> None:
    known = folded(NAMESPACE)

    texts = {column.id: text_of(known, column.id, "web.*").strip() for column in COLUMNS}

    assert texts == {
        "name": "▸ web", "state": "✗ 2/3", "pid": "", "age": "", "cpu": "–", "memory": "–", "rate": "0/s", "spark": "",
        "buffer": "█▌    40%", "unacknowledged": "1.2k", "dropped": "10", "watchers": "w", "command": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("processes", "text", "look"),
    [
        ({"a.1": process(), "a.2": process()}, "● 2/2", "good"),
        ({"a.1": process(), "a.2": process(running=False, status=0)}, "● 1/2", "good"),
        ({"a.1": process(running=False), "a.2": process(running=False, status=0)}, "○ 0/2", "muted"),
        ({"a.1": process(), "a.2": process(running=False, status=-9)}, "✗ 1/2", "bad"),
    ],
)
def test_a_namespace_tells_how_many_run_and_whether_one_failed(
    processes: dict[str, ProcessInfo], text: str, look: str
) -> None:
    known = folded(processes)

    assert text_of(known, "state", "a.*") == text
    assert cell(known, "state", "a.*")[0][1] == look


def test_a_namespace_adds_up_rates_curves_and_what_was_measured() -> None:
    history = History()
    for second in range(4):
        position = second * 1000
        history.add({"a.1": process(position=position), "a.2": process(position=position)}, NOW - 3 + second)
    processes = {"a.1": process(), "a.2": process()}
    known = folded(processes, history, **{"a.1": Vital(1.5, 1 << 20), "a.2": Vital(2.0, 3 << 20)})

    texts = [text_of(known, column, "a.*") for column in ("rate", "spark", "cpu", "memory")]

    assert texts == ["2k/s", "  ▆▆▆", "3.5", "4m"]


def test_rows_in_a_namespace_are_set_in() -> None:
    known = facts({"a.b.1": process(), "a.b.2": process(), "a.c": process()})
    known.tree = Tree(["a.b.1", "a.b.2", "a.c"])
    known.tree.rows(lambda keys: keys, lambda _: True)

    drawn = [text_of(known, "name", key) for key in ("a.*", "a.b.*", "a.b.1", "a.c")]

    assert drawn == ["▾ a", "  ▾ b", "      1", "    c"]


@pytest.mark.parametrize(
    ("column", "falling", "names"),
    [
        ("state", False, ["failed", "killed", "running", "ended", "well"]),
        ("age", True, ["running"]),
        ("buffer", True, ["killed", "failed", "running", "ended", "well"]),
    ],
)
def test_what_needs_a_look_sorts_first(column: str, falling: bool, names: list[str]) -> None:
    known = facts({
        "well": process(running=False, status=0),
        "ended": process(running=False),
        "running": process(buffered=1),
        "killed": process(running=False, status=-9, buffered=9),
        "failed": process(running=False, status=1, buffered=5),
    })  # fmt: skip
    found = BY_ID[column]
    assert found.order is not None
    values = {
        name: value for name in sorted(known.snapshot.processes) if (value := found.order(known, name)) is not None
    }

    assert sorted(values, key=values.__getitem__, reverse=falling) == names
    assert found.falling is falling
