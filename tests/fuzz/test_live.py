"""A kernel under attack: others notice nothing, and afterwards nothing is left of it."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fuzz.amounts import LINES, SEED
from fuzz.attack import attack
from fuzz.canary import Canary
from fuzz.census import Census
from fuzz.harmless import CANARY, Guard
from papa import Papa
from support.kernels import KernelProcess
from support.proc import descriptors, resident
from support.waiting import wait_for

# What is freed is not given back where something small has stayed next to it.
_MEMORY_BOUND = 8 << 20
# The C library would keep twice the largest piece that was ever freed (mallopt(3)), and lines can be long.
_GIVES_BACK = {"MALLOC_TRIM_THRESHOLD_": "131072"}
# The canary's output comes in records, of which now more, now fewer are held.
_BLOCKS_BOUND = 3000


@pytest.fixture
def census(tmp_path: Path) -> Census:
    folder = tmp_path / "census"
    folder.mkdir()
    return Census(folder)


@pytest.fixture
def kernel(start_kernel: Callable[..., KernelProcess], census: Census) -> KernelProcess:
    """A kernel whose objects can be counted."""
    return start_kernel(env={**census.env, **_GIVES_BACK})


@pytest.fixture
def canary(kernel: KernelProcess, tmp_path: Path) -> Iterator[Canary]:
    """A canary that has begun to sing."""
    canary = Canary(kernel.path, tmp_path / "stop")
    wait_for(lambda: canary.out, "it writes")
    yield canary
    canary.end()


def clean(client: Papa) -> None:
    """Remove whatever the attack has made."""
    for name in client.list_values():
        client.set(name, None)
    client.remove_sockets("*")
    # One by one, and the list anew each time: some of the names stand for others as well.
    while names := client.list_processes().keys() - {CANARY}:
        client.remove_processes(names.pop())


def held(kernel: KernelProcess, client: Papa) -> dict[str, object]:
    """Return what a kernel holds once it is quiet again: what must be the same before and after."""
    wait_for(lambda: client.info()["connections"] == 2, "every connection of the attack has ended")
    clean(client)
    wait_for(lambda: len(kernel.children()) == 1, "every process of the attack has been reaped")
    counts = ("connections", "sockets", "values", "processes", "running", "unsent", "value_bytes")
    info = client.info()
    return {
        **{key: info[key] for key in counts},  # type: ignore[literal-required]
        "descriptors": Counter(descriptors(kernel.pid).values()),
        "children": kernel.children(),
    }


def test_a_kernel_under_attack_serves_others_and_leaks_nothing(
    kernel: KernelProcess, canary: Canary, census: Census, tmp_path: Path
) -> None:
    folder = tmp_path / "sockets"
    folder.mkdir()
    guard = Guard(str(folder), canary.pid)
    endpoints = (kernel.port, kernel.path)
    with Papa(kernel.path) as client:
        attack(endpoints, f"{SEED} before", guard, LINES // 10)  # so that every cache is filled
        before, memory, blocks = held(kernel, client), resident(kernel.pid), census.count(kernel)
        begun = time.monotonic()

        figures = attack(endpoints, str(SEED), guard, LINES)

        took = time.monotonic() - begun
        after, growth = held(kernel, client), resident(kernel.pid) - memory
        more_blocks = census.count(kernel) - blocks
    canary.end()
    print(f"seed {SEED}: {figures}; {took:.1f} s")
    print(f"memory grew by {growth:,} bytes from {memory:,}, objects by {more_blocks:,} blocks from {blocks:,}")
    canary.check()
    print(f"the canary wrote {len(canary.out) + len(canary.err):,} bytes")
    assert after == before
    assert growth < _MEMORY_BOUND
    assert more_blocks < _BLOCKS_BOUND
    assert not list(folder.iterdir())
    assert "Traceback" not in kernel.log_text(), kernel.log_text()
