"""Who is wired to what."""

import asyncio

import pytest

import papa
from papa_console.dashboard.held.link import Link
from papa_console.dashboard.held.wiring import related, sockets_used, users_of
from support.held import process, snapshot
from support.kernels import KernelProcess
from support.wire import TIMEOUT


@pytest.mark.parametrize(
    ("args", "used"),
    [
        ("sleep 1", set()),
        ("serve --fd $(socket.web.fileno)", {"web"}),
        ("serve $(socket.web.port) $(socket.web.fileno)", {"web"}),
        ("serve $(socket.a.b.fileno) x$(socket.c.port)y", {"a.b", "c"}),
        ("serve $(socket.web.path) $(socket.web) $(socket..) $(socket.", set()),
        ("echo socket.web.fileno", set()),
    ],
)
def test_placeholders_tell_which_sockets_a_process_uses(args: str, used: set[str]) -> None:
    assert sockets_used(process(args=args)) == used


def test_a_process_without_arguments_uses_none() -> None:
    assert sockets_used({"pid": 1}) == set()


def test_users_are_known_of_held_sockets_only() -> None:
    held = snapshot(
        {
            "web.2": process(args="serve $(socket.web.fileno)"),
            "web.1": process(args="serve $(socket.web.fileno) $(socket.gone.port)"),
            "cron": process(),
        },
        {"web": {}, "unused": {}},
    )

    assert users_of(held) == {"web": ["web.1", "web.2"]}


@pytest.mark.parametrize(
    ("kind", "name", "processes", "sockets", "values"),
    [
        ("processes", "web.1", set(), {"web"}, {"web.version", "web"}),
        ("processes", "cron", set(), set(), set()),
        ("processes", "gone", set(), set(), set()),
        ("sockets", "web", {"web.1"}, set(), set()),
        ("sockets", "unused", set(), set(), set()),
        ("values", "web.version", {"web.1", "web.2"}, set(), set()),
        ("values", "web", {"web.1", "web.2"}, set(), set()),
        ("values", "motd", set(), set(), set()),
    ],
)
def test_rows_are_related_by_sockets_and_by_namespace(
    kind: str, name: str, processes: set[str], sockets: set[str], values: set[str]
) -> None:
    held = snapshot(
        {"web.1": process(args="x $(socket.web.port)"), "web.2": process(), "cron": process()},
        {"web": {}, "unused": {}},
        {"web.version": "1", "web": "on", "motd": "hello"},
    )

    found = related(held, kind, name)

    assert found == {"processes": processes, "sockets": sockets, "values": values}


def test_a_real_kernel_lists_arguments_with_their_placeholders(kernel: KernelProcess) -> None:
    with papa.Papa(kernel.path) as client:
        client.make_socket("web", host="127.0.0.1", port=0)
        client.make_process("server", "sleep", ["60", "$(socket.web.port)"])
        client.make_process("other", "sleep", ["60"])

    async def main() -> dict[str, list[str]]:
        link = Link(kernel.path)
        link.visible |= {"processes", "sockets"}
        running = asyncio.create_task(link.run())
        async with asyncio.timeout(TIMEOUT):
            while not (link.snapshot.sockets and len(link.snapshot.processes) == 2):
                await asyncio.sleep(0.01)
        users = users_of(link.snapshot)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return users

    assert asyncio.run(main()) == {"web": ["server"]}
