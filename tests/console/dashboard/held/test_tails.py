"""Output that is followed: all of it, once, consumed by nobody, whatever happens to connections, kernels and names."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import papa
from papa.aio import AsyncPapa
from papa_console.dashboard.held import keeping, pacer
from papa_console.dashboard.held.books import OTHER_KERNEL, SAME_KERNEL
from papa_console.dashboard.held.link import Link
from papa_console.dashboard.held.snapshot import Connection
from papa_console.dashboard.output.lines import LineStore, Source
from support.gates import Gate
from support.kernels import KernelProcess
from support.links import Proxy, TurningLink, lines, linked, sources, until, until_connection

StartKernel = Callable[..., KernelProcess]


@pytest.fixture
def client(kernel: KernelProcess) -> Iterator[papa.Papa]:
    with papa.Papa(kernel.path) as connected:
        yield connected


def make(client: papa.Papa, name: str, script: str, **options: object) -> int:
    """Start a line of /bin/sh and return its PID."""
    return client.make_process(name, "/bin/sh", ["-c", script], **options)["pid"]  # type: ignore[call-overload,no-any-return]


@asynccontextmanager
async def following(endpoint: str | int, *names: str) -> AsyncIterator[tuple[TurningLink, LineStore]]:
    """A link that follows these; the store is that of the first."""
    async with linked(endpoint) as link:
        link.follow(names)
        await until_connection(link, Connection.UP)
        yield link, link.storage.store(names[0])


async def until_line(store: LineStore, text: str) -> None:
    await until(lambda: lines(store, *Source)[-1:] == [text], f"the last line is {text}")


async def until_lines(store: LineStore, count: int) -> None:
    await until(lambda: len(lines(store)) >= count, f"{store.name} has {count} lines")


def test_both_streams_and_the_end_arrive_and_nothing_is_consumed(client: papa.Papa, kernel: KernelProcess) -> None:
    async def main() -> None:
        make(client, "p", "echo one; sleep 0.01; echo two >&2; sleep 0.01; printf three; exit 3")

        async with following(kernel.path, "p") as (link, store):
            await until(lambda: store.exit_status is not None, "the end has come")

            assert lines(store, *Source) == ["one", "two", "three", "exited 3"]
            assert sources(store) == [Source.OUT, Source.ERR, Source.OUT, Source.END]
            assert client.list_processes()["p"]["buffered"] == 13
            await until(lambda: link.history.ended("p"), "the end is noted")

    asyncio.run(main())


def test_an_end_brings_a_new_list_without_delay(
    client: papa.Papa, kernel: KernelProcess, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PERIOD", "_LONGEST_PERIOD"):
        monkeypatch.setattr(pacer, name, 1000.0)

    async def main() -> None:
        make(client, "p", gate.wait)
        async with following(kernel.path, "p") as (link, _):
            await until(lambda: client.info()["connections"] == 3, "it is followed")

            gate.open()

            await until(lambda: link.snapshot.processes["p"].get("status") == 0, "the list shows the end")

    asyncio.run(main())


def test_two_links_and_a_consumer_each_get_every_byte_once(
    kernel: KernelProcess, client: papa.Papa, gate: Gate
) -> None:
    """Acceptance 4."""
    count = 3000
    expected = [f"line {number}" for number in range(count)]

    async def consume(consumed: list[bytes]) -> None:
        async with AsyncPapa(kernel.path) as owner, await owner.watch_processes("p") as watcher:
            async for out, _, _ in watcher:
                consumed += [record.data for record in out]

    async def main() -> None:
        make(client, "p", f"{gate.wait}; i=0; while [ $i -lt {count} ]; do echo line $i; i=$((i+1)); done; exit 0")
        consumed: list[bytes] = []
        async with following(kernel.path, "p") as (one, first), following(kernel.port, "p") as (two, second):
            consumer = asyncio.create_task(consume(consumed))
            await until(lambda: client.list_processes()["p"].get("watchers"), "the consumer watches")
            await until(lambda: client.info()["connections"] == 7, "both links tail")
            gate.open()
            await consumer
            await until(lambda: first.exit_status == second.exit_status == 0, "both links have the end")
            await until(lambda: not one.snapshot.processes and not two.snapshot.processes, "it has left the list")

            assert b"".join(consumed).decode().splitlines() == expected
            assert lines(first) == lines(second) == expected
            assert set(sources(first)) == set(sources(second)) == {Source.OUT, Source.END}

    asyncio.run(main())


def test_what_is_not_there_yet_is_followed_once_it_is(client: papa.Papa, kernel: KernelProcess) -> None:
    async def main() -> None:
        async with following(kernel.path, "later", "never") as (_, store):
            make(client, "later", "echo here; exec sleep 1000")

            await until_lines(store, 1)

            assert lines(store, *Source) == ["here"]

    asyncio.run(main())


def test_what_is_not_wanted_any_more_is_not_followed(client: papa.Papa, kernel: KernelProcess) -> None:
    async def main() -> None:
        for name in ("a", "b", "c"):
            make(client, name, "echo here; exec sleep 1000")
        async with following(kernel.path, "a") as (link, store):
            await until_lines(store, 1)
            link.follow(["a", "b", "c"])
            await until_lines(link.storage.store("c"), 1)
            two_tails = client.info()["connections"]

            link.follow(["b"])
            await until(lambda: client.info()["connections"] == 3, "one tail is left")
            link.follow([])
            await until(lambda: client.info()["connections"] == 2, "no tail is left")

            assert two_tails == 4
            assert [lines(link.storage.store(name), *Source) for name in ("a", "b", "c")] == [["here"]] * 3

    asyncio.run(main())


def test_a_process_that_is_wanted_again_goes_on_without_repeating(
    client: papa.Papa, kernel: KernelProcess, gate: Gate
) -> None:
    async def main() -> None:
        make(client, "p", f"echo one; {gate.wait}; echo two; exec sleep 1000")
        async with following(kernel.path, "p") as (link, store):
            await until_lines(store, 1)
            link.follow([])
            await until(lambda: client.info()["connections"] == 2, "it is not followed")
            gate.open()

            link.follow(["p"])
            await until_lines(store, 2)

            assert lines(store, *Source) == ["one", "two"]

    asyncio.run(main())


@pytest.mark.parametrize("acknowledged", [False, True])
def test_what_has_ended_keeps_its_lines_and_is_not_asked_for_again(
    client: papa.Papa, kernel: KernelProcess, acknowledged: bool
) -> None:
    async def main() -> None:
        make(client, "p", "echo one; exit 1")
        async with following(kernel.path, "p") as (link, store):
            await until(lambda: client.info()["connections"] == 2 and store.exit_status == 1, "its tail has ended")
            first = link.wire.next
            if acknowledged:
                await link.acknowledge("p", store.position)
            await link.refresh_now()
            link.follow([])
            link.follow(["p"])
            await link.refresh_now()

            assert lines(store, *Source) == ["one", "exited 1"]
            assert list(link.snapshot.processes) == ([] if acknowledged else ["p"])
            assert not [line for line in link.wire.since(first) if line.connection == "tail" and line.direction == ">"]

    asyncio.run(main())


def test_another_process_under_the_same_name_begins_anew(client: papa.Papa, kernel: KernelProcess) -> None:
    async def main() -> None:
        make(client, "p", "echo the first one; exit 1")
        async with following(kernel.path, "p") as (link, store):
            await until(lambda: store.exit_status == 1, "the first has ended")
            await link.acknowledge("p", store.position)
            pid = make(client, "p", "echo 2nd; exit 2")
            await until(lambda: store.exit_status == 2, "the second has ended")

            begins = f"another process of this name begins here: pid {pid}"
            assert lines(store, *Source) == ["the first one", "exited 1", begins, "2nd", "exited 2"]
            assert store.position == len("2nd\n") + 1

    asyncio.run(main())


def test_names_that_look_like_patterns_or_numbers_are_names(client: papa.Papa, kernel: KernelProcess) -> None:
    async def main() -> None:
        pid = make(client, "a", "echo from a; exec sleep 1000")
        names = ["*", "a*", str(pid), "two words", ">"]
        for name in names:
            make(client, name, f"echo 'from {name}'; exec sleep 1000")
        async with following(kernel.path, *names) as (link, _):
            for name in names:
                await until_line(link.storage.store(name), f"from {name}")
            link.follow([*names, "a"])
            await until_line(link.storage.store("a"), "from a")

            assert [lines(link.storage.store(name), *Source) for name in names] == [[f"from {name}"] for name in names]

    asyncio.run(main())


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose name is short enough for Unix sockets in it."""
    with tempfile.TemporaryDirectory(prefix="papa-tail-") as name:
        yield Path(name)


