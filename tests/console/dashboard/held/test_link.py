"""The link: how it is connected, and what it says when it is not."""

import asyncio
import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import papa
from papa_console.dashboard.held import keeping
from papa_console.dashboard.held.link import Link
from papa_console.dashboard.held.snapshot import Connection
from support.kernels import KernelProcess
from support.links import held, linked, until, until_connection, until_up

StartKernel = Callable[..., KernelProcess]


@pytest.fixture
def path() -> Iterator[str]:
    """Where nothing listens yet; short enough for a Unix socket."""
    with tempfile.TemporaryDirectory(prefix="papa-link-") as folder:
        yield f"{folder}/papa.sock"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a kernel that does not answer count as lost soon."""
    monkeypatch.setattr(keeping, "PATIENCE", 0.3)


def test_everything_that_the_kernel_holds_is_in_the_snapshot(kernel: KernelProcess) -> None:
    async def main() -> None:
        with papa.Papa(kernel.path) as client:
            client.make_process("web.1", "/bin/sleep", ["1000"], working_dir="/")
            client.make_socket("web")
            client.set("motd", "two words\n")

        async with linked(kernel.port) as link:
            await until_up(link)

            assert held(link) == (["web.1"], ["web"], {"motd": "two words\n"})
            assert link.snapshot.processes["web.1"]["working_dir"] == "/"
            assert link.snapshot.kernel.info["pid"] == kernel.pid
            assert link.snapshot.kernel.endpoint == f"127.0.0.1:{kernel.port}"
            assert (link.snapshot.kernel.epoch, link.snapshot.kernel.reason, link.note) == (1, "", "")

    asyncio.run(main())


def test_a_change_made_by_others_is_seen_and_what_did_not_change_stays_the_same_object(kernel: KernelProcess) -> None:
    async def main() -> None:
        with papa.Papa(kernel.path) as client:
            client.make_process("p", "/bin/sleep", ["1000"])
            async with linked(kernel.path) as link:
                await until_up(link)
                before = link.snapshot

                client.set("a", "1")
                await until(lambda: link.snapshot.values, "the value is seen")

                assert link.snapshot.values == {"a": "1"}
                assert link.snapshot.processes is before.processes
                assert link.snapshot.sockets is before.sockets
                assert link.snapshot.revision > before.revision
                assert link.snapshot.taken > before.taken

    asyncio.run(main())


def test_a_refresh_lists_nothing_when_nothing_can_have_changed(kernel: KernelProcess) -> None:
    async def main() -> None:
        with papa.Papa(kernel.path) as client:
            client.make_process("p", "/bin/sleep", ["1000"])
        async with linked(kernel.path) as link:
            await until_up(link)
            await link.refresh_now()  # our own connection may have been counted in between
            first, revision = link.wire.next, link.snapshot.revision

            for _ in range(5):
                await link.refresh_now()

            sent = [line.text for line in link.wire.since(first) if line.direction == ">"]
            assert len(sent) >= 5
            assert set(sent) == {"info"}
            assert link.snapshot.revision == revision

    asyncio.run(main())


def test_only_what_is_visible_is_listed_and_processes_always(kernel: KernelProcess) -> None:
    async def main() -> None:
        async with linked(kernel.path) as link:
            await until_up(link)
            link.visible = {"sockets"}
            first = link.wire.next

            await link.request(["set", "a", "1"])
            await link.refresh_now()
            sent = {line.text for line in link.wire.since(first) if line.direction == ">"}
            unseen = dict(link.snapshot.values)
            link.visible = {"values"}
            await until(lambda: link.snapshot.values, "values are listed once they are visible")

            assert sent == {"set a 1", "info", "list processes", "list sockets"}
            assert unseen == {}

    asyncio.run(main())


def test_no_kernel_is_absent_and_found_once_one_starts(path: str, start_kernel: StartKernel) -> None:
    async def main() -> None:
        async with linked(path) as link:
            await until_connection(link, Connection.ABSENT)
            kernel = link.snapshot.kernel
            start_kernel("-u", path)
            link.retry()
            await until_up(link)

            assert kernel.reason == f"no kernel listens at {path}"
            assert kernel.retry_at is not None
            assert kernel.epoch == 0

    asyncio.run(main())


def kill_kernel(path: str) -> None:
    with papa.Papa(path, start=False) as client:
        os.kill(client.info()["pid"], signal.SIGKILL)


def test_a_kernel_is_started_only_by_the_first_attempt(path: str) -> None:
    async def main() -> None:
        async with linked(path, start=True) as link:
            await until_up(link)
            kill_kernel(path)
            await until_connection(link, Connection.LOST)
            link.retry()
            await until(lambda: "No kernel" in [*link.wire.since()][-1].text, "it has tried again")

            assert link.snapshot.kernel.connection is Connection.LOST

    asyncio.run(main())


def test_a_user_can_have_a_kernel_started(path: str) -> None:
    async def main() -> None:
        async with linked(path) as link:
            await until_connection(link, Connection.ABSENT)

            await link.start_kernel()

            assert link.snapshot.kernel.connection is Connection.UP
            kill_kernel(path)

    asyncio.run(main())


def test_a_kernel_that_cannot_be_started_says_why(tmp_path: Path) -> None:
    async def main() -> None:
        async with linked(str(tmp_path / "no" / "such" / "folder")) as link:
            await until_connection(link, Connection.ABSENT)

            with pytest.raises(papa.Error, match="folder does not exist"):
                await link.start_kernel()

    asyncio.run(main())


def test_a_killed_kernel_is_lost_but_what_it_held_stays_and_the_next_one_is_another(
    path: str, start_kernel: StartKernel
) -> None:
    async def main() -> None:
        first = start_kernel("-u", path)
        with papa.Papa(path) as client:
            client.set("a", "1")
        async with linked(path) as link:
            await until_up(link)
            taken = link.snapshot.taken

            first.signal(signal.SIGKILL)
            first.wait()
            await until_connection(link, Connection.LOST)
            lost = link.snapshot
            second = start_kernel("-u", path)
            await until_up(link)

            assert (lost.values, lost.taken, lost.kernel.info["pid"]) == ({"a": "1"}, taken, first.pid)
            assert lost.kernel.retry_at is not None
            assert held(link) == ([], [], {})
            assert (link.snapshot.kernel.epoch, link.snapshot.kernel.info["pid"]) == (2, second.pid)

    asyncio.run(main())


def test_a_kernel_that_hangs_is_lost_and_goes_on_as_the_same(kernel: KernelProcess, impatient: None) -> None:
    async def main() -> None:
        async with linked(kernel.path) as link:
            await until_up(link)

            kernel.signal(signal.SIGSTOP)
            await until_connection(link, Connection.LOST)
            reason = link.snapshot.kernel.reason
            with pytest.raises(papa.Error, match="Not connected to the kernel: The kernel did not answer"):
                await link.request(["set", "a", "1"])
            kernel.signal(signal.SIGCONT)
            await until_up(link)

            assert "did not answer in 0.3 s" in reason
            assert link.snapshot.kernel.epoch == 1

    asyncio.run(main())


def test_a_kernel_that_hangs_from_the_start_says_so(kernel: KernelProcess, impatient: None) -> None:
    async def main() -> None:
        kernel.signal(signal.SIGSTOP)
        async with linked(kernel.port) as link:
            await until(lambda: link.snapshot.kernel.reason, "a reason is told")

            assert link.snapshot.kernel.connection is Connection.CONNECTING
            assert link.snapshot.kernel.reason == f"127.0.0.1:{kernel.port} does not answer"
            kernel.signal(signal.SIGCONT)
            await until_up(link)

    asyncio.run(main())


# What something else may say to a new connection, what it does then, and what is made of it.
STRANGERS = {
    "it greets and waits": (b"SSH-2.0-OpenSSH_9\r\n", False, Connection.REFUSED, "SSH-2.0-OpenSSH_9"),
    "it greets and closes": (b"220 mail ready\r\n", True, Connection.REFUSED, "220 mail ready"),
    "it has a prompt": (b"router> ", False, Connection.REFUSED, "no kernel"),
    "it closes at once": (b"", True, Connection.CONNECTING, "closed the connection"),
    "it has no descriptors": (b"Error: try again later\n", True, Connection.CONNECTING, "try again later"),
}


@pytest.mark.parametrize(("greeting", "closes", "connection", "reason"), STRANGERS.values(), ids=STRANGERS)
def test_what_is_not_a_kernel_is_refused(
    path: str,
    request: pytest.FixtureRequest,
    greeting: bytes,
    closes: bool,
    connection: Connection,
    reason: str,
) -> None:
    if not closes:  # who closes is to be heard, however slow the machine is
        request.getfixturevalue("impatient")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        if closes:
            writer.close()
        while await reader.read(1000):
            writer.write(b"what?\n> ")
        writer.close()

    async def main() -> None:
        server = await asyncio.start_unix_server(talk, path)
        async with server, linked(path) as link:
            await until(lambda: link.snapshot.kernel.reason, "a reason is told")

            assert link.snapshot.kernel.connection is connection
            assert reason in link.snapshot.kernel.reason

    asyncio.run(main())


def test_a_kernel_of_another_user_is_refused_with_what_to_do(kernel: KernelProcess) -> None:
    async def main() -> None:
        Path(kernel.path).chmod(0)
        if not os.getuid():
            kernel.folder.chmod(0o711)
            os.seteuid(65534)
        try:
            async with linked(kernel.path) as link:
                await until_connection(link, Connection.REFUSED)

                assert link.snapshot.kernel.reason.startswith("permission denied: it belongs to ")
                assert "sudo -u" in link.snapshot.kernel.reason
        finally:
            if not os.getuid():
                os.seteuid(0)

    asyncio.run(main())


def test_what_is_sent_and_received_is_logged(kernel: KernelProcess) -> None:
    async def main() -> None:
        async with linked(kernel.path) as link:
            await until_up(link)
            first = link.wire.next

            await link.request(["set", "a", "1"])
            await link.request(["get", "a"])

            logged = [(line.connection, line.direction, line.text) for line in link.wire.since(first)]
            exchange = [("kernel", ">", "set a 1"), ("kernel", "<", ""), ("kernel", ">", "get a"), ("kernel", "<", "1")]
            assert [line for line in logged if line in exchange][:4] == exchange

    asyncio.run(main())


def test_a_link_that_is_cancelled_leaves_no_connection(kernel: KernelProcess) -> None:
    async def main() -> None:
        with papa.Papa(kernel.path) as client:
            client.make_process("p", "/bin/sleep", ["1000"])
            async with linked(kernel.path) as link:
                link.follow(["p"])
                await until(lambda: client.info()["connections"] == 3, "it is connected, and tails")

            await until(lambda: client.info()["connections"] == 1, "nothing of it is left")

    asyncio.run(main())


def test_what_never_connected_can_be_closed() -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            link = Link(server.getsockname()[1])

            await link.close()

            with pytest.raises(papa.Error, match="Not connected"):
                await link.refresh_now()

    asyncio.run(main())
