"""What only the asyncio client has to keep: cancellation, tasks that share it, context managers, iterators."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from papa.aio import AsyncPapa
from support.gates import Gate
from support.kernels import KernelProcess
from support.wire import TIMEOUT


def run(kernel: KernelProcess, scenario: Callable[[AsyncPapa], Awaitable[None]]) -> None:
    """Run a scenario with a connected client, for no longer than any should take."""

    async def all_of_it() -> None:
        async with asyncio.timeout(3 * TIMEOUT), AsyncPapa(kernel.path, TIMEOUT) as client:
            await scenario(client)

    asyncio.run(all_of_it())


def test_a_command_that_is_cancelled_leaves_the_client_usable(kernel: KernelProcess) -> None:
    async def scenario(client: AsyncPapa) -> None:
        await client.set("a", "1")
        kernel.signal(signal.SIGSTOP)
        task = asyncio.create_task(client.set("a", "2"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await task
        kernel.signal(signal.SIGCONT)

        # The reply that was under way is never taken for the next one.
        assert await client.get("b") is None
        assert await client.get("a") in ("1", "2")

    run(kernel, scenario)


def test_waiting_for_ones_turn_may_be_cancelled(kernel: KernelProcess) -> None:
    async def scenario(client: AsyncPapa) -> None:
        kernel.signal(signal.SIGSTOP)
        first = asyncio.create_task(client.get("a"))
        second = asyncio.create_task(client.set("a", "never"))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        kernel.signal(signal.SIGCONT)

        assert second.cancelled()
        assert await first is None
        assert await client.get("a") is None

    run(kernel, scenario)


def test_tasks_share_a_client_and_each_gets_its_own_reply(kernel: KernelProcess) -> None:
    async def scenario(client: AsyncPapa) -> None:
        async def own(number: int) -> None:
            await client.set(f"v{number}", number)
            assert await client.get(f"v{number}") == str(number)

        await asyncio.gather(*map(own, range(100)))

        assert len(await client.list_values()) == 100
        assert (await client.info())["connections"] == 1

    run(kernel, scenario)


def test_tasks_that_meet_a_lost_connection_all_learn_of_it_or_connect_again(kernel: KernelProcess) -> None:
    async def scenario(client: AsyncPapa) -> None:
        await client.close()

        results = await asyncio.gather(*(client.get("a") for _ in range(10)))

        assert results == [None] * 10
        assert (await client.info())["connections"] == 1

    run(kernel, scenario)


def test_a_read_that_is_cancelled_loses_nothing(kernel: KernelProcess, tmp_path: Path) -> None:
    async def scenario(client: AsyncPapa) -> None:
        with Gate(tmp_path / "gate") as gate:
            await client.make_process("p", "/bin/sh", ["-c", f"{gate.wait}; echo one; exit 3"])
            async with await client.watch_processes("p") as watcher:
                for _ in range(3):
                    with pytest.raises(TimeoutError):
                        async with asyncio.timeout(0.02):
                            await watcher.read()
                gate.open()
                out = b""
                async for batch in watcher:
                    out += b"".join(record.data for record in batch[0])

        assert out == b"one\n"
        assert watcher.exit_code == {"p": 3}

    run(kernel, scenario)


def test_a_large_batch_that_is_cancelled_over_and_over_arrives_whole(kernel: KernelProcess) -> None:
    async def scenario(client: AsyncPapa) -> None:
        count = 200_000
        await client.make_process("p", "/bin/sh", ["-c", f"seq 1 {count}"], bufsize="4m")
        out = b""
        async with await client.watch_processes("p") as watcher:
            while watcher:
                task = asyncio.create_task(watcher.read())
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
                batch = await watcher.read() if task.cancelled() else task.result()
                out += b"".join(record.data for record in batch[0])

        assert out == "".join(f"{number}\n" for number in range(1, count + 1)).encode()

    run(kernel, scenario)


def test_each_watcher_has_a_connection_of_its_own(kernel: KernelProcess) -> None:
    async def scenario(client: AsyncPapa) -> None:
        for name in ("p", "q"):
            await client.make_process(name, "/bin/sh", ["-c", f"echo {name}; exec sleep 100"])
        async with await client.watch_processes("p") as first, await client.tail_processes("q") as second:
            batches = await asyncio.gather(first.read(), second.read())
            assert [batch[0][0].data for batch in batches] == [b"p\n", b"q\n"]
            assert (await client.info())["connections"] == 3

    run(kernel, scenario)


def test_leaving_by_cancellation_acknowledges_nothing(kernel: KernelProcess) -> None:
    async def scenario(client: AsyncPapa) -> None:
        await client.make_process("p", "/bin/sh", ["-c", "echo one; exec sleep 100"])
        read = asyncio.Event()

        async def watch() -> None:
            async with await client.watch_processes("p") as watcher:
                await watcher.read()
                read.set()
                await asyncio.sleep(3600)

        task = asyncio.create_task(watch())
        await read.wait()
        task.cancel()
        await asyncio.wait([task])

        async with await client.watch_processes("p") as watcher:
            assert [record.data for record in (await watcher.read())[0]] == [b"one\n"]

    run(kernel, scenario)


def test_connect_is_for_those_who_do_without_a_with_statement(kernel: KernelProcess) -> None:
    async def scenario() -> None:
        client = await AsyncPapa(kernel.port, TIMEOUT).connect()
        try:
            assert await client.connect() is client
            assert (await client.info())["pid"] == kernel.pid
        finally:
            await client.close()
        await client.close()

    asyncio.run(scenario())


def test_a_client_connects_at_its_first_command(kernel: KernelProcess) -> None:
    async def scenario() -> None:
        client = AsyncPapa(kernel.port, TIMEOUT)
        await client.set("a", "")

        assert await client.get("a") == ""
        await client.close()

    asyncio.run(scenario())
