"""Watchers of both clients: batches, acknowledgements, borrowed connections, ends."""

import contextlib
import copy
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import papa
from papa.aio import AsyncPapa
from support.clients import Driven
from support.gates import Gate
from support.kernels import KernelProcess
from support.waiting import wait_for
from support.wire import TIMEOUT


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with Gate(tmp_path / "gate") as made:
        yield made


def say(client: papa.Papa, gate: Gate, name: str = "p") -> None:
    """Start a process that says one, and after the gate opened two, and then waits once more and ends."""
    client.make_process(name, "/bin/sh", ["-c", f"echo one; {gate.wait}; echo two; {gate.wait}; exit 3"])


def data(batch: papa.Batch) -> list[bytes]:
    return [record.data for record in batch[0]]


def seen_next(client: papa.Papa, name: str = "p") -> list[bytes]:
    """Return what the next watcher gets first, leaving it unacknowledged."""
    watcher = client.watch_processes(name)
    batch = watcher.read()
    watcher.abandon()
    return data(batch)


def test_a_batch_has_output_errors_and_ends(either: papa.Papa) -> None:
    with either.make_process(
        "p", "/bin/sh", ["-c", "echo out; echo err >&2; exit 3"], watch_immediately=True
    ) as watcher:
        batches = list(watcher)

    out = [record for batch in batches for record in batch[0]]
    err = [record for batch in batches for record in batch[1]]
    ends = [end for batch in batches for end in batch[2]]
    assert [(record.name, record.data) for record in out] == [("p", b"out\n")]
    assert [(record.name, record.data) for record in err] == [("p", b"err\n")]
    assert [(end.name, end.data) for end in ends] == [("p", 3)]
    assert out[0]._fields == ("name", "timestamp", "data")
    assert isinstance(out[0], papa.ProcessOutput)
    assert 0 < out[0].timestamp <= ends[0].timestamp
    assert watcher.exit_code == {"p": 3}


def test_at_the_end_read_returns_a_tuple_that_unpacks_and_is_false(either: papa.Papa) -> None:
    watcher = either.make_process("p", "/bin/true", watch_immediately=True)
    assert watcher
    while batch := watcher.read():
        assert isinstance(batch, tuple)

    out, err, ends = batch

    assert (out, err, ends) == ([], [], [])
    assert isinstance(batch, tuple)
    assert not batch
    assert not watcher
    assert not watcher.read()
    assert watcher.exit_code == {"p": 0}
    assert either.list_processes() == {}


def test_close_after_a_read_acknowledges_what_was_read(either: papa.Papa, gate: Gate) -> None:
    say(either, gate)
    watcher = either.watch_processes("p")
    assert data(watcher.read()) == [b"one\n"]

    watcher.close()
    gate.open()

    assert seen_next(either) == [b"two\n"]


def test_close_with_nothing_read_loses_nothing(either: papa.Papa, gate: Gate) -> None:
    say(either, gate)
    wait_for(lambda: either.list_processes("p")["p"]["buffered"] == 4, "one is buffered")

    either.watch_processes("p").close()

    assert seen_next(either) == [b"one\n"]


def test_close_after_an_acknowledgement_loses_nothing(either: papa.Papa, gate: Gate) -> None:
    say(either, gate)
    watcher = either.watch_processes("p")
    watcher.read()
    watcher.acknowledge()
    watcher.acknowledge()
    gate.open()
    wait_for(lambda: either.list_processes("p")["p"]["buffered"] == 4, "two is buffered")

    watcher.close()

    assert seen_next(either) == [b"two\n"]


def test_the_next_read_acknowledges_the_one_before(either: papa.Papa, gate: Gate) -> None:
    say(either, gate)
    watcher = either.watch_processes("p")
    watcher.read()
    gate.open()
    assert data(watcher.read()) == [b"two\n"]

    watcher.abandon()

    assert seen_next(either) == [b"two\n"]


def test_leaving_a_with_statement_acknowledges(either: papa.Papa, gate: Gate) -> None:
    say(either, gate)

    with either.watch_processes("p") as watcher:
        watcher.read()
    gate.open()

    assert not watcher
    assert seen_next(either) == [b"two\n"]


def test_leaving_a_with_statement_by_an_exception_acknowledges_nothing(either: papa.Papa, gate: Gate) -> None:
    say(either, gate)

    with contextlib.suppress(ZeroDivisionError), either.watch_processes("p") as watcher:
        watcher.read()
        raise ZeroDivisionError

    assert not watcher
    assert seen_next(either) == [b"one\n"]


def test_an_iteration_that_is_broken_off_keeps_its_last_batch(either: papa.Papa, gate: Gate) -> None:
    say(either, gate)
    watcher = either.watch_processes("p")

    for batch in watcher:
        assert data(batch) == [b"one\n"]
        break
    watcher.abandon()

    assert seen_next(either) == [b"one\n"]


