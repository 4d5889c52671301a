"""A link to a kernel whose bytes come slowly: whoever sends answers, however long a list takes."""

import asyncio
from pathlib import Path

import pytest

import papa
from papa_console.dashboard.held import keeping
from papa_console.dashboard.held.snapshot import Connection
from support.kernels import KernelProcess
from support.links import PIECE_SECONDS, Proxy, linked, until_connection

PATIENCE = 0.5
PIECE = 1024
LONG = "x" * 1000


def test_a_list_that_takes_longer_than_patience_lasts_arrives_all_the_same(
    kernel: KernelProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PATIENCE", PATIENCE)
    names = [f"value.{number:02}" for number in range(30)]
    assert len(names) * PIECE_SECONDS > 2 * PATIENCE
    with papa.Papa(kernel.path) as client:
        for name in names:
            client.set(name, LONG)

    async def main() -> None:
        async with Proxy(str(tmp_path / "slow"), kernel.path, PIECE) as proxy, linked(proxy.path) as link:
            await until_connection(link, Connection.UP)

            assert list(link.snapshot.values) == names
            assert await link.request(["get", names[0]]) == LONG

    asyncio.run(main())