def test_a_cut_connection_is_resumed_with_nothing_twice(
    client: papa.Papa, kernel: KernelProcess, gate: Gate, folder: Path
) -> None:
    async def main() -> None:
        make(client, "p", f"echo one; printf tw; {gate.wait}; echo o; exec sleep 1000")
        async with Proxy(str(folder / "proxy"), kernel.path) as proxy, following(proxy.path, "p") as (link, store):
            await until_line(store, "tw")

            await proxy.cut()
            await until_connection(link, Connection.LOST)
            gate.open()
            await proxy.open()
            link.retry()
            await until(lambda: store.position == 8, "the rest has come")

            assert lines(store, *Source) == ["one", "two", SAME_KERNEL]  # the line that had begun goes on
            assert link.snapshot.kernel.epoch == 1

    asyncio.run(main())


def test_what_others_acknowledged_meanwhile_is_marked_as_missing(
    client: papa.Papa, kernel: KernelProcess, gate: Gate, folder: Path
) -> None:
    async def main() -> None:
        make(client, "p", f"echo one; {gate.wait}; echo two; {gate.wait}; echo three; exec sleep 1000")
        async with Proxy(str(folder / "proxy"), kernel.path) as proxy, following(proxy.path, "p") as (link, store):
            await until_line(store, "one")

            await proxy.cut()
            await until_connection(link, Connection.LOST)
            gate.open()
            await until(lambda: client.list_processes()["p"]["position"] == 8, "it goes on")
            client.acknowledge_processes("p", 8)
            gate.open()
            await proxy.open()
            link.retry()
            await until_line(store, "three")

            assert sources(store) == [Source.OUT, Source.NOTE, Source.GAP, Source.OUT]
            assert lines(store, *Source)[1:] == [SAME_KERNEL, "output missing here: 4 bytes", "three"]

    asyncio.run(main())


