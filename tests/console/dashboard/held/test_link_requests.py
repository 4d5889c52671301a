"""What the link asks for a user, and what it remembers of what others did."""

import asyncio
import os
import signal

import pytest

import papa
from papa_console.dashboard.held.snapshot import Connection
from support.kernels import KernelProcess
from support.links import held, linked, until, until_connection, until_up


def test_a_request_is_answered_and_its_effect_is_seen_at_once(kernel: KernelProcess) -> None:
    async def main() -> None:
        async with linked(kernel.path) as link:
            await until_up(link)

            row = await link.request(["make", "process", "p", "/bin/sleep", "1000"])
            await link.refresh_now()

            assert row.startswith("p pid=")
            assert held(link)[0] == ["p"]
            assert await link.request(["set", "v", "Error: a value"]) == ""
            assert await link.request(["get", "v"]) == r"Error:\ a\ value"

    asyncio.run(main())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bogus"], "Unknown command"),
        (["get"], "needs NAME"),
        (["remove", "processes", "nosuch"], "There is no process nosuch"),
        (["watch", "processes", "*"], "take the output away"),
        (["tail", "processes", "*"], "a connection of its own"),
        (["make", "process", "p", "watch=1", "/bin/true"], "take the output away"),
        (["make", "process", "p", "bufsize=x", "/bin/true"], "bufsize"),
        (["protocol", "1"], "the console chose the dialect"),
        (["quit"], "press q"),
    ],
)
def test_a_request_that_cannot_be_is_refused_and_the_link_goes_on(
    kernel: KernelProcess, words: list[str], message: str
) -> None:
    async def main() -> None:
        async with linked(kernel.path) as link:
            await until_up(link)

            with pytest.raises(papa.Error, match=message):
                await link.request(words)

            assert (await link.request(["info"])).startswith("version ")
            assert held(link) == ([], [], {})

    asyncio.run(main())


def test_a_request_whose_reply_does_not_come_says_that_it_may_have_run(kernel: KernelProcess) -> None:
    async def main() -> None:
        async with linked(kernel.path, timeout=1.5) as link:
            await until_up(link)
            kernel.signal(signal.SIGSTOP)

            with pytest.raises(papa.Error, match="it may have run; check with: get a"):
                await link.request(["set", "a", "1"])

            kernel.signal(signal.SIGCONT)

    asyncio.run(main())


def test_a_request_that_is_cancelled_does_no_harm(kernel: KernelProcess) -> None:
    async def main() -> None:
        states: set[Connection] = set()
        async with linked(kernel.path) as link:
            await until_up(link)
            link.on_change = lambda: states.add(link.snapshot.kernel.connection)
            kernel.signal(signal.SIGSTOP)
            request = asyncio.create_task(link.request(["set", "a", "1"]))
            await until(lambda: [*link.wire.since()][-1].text == "set a 1", "it has been sent")

            request.cancel()
            kernel.signal(signal.SIGCONT)
            await until(lambda: link.snapshot.values, "the kernel had received it")

            assert states == {Connection.UP}
            assert link.snapshot.kernel.epoch == 1

    asyncio.run(main())


def test_an_idle_kernel_that_is_asked_to_ends_although_the_link_was_connected(kernel: KernelProcess) -> None:
    async def main() -> None:
        async with linked(kernel.path) as link:
            await until_up(link)

            reply = await link.request(["exit-if-idle"])
            status = await asyncio.to_thread(kernel.wait)
            await until_connection(link, Connection.LOST)

            assert (reply, status) == ("Exiting papa!", 0)

    asyncio.run(main())


def test_changes_of_values_are_remembered(kernel: KernelProcess) -> None:
    async def main() -> None:
        async with linked(kernel.path) as link:
            await until_up(link)

            for text in ("1", "2", "2", "3"):
                await link.request(["set", "a", text])
                await link.refresh_now()

            assert [text for _, text in link.history.values["a"]] == ["1", "2", "3"]

    asyncio.run(main())


def test_an_end_is_remembered(kernel: KernelProcess) -> None:
    async def main() -> None:
        async with linked(kernel.path) as link:
            await until_up(link)
            await link.request(["make", "process", "p", "/bin/sleep", "1000"])
            await link.refresh_now()

            os.kill(link.snapshot.processes["p"]["pid"], signal.SIGTERM)
            await until(lambda: "status" in link.snapshot.processes["p"], "the end is seen")

            assert link.snapshot.processes["p"]["status"] == -signal.SIGTERM
            ended = link.history.ended("p")
            assert ended is not None
            assert link.snapshot.processes["p"]["started"] < ended <= link.snapshot.taken

    asyncio.run(main())