def test_a_watcher_sees_processes_of_its_pattern_that_are_made_later(either: papa.Papa, gate: Gate) -> None:
    say(either, gate, "a.one")
    with either.watch_processes("a.*") as watcher:
        watcher.read()

        either.make_process("a.two", "/bin/echo", "new")
        names = {record.name for record in watcher.read()[0]}

    assert names == {"a.two"}


def test_positions_release_exactly_what_was_seen(either: papa.Papa, gate: Gate) -> None:
    say(either, gate)
    with either.tail_processes("p") as tail:
        (first,) = tail.read()[0]
        gate.open()
        (second,) = tail.read()[0]

    assert (first.data, second.data) == (b"one\n", b"two\n")
    assert first.position is not None
    assert second.position is not None
    assert first.position < second.position
    assert either.list_processes("p")["p"]["buffered"] == 8
    assert either.acknowledge_processes("p", first.position) is True
    assert seen_next(either) == [b"two\n"]
    with pytest.raises(papa.CommandFailedError, match="beyond the end"):
        either.acknowledge_processes("p", second.position + 1000)


def test_a_tail_consumes_nothing_and_ends_with_its_processes(either: papa.Papa, gate: Gate) -> None:
    say(either, gate)
    gate.open()
    gate.open()

    with either.tail_processes("p") as tail:
        text = b"".join(record.data for batch in tail for record in batch[0])

    assert text == b"one\ntwo\n"
    assert tail.exit_code == {"p": 3}
    assert not tail
    assert either.list_processes("p")["p"]["buffered"] == 8


def test_what_the_kernel_had_to_drop_since_the_last_batch_is_counted(either: papa.Papa, gate: Gate) -> None:
    either.make_process("p", "/bin/sh", ["-c", f"echo one; {gate.wait}; seq 1 20000; exit 0"], bufsize=4096)
    watcher = either.watch_processes("p")
    assert data(watcher.read()) == [b"one\n"]

    gate.open()
    wait_for(lambda: not either.list_processes("p")["p"]["running"], "p has ended")
    batches = list(watcher)

    kept = sum(len(record.data) for batch in batches for record in batch[0])
    lost = sum(batch.lost.get("p", 0) for batch in batches)
    assert lost > 0
    assert lost + kept == len("".join(f"{number}\n" for number in range(1, 20001)))


def test_a_client_takes_commands_beside_its_watchers(either: papa.Papa, gate: Gate) -> None:
    say(either, gate, "p")
    say(either, gate, "q")

    with (
        either.watch_processes("p") as first,
        either.watch_processes("q") as second,
        either.tail_processes("p") as tail,
    ):
        assert data(first.read()) == data(second.read()) == data(tail.read()) == [b"one\n"]
        either.set("a", "1")

        assert either.get("a") == "1"


def test_a_watcher_lives_on_when_its_client_is_closed(kernel: KernelProcess, gate: Gate, either: papa.Papa) -> None:
    say(either, gate)
    watcher = either.watch_processes("p")
    watcher.read()

    either.close()
    gate.open()

    assert data(watcher.read()) == [b"two\n"]
    watcher.close()


def test_nothing_is_given_back_to_a_client_that_is_closed(kernel: KernelProcess, client: papa.Papa, gate: Gate) -> None:
    say(client, gate)
    with papa.Papa(kernel.path, TIMEOUT) as closed:
        watcher = closed.watch_processes("p")
        watcher.read()

    watcher.close()

    wait_for(lambda: client.info()["connections"] == 1, "the watcher's connection is closed")


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, lambda batch: pickle.loads(pickle.dumps(batch))])
def test_a_batch_can_be_handed_on(make: Callable[[papa.Batch], papa.Batch], client: papa.Papa, gate: Gate) -> None:
    say(client, gate)
    with client.tail_processes("p") as tail:
        batch = tail.read()
    batch.lost["p"] = 7

    handed_on = make(batch)

    assert handed_on == batch
    assert (handed_on.lost, bool(handed_on)) == ({"p": 7}, True)
    assert handed_on[0][0].position == batch[0][0].position
    assert not make(papa.Batch(ended=True))


def test_a_watcher_borrows_the_connection_and_gives_it_back(client: papa.Papa, gate: Gate) -> None:
    say(client, gate)
    before = client.fileno()

    with client.watch_processes("p") as watcher:
        assert watcher.fileno() == before
        watcher.read()

    assert client.fileno() == before
    assert client.info()["connections"] == 1


def test_a_connection_that_is_given_back_too_late_is_closed(client: papa.Papa, gate: Gate) -> None:
    say(client, gate)

    with client.watch_processes("p") as watcher:
        watcher.read()
        other = client.fileno()

    assert client.fileno() == other
    wait_for(lambda: client.info()["connections"] == 1, "one connection is left")


def test_only_the_blocking_watcher_has_a_descriptor(client: papa.Papa, gate: Gate) -> None:
    say(client, gate)
    watcher = client.watch_processes("p")
    watcher.close()

    with pytest.raises(ValueError, match="closed"):
        watcher.fileno()
    assert not hasattr(Driven, "fileno")
    assert not hasattr(AsyncPapa, "fileno")
