"""History: rates, sparks, forecasts and ends from samples at changes; changes of values."""

import pytest

from papa_console.dashboard.held import history as history_module
from papa_console.dashboard.held.history import History
from papa_protocol.model import ProcessInfo

Samples = list[tuple[float, int, int, int]]  # when: position, buffered, dropped
START = 1000.0


def info(position: int = 0, buffered: int = 0, dropped: int = 0, **facts: object) -> ProcessInfo:
    row: dict[str, object] = {
        "pid": 7, "running": True, "started": START - 100, "bufsize": 1000, "buffered": buffered,
        "dropped": dropped, "position": position, **facts,
    }  # fmt: skip
    return row  # type: ignore[return-value]


def history_of(samples: Samples, until: float | None = None) -> History:
    """Return the history of a process p that was seen like this, each at so many seconds after the start."""
    history = History()
    for when, *counts in samples:
        history.add({"p": info(*counts)}, START + when)
    if until is not None:
        history.confirm(START + until)
    return history


@pytest.mark.parametrize(
    ("samples", "until", "rate"),
    [
        ([], None, 0),
        ([(0, 500, 0, 0)], None, 0),  # what was written before we looked has no rate
        ([(0, 0, 0, 0), (1, 100, 0, 0)], None, 100),
        ([(0, 0, 0, 0), (1, 100, 0, 0)], 2, 50),
        ([(0, 0, 0, 0), (1, 100, 0, 0), (2, 300, 0, 0), (3, 600, 0, 0)], None, 200),
        ([(0, 0, 0, 0), (1, 100, 0, 0)], 9, 0),
    ],
)
def test_the_rate_is_that_of_the_last_three_seconds(samples: Samples, until: float | None, rate: float) -> None:
    history = history_of(samples, until)

    assert history.rate("p") == rate


def test_a_spark_has_the_last_whole_seconds_and_quiet_ones_are_zero() -> None:
    history = history_of([(0, 0, 0, 0), (1, 100, 0, 0)])
    history.confirm(START + 4)
    history.add({"p": info(150)}, START + 5)

    assert history.spark("p", 5) == [100, 0, 0, 0, 50]
    assert history.spark("nobody", 3) == [0, 0, 0]


def test_activity_is_measured_in_any_buckets() -> None:
    history = history_of([(0, 0, 0, 0), (2, 100, 0, 0), (4, 300, 0, 0)])

    assert history.activity("p", START, START + 4, 2) == [100, 200]
    assert history.activity("p", START, START + 4, 4) == [50, 50, 100, 100]
    assert history.activity("p", START + 1, START + 3, 1) == [150]
    assert history.activity("p", START - 100, START - 50, 2) == [0, 0]
    assert history.activity("p", START + 50, START + 60, 2) == [0, 0]
    assert history.activity("p", START, START, 3) == [0, 0, 0]


# bufsize is 1000
@pytest.mark.parametrize(
    ("samples", "until", "forecast"),
    [
        ([(0, 0, 0, 0)], 9, None),
        ([(0, 0, 0, 0), (1, 100, 100, 0)], None, None),  # too early to tell
        ([(0, 0, 0, 0), (2, 200, 200, 0)], None, 8),
        ([(0, 0, 0, 0), (2, 200, 200, 0)], 4, 16),
        ([(0, 0, 400, 0), (1, 0, 0, 0), (2, 0, 100, 0), (3, 0, 200, 0)], None, 8),  # acknowledged meanwhile
        ([(0, 0, 400, 0), (3, 0, 300, 0)], None, None),
        ([(0, 0, 0, 0), (10, 1, 1, 0)], None, None),  # in hours
        ([(0, 0, 900, 0), (2, 0, 950, 300)], None, 0),
        ([(0, 0, 900, 0), (2, 0, 950, 300)], 20, None),  # no longer
    ],
)
def test_a_loss_is_forecast_from_how_the_buffer_fills(
    samples: Samples, until: float | None, forecast: float | None
) -> None:
    history = history_of(samples, until)

    assert history.forecast("p") == forecast


def test_what_has_ended_loses_nothing() -> None:
    history = history_of([(0, 0, 0, 0), (2, 200, 200, 0)])
    history.add({"p": info(201, 200, running=False, status=0)}, START + 3)

    assert history.forecast("p") is None


def test_losses_are_counted_since_a_moment() -> None:
    history = history_of([(0, 0, 0, 50), (2, 0, 0, 60), (4, 0, 0, 100)])

    assert [history.dropped_since("p", START + when) for when in (-1, 0, 2, 3, 4)] == [50, 50, 40, 40, 0]
    assert history.dropped_since("nobody", 0) == 0


