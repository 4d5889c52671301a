"""The kernel of papa 1.0.6 knows no positions: nothing is saved, nothing is acknowledged, and the reason is told."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

import papa
from papa.aio import AsyncPapa
from papa_console.dashboard.files.drain import Drain
from papa_console.dashboard.files.receipt import save_and_release
from papa_console.dashboard.files.records import NotSavedError
from support.peers import OldKernel, require_peers

WHY = "this kernel is papa 1.0, which cannot acknowledge up to a line"


@pytest.fixture
def old_kernel() -> Iterator[OldKernel]:
    require_peers()
    process = OldKernel()
    with papa.Papa(process.path) as client:
        client.make_process("web", "/bin/sh", ["-c", "echo one; exec sleep 100"])
    yield process
    process.stop()


def test_saving_says_why_it_cannot_be(old_kernel: OldKernel, tmp_path: Path) -> None:
    async def main() -> None:
        async with AsyncPapa(old_kernel.path) as client:
            await save_and_release(client, "web", 4, folder=tmp_path)

    with pytest.raises(NotSavedError, match=f"^{WHY}$"):
        asyncio.run(main())

    assert list(tmp_path.iterdir()) == []


def test_a_drain_says_why_it_cannot_be(old_kernel: OldKernel, tmp_path: Path) -> None:
    drain = Drain(old_kernel.path, "web", folder=tmp_path)

    async def main() -> None:
        drain.start()
        while drain.running:
            await asyncio.sleep(0.005)
        await drain.stop()

    asyncio.run(main())

    assert drain.problem == WHY
    assert list(tmp_path.iterdir()) == []