def test_a_kernel_that_hung_loses_nothing(
    client: papa.Papa, kernel: KernelProcess, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PATIENCE", 0.3)

    async def main() -> None:
        make(client, "p", f"echo one; {gate.wait}; echo two; exec sleep 1000")
        async with following(kernel.path, "p") as (link, store):
            await until_line(store, "one")

            kernel.signal(signal.SIGSTOP)
            gate.open()
            await until_connection(link, Connection.LOST)
            kernel.signal(signal.SIGCONT)
            await until_connection(link, Connection.UP)
            await until_line(store, "two")

            assert lines(store, *Source) == ["one", "two"]

    asyncio.run(main())


def test_another_kernel_is_told_in_the_output_and_its_process_begins_anew(
    folder: Path, start_kernel: StartKernel
) -> None:
    path = str(folder / "papa.sock")

    async def main() -> None:
        first = start_kernel("-u", path)
        with papa.Papa(path) as client:
            pid = make(client, "p", "echo one; exec sleep 1000")
        async with following(path, "p") as (link, store):
            await until_line(store, "one")

            first.signal(signal.SIGKILL)
            first.wait()
            os.killpg(pid, signal.SIGKILL)
            await until_connection(link, Connection.LOST)
            start_kernel("-u", path)
            await until_connection(link, Connection.UP)
            with papa.Papa(path) as client:
                pid = make(client, "p", "echo two; exec sleep 1000")
            await until_line(store, "two")

            begins = f"another process of this name begins here: pid {pid}"
            assert lines(store, *Source) == ["one", OTHER_KERNEL, begins, "two"]

    asyncio.run(main())


def test_a_flood_is_skipped_and_told_while_requests_are_answered(client: papa.Papa, kernel: KernelProcess) -> None:
    async def main() -> None:
        pid = make(client, "flood", "exec yes", bufsize=64 * 1024)
        async with following(kernel.path, "flood") as (link, store):
            await until(lambda: Source.GAP in sources(store), "something is skipped")
            begun = link.turns
            for number in range(20):
                await link.request(["set", "a", str(number)])
            turns = link.turns - begun
            os.kill(pid, signal.SIGKILL)
            await until(lambda: store.exit_status is not None, "the end has come")

            assert turns < 20 * 10, "each was answered within a few turns"
            assert client.list_processes()["flood"]["dropped"] > 0
            assert store.position == client.list_processes()["flood"]["position"]
            assert link.storage.size <= link.storage.limit + 2**22, "a record may hold many lines"

    asyncio.run(main())


def test_without_turns_output_stays_in_the_kernel(client: papa.Papa, kernel: KernelProcess) -> None:
    count = 500_000

    async def main() -> None:
        make(client, "p", f"yes | head -n {count}; exec sleep 1000", bufsize="4m")
        await until(lambda: client.list_processes()["p"]["position"] == 2 * count, "it has written everything")
        link = Link(kernel.path)
        running = asyncio.create_task(link.run())
        link.follow(["p"])
        store = link.storage.store("p")
        await until(lambda: store.position, "something has come")
        for _ in range(100):
            await link.refresh_now()
        without = store.position

        while store.position < 2 * count:
            link.turn()
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

        assert without < 2 * count
        assert store.next == count
        assert set(sources(store)) == {Source.OUT}

    asyncio.run(main())


def test_the_log_sums_up_output_and_shows_none(client: papa.Papa, kernel: KernelProcess) -> None:
    async def main() -> None:
        make(client, "p", "echo secret; exec sleep 1000")
        async with following(kernel.path, "p") as (link, store):
            await until_line(store, "secret")
            await until(lambda: [line for line in link.wire.since() if "1 record" in line.text], "it is summed up")

            tail = [line.text for line in link.wire.since() if line.connection == "tail"]
            pid = link.snapshot.processes["p"]["pid"]
            assert [text for text in tail if text.startswith("tail ")] == [f"tail processes {pid}"]
            assert "Tailing 1" in tail
            assert not [text for text in tail if text == "secret" or text.startswith("out:")]

    asyncio.run(main())
