"""Our clients with papa 1.0.6's kernel: dialect 1, and a clear error for what it cannot carry."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

import papa
from papa.aio import AsyncPapa
from support.peers import OldKernel
from support.waiting import wait_for
from support.wire import TIMEOUT

SLEEP = ("/bin/sleep", "100")
TOO_NEW: dict[str, Callable[[papa.Papa], object]] = {
    "info": lambda client: client.info(),
    "tail": lambda client: client.tail_processes("x"),
    "acknowledge": lambda client: client.acknowledge_processes("x", 1),
    "linger": lambda client: client.make_process("y", *SLEEP, linger="eof"),
    "listen": lambda client: client.make_process("y", *SLEEP, listen="web"),
}
UNSENDABLE = ["", "a ", "a\nb", "a\r", "a\\", "\\", "a \\", "\t", "a\0b"]
CANNOT_CARRY: dict[str, Callable[[papa.Papa, str], object]] = {
    "value": lambda client, text: client.set("v", text),
    "argument": lambda client, text: client.make_process("y", "/bin/echo", [text, "b"]),
    "environment": lambda client, text: client.make_process("y", *SLEEP, env={"A": text}),
}
CARRIED = ["a", "two words", "a  b", '"q"', "x=y", "Error: x", "Error:", "\u00e9\U0001f600", "a\\b", "> x", "-1", "*"]


@pytest.fixture
def client(old_kernel: OldKernel) -> Iterator[papa.Papa]:
    with papa.Papa(old_kernel.path, TIMEOUT) as connected:
        yield connected


@pytest.mark.parametrize("name", TOO_NEW)
def test_what_the_kernel_does_not_know_fails_and_does_no_harm(client: papa.Papa, name: str) -> None:
    client.make_process("x", *SLEEP)

    with pytest.raises(papa.CommandFailedError):
        TOO_NEW[name](client)

    assert list(client.list_processes()) == ["x"]


@pytest.mark.parametrize("text", UNSENDABLE)
@pytest.mark.parametrize("place", CANNOT_CARRY)
def test_a_text_that_would_arrive_changed_is_refused(client: papa.Papa, place: str, text: str) -> None:
    client.set("v", "before")

    with pytest.raises(papa.Error):
        CANNOT_CARRY[place](client, text)

    assert client.get("v") == "before"
    assert client.list_processes() == {}


@pytest.mark.parametrize("place", ["value", "argument"])
def test_a_blank_at_the_start_is_refused(client: papa.Papa, place: str) -> None:
    with pytest.raises(papa.Error, match=r"has blanks that a papa 1\.0 kernel would strip"):
        CANNOT_CARRY[place](client, " a")


def test_a_quoted_environment_value_is_refused_since_its_quotes_would_vanish(client: papa.Papa) -> None:
    with pytest.raises(papa.Error, match=r"env\.A: a papa 1.0 kernel cannot take"):
        client.make_process("x", *SLEEP, env={"A": '"quoted"'})


@pytest.mark.parametrize("text", CARRIED)
def test_what_the_kernel_can_hold_comes_back_unchanged(client: papa.Papa, text: str) -> None:
    """D2, D24."""
    client.set("v", text)
    client.make_process("x", "/bin/sh", ["-c", "exec sleep 100", text, "pid=1"])

    assert client.get("v") == text
    assert client.list_values() == {"v": text}
    assert client.list_processes("x")["x"]["pid"] > 1


def test_unacknowledged_output_comes_again(client: papa.Papa) -> None:
    client.make_process("x", "/bin/sh", ["-c", "echo hello; exec sleep 100"])
    first = client.watch_processes("x")
    seen = first.read()
    first.abandon()

    with client.watch_processes("x") as second:
        again = second.read()

    assert again == seen
    assert [record.position for record in again[0]] == [None]


def test_ready_tells_whether_data_waits(client: papa.Papa, old_kernel: OldKernel) -> None:
    """D22."""
    client.make_process("x", *SLEEP)

    with client.watch_processes("x") as watcher:
        before = watcher.ready
        with papa.Papa(old_kernel.path) as other:
            other.make_process("y", "/bin/echo")
        assert client.list_processes("x")["x"]["running"]

        assert not before
        assert not watcher.ready


def test_the_asyncio_client_falls_back_too(old_kernel: OldKernel) -> None:
    async def run() -> tuple[str | None, list[bytes], dict[str, int]]:
        async with AsyncPapa(old_kernel.path, TIMEOUT) as client:
            await client.set("v", "two words")
            with pytest.raises(papa.CommandFailedError):
                await client.info()
            with pytest.raises(papa.Error):
                await client.set("v", "a\n")
            data: list[bytes] = []
            async with await client.make_process(
                "x", "/bin/sh", ["-c", "echo out; exit 3"], watch_immediately=True
            ) as watcher:
                async for batch in watcher:
                    data += [record.data for record in batch[0]]
            return await client.get("v"), data, watcher.exit_code

    assert asyncio.run(run()) == ("two words", [b"out\n"], {"x": 3})


def test_the_kernel_of_papa_1_0_ends_when_it_is_asked_to(client: papa.Papa, old_kernel: OldKernel) -> None:
    assert client.exit_if_idle()
    client.close()

    wait_for(lambda: not old_kernel.alive, "papa 1.0 has ended")
