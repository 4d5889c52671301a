"""The link and a kernel of papa 1.0.6: dialect 1, no info, output that is looked at again and again, not consumed."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

import papa
from papa_console.dashboard.held import streaming
from papa_console.dashboard.held.link import Link
from papa_console.dashboard.held.peeking import LOOKS_AGAIN, MISSED, pause_after
from papa_console.dashboard.held.snapshot import Connection
from papa_console.dashboard.output.lines import LineStore, Source
from papa_protocol.words import Dialect
from support.gates import Gate
from support.links import Proxy, lines, linked, sources, until, until_connection
from support.peers import OldKernel, require_peers


@pytest.fixture
def old_kernel() -> Iterator[OldKernel]:
    require_peers()
    process = OldKernel()
    yield process
    process.stop()


@pytest.fixture
def client(old_kernel: OldKernel) -> Iterator[papa.Papa]:
    with papa.Papa(old_kernel.path, 20) as connected:
        yield connected


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "pause_after", lambda _: 0.05)


def make(client: papa.Papa, name: str, script: str) -> int:
    return client.make_process(name, "/bin/sh", ["-c", script])["pid"]


async def until_lines(store: LineStore, *expected: str) -> None:
    await until(lambda: lines(store) == list(expected), f"{store.name} has the lines {expected}")


def consume(client: papa.Papa, name: str) -> list[bytes]:
    """Read and acknowledge what is buffered."""
    with client.watch_processes(name) as watcher:
        return [record.data for record in watcher.read()[0]]


def test_it_is_listed_and_commanded_and_said_to_be_old(client: papa.Papa, old_kernel: OldKernel) -> None:
    async def main() -> None:
        make(client, "p", "exec sleep 1000")
        async with linked(old_kernel.path) as link:
            await until_connection(link, Connection.UP)
            await link.request(["set", "a", "two words"])
            await link.request(["make", "socket", "s"])
            await link.refresh_now()
            snapshot = link.snapshot

            assert snapshot.kernel.dialect is Dialect.V1
            assert (snapshot.kernel.info, snapshot.kernel.epoch, link.note) == ({}, 1, LOOKS_AGAIN)
            assert snapshot.processes["p"].keys() == {"pid", "running", "started", "args"}
            assert (list(snapshot.sockets), snapshot.values) == (["s"], {"a": "two words"})
            with pytest.raises(papa.Error, match=r"papa 1\.0 kernel cannot release"):
                await link.acknowledge("p", 1)

    asyncio.run(main())


def test_its_output_is_seen_once_and_stays_for_its_owner(client: papa.Papa, old_kernel: OldKernel, gate: Gate) -> None:
    async def main() -> None:
        make(client, "p", f"echo one; {gate.wait}; echo two >&2; {gate.wait}; echo three; exit 3")
        async with linked(old_kernel.path) as link:
            link.follow(["p"])
            store = link.storage.store("p")
            await until_lines(store, "one")
            gate.open()
            await until_lines(store, "one", "two")
            gate.open()
            await until(lambda: store.exit_status is not None, "the end has come")
            with client.watch_processes("p") as watcher:
                out, err, ends = watcher.read()

            assert lines(store, *Source) == ["one", "two", "three", "exited 3"]
            assert sources(store) == [Source.OUT, Source.ERR, Source.OUT, Source.END]
            assert b"".join(record.data for record in out + err) == b"one\nthree\ntwo\n"
            assert [end.data for end in ends] == [3]

    asyncio.run(main())


def test_two_processes_are_told_apart_and_one_that_leaves_does_not_stop_the_other(
    client: papa.Papa, old_kernel: OldKernel, gate: Gate
) -> None:
    async def main() -> None:
        make(client, "a", "echo from a; exit 1")
        make(client, "b", f"echo from b; {gate.wait}; echo more; exec sleep 1000")
        async with linked(old_kernel.path) as link:
            link.follow(["a", "b"])
            a, b = link.storage.store("a"), link.storage.store("b")
            await until(lambda: a.exit_status is not None, "the end of a has come")
            await until_lines(b, "from b")

            consume(client, "a")  # which takes it off the list
            gate.open()
            await until_lines(b, "from b", "more")

            assert lines(a, *Source) == ["from a", "exited 1"]
            assert lines(b, *Source) == ["from b", "more"]

    asyncio.run(main())


def test_what_its_owner_took_between_two_looks_is_marked(client: papa.Papa, old_kernel: OldKernel, gate: Gate) -> None:
    async def main() -> None:
        make(client, "p", f"echo one; {gate.wait}; echo two; {gate.wait}; echo three; exec sleep 1000")
        async with linked(old_kernel.path) as link:
            link.follow(["p"])
            store = link.storage.store("p")
            await until_lines(store, "one")

            link.follow([])
            gate.open()
            while b"two\n" not in consume(client, "p"):
                pass
            gate.open()
            link.follow(["p"])
            await until_lines(store, "one", "three")

            assert lines(store, *Source) == ["one", MISSED, "three"]
            assert sources(store) == [Source.OUT, Source.GAP, Source.OUT]

    asyncio.run(main())


def test_a_cut_connection_is_the_same_kernel_if_its_processes_are_the_same(
    client: papa.Papa, old_kernel: OldKernel
) -> None:
    async def main() -> None:
        make(client, "p", "exec sleep 1000")
        proxy_path = str(old_kernel.folder / "proxy")
        async with Proxy(proxy_path, old_kernel.path) as proxy, linked(proxy_path) as link:
            await until_connection(link, Connection.UP)

            await proxy.cut()
            await until_connection(link, Connection.LOST)
            await proxy.open()
            link.retry()
            await until_connection(link, Connection.UP)

            assert link.snapshot.kernel.epoch == 1

    asyncio.run(main())


def test_a_process_that_ends_is_seen_to(client: papa.Papa, old_kernel: OldKernel) -> None:
    async def main() -> None:
        pid = make(client, "p", "exec sleep 1000")
        async with linked(old_kernel.path) as link:
            await until_connection(link, Connection.UP)

            os.kill(pid, signal.SIGKILL)
            await until(lambda: not link.snapshot.processes["p"]["running"], "its end is seen")

            assert "status" not in link.snapshot.processes["p"]
            assert link.history.ended("p") is not None

    asyncio.run(main())


@pytest.mark.parametrize(("brought", "pause"), [(0, 0.5), (256 * 1024, 0.5), (1024 * 1024, 2.0)])
def test_a_look_that_brings_much_is_taken_less_often(brought: int, pause: float) -> None:
    assert pause_after(brought) == pause


def test_a_link_that_never_ran_has_no_note() -> None:
    assert Link(1).note == ""