def test_an_end_is_known_from_the_list_and_better_from_the_output() -> None:
    history = history_of([(0, 0, 0, 0)])
    history.add({"p": info(running=False), "q": info(running=False)}, START + 5)
    seen = history.ended("p"), history.ended("q")
    history.note_end("p", START + 4.5)

    assert seen == (START + 5, None)
    assert history.ended("p") == START + 4.5


def test_another_process_of_the_name_goes_on_in_the_same_series() -> None:
    history = history_of([(0, 0, 0, 0), (1, 100, 0, 10)])
    history.add({"p": info(100, 0, 10, running=False)}, START + 2)
    history.add({"p": info(50, 0, 5, pid=8, started=START + 2.5)}, START + 3)

    assert history.ended("p") is None
    assert history.activity("p", START, START + 3, 3) == [100, 0, 50]
    assert history.dropped_since("p", START) == 15


def test_what_a_new_process_wrote_before_it_was_listed_counts() -> None:
    history = history_of([(0, 0, 0, 0)])
    history.add({"p": info(), "q": info(80, pid=8, started=START + 0.5)}, START + 1)

    assert history.rate("q") == 160


def test_what_left_the_list_is_forgotten_after_a_while() -> None:
    history = history_of([(0, 0, 0, 0), (1, 100, 0, 0)])
    history.add({}, START + 2)
    soon = history.activity("p", START, START + 2, 1)
    history.add({"q": info()}, START + 700)
    history.add({}, START + 701)

    assert soon == [100]
    assert history.activity("p", START, START + 2, 1) == [0]


def test_memory_is_bounded_however_long_a_process_writes() -> None:
    history = history_of([(second, second * 10, 0, 0) for second in range(3000)])

    assert history.activity("p", START + 2400, START + 2999, 1) == [5990]
    assert history.activity("p", START, START + 1000, 1) == [0]


def test_values_are_remembered_with_their_times_the_newest_last() -> None:
    history = History()
    for when, values in enumerate([{"a": "1", "b": "x"}, {"a": "2", "b": "x"}, {"b": "x"}, {"a": "2", "b": "x"}]):
        history.add_values(values, when)

    assert history.values == {"a": [(0, "1"), (1, "2"), (3, "2")], "b": [(0, "x")]}


def test_what_is_kept_of_values_does_not_grow_for_ever() -> None:
    history = History()
    for number in range(2_000):
        history.add_values({"a": str(number)}, number)

    assert [text for _, text in history.values["a"]] == [str(number) for number in range(1_950, 2_000)]
    assert len(history._value_order) == 50


def test_values_that_have_gone_are_forgotten_first_however_short_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "_VALUE_CHARACTERS", 10_000)
    history = History()
    history.add_values({"stays": "x"}, 0)
    for number in range(1, 1_000):
        history.add_values({"stays": "x", f"run.{number}": ""}, number)

    assert history.values["stays"] == [(0, "x")]
    assert history.values["run.999"] == [(999, "")]
    assert len(history.values) < 60


def test_many_values_are_taken_in_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "_VALUE_CHARACTERS", 10_000)
    history = History()
    values = {str(number): "x" for number in range(20_000)}

    history.add_values(values, 0)
    history.add_values({}, 1)
    history.add_values({"new": "y"}, 2)

    assert len(history.values) < 60
    assert history.values["new"] == [(2, "y")]


def test_a_value_goes_while_others_need_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "_VALUE_CHARACTERS", 10_000)
    history = History()
    history.add_values({"goes": "x" * 5_000}, 0)

    history.add_values({"new": "y" * 9_000}, 1)

    assert history.values == {"new": [(1, "y" * 9_000)]}


def test_a_clock_that_is_set_back_keeps_changes_in_order() -> None:
    history = History()
    for when, text in [(5, "1"), (4, "2"), (4, "3")]:
        history.add_values({"a": text}, when)

    assert [text for _, text in history.values["a"]] == ["1", "2", "3"]
    assert sorted(history.values["a"]) == history.values["a"]


def test_changes_of_values_are_bounded_in_number_and_size() -> None:
    history = History()
    for number in range(200):
        history.add_values({"a": str(number), "b": f"{number}" * 100_000}, number)

    assert [text for _, text in history.values["a"]][-1] == "199"
    assert len(history.values["a"]) <= 50
    assert 1 <= sum(len(text) for _, text in history.values["b"]) <= 17 * 2**20
