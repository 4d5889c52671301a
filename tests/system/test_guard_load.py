"""Kernels under a guardian that are killed at random under load: what can be lost, and that nothing else is."""

import random
import sys
import time
from pathlib import Path

import pytest

from papa_protocol.words import Dialect, join_words
from support.crash_load import Actor, Binder, Connector, Maker, Reader, Setter
from support.guarded import Caller, GuardedKernel
from support.proc import descriptors, resident, settled_wake_ups
from support.waiting import wait_for
from support.watching import watch_to_end
from support.wire import TIMEOUT

CRASHES = 20
MEBIBYTE = 1 << 20
_WRITER = """
import os, sys, time
n = 0
while not os.path.exists(sys.argv[1]):
    data = b"".join(b"%08d\\n" % i for i in range(n, n + 500))
    for fd in (1, 2):
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(fd, rest):]
    n += 500
    time.sleep(0.002)
sys.exit(5)
"""


def crash_often(guarded: GuardedKernel, randomly: random.Random, actors: list[Actor]) -> float:
    """Kill kernel after kernel, each after a short life; return how long the longest was waited for."""
    longest = 0.0
    for _ in range(CRASHES):
        time.sleep(randomly.uniform(0.0, 0.15))
        guarded.crash()
        began = time.monotonic()
        guarded.connect().close()
        longest = max(longest, time.monotonic() - began)
        assert all(actor.is_alive() for actor in actors), [actor.failure for actor in actors]
    return longest


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_lost_however_often_the_kernel_is_killed(guarded: GuardedKernel, seed: int, tmp_path: Path) -> None:
    randomly = random.Random(seed)
    print(f"seed {seed}")
    endpoints: list[int | str] = [guarded.port, guarded.path]
    caller = Caller(guarded.path)
    (tmp_path / "writer").write_text(_WRITER)
    for name in ("w0", "w1"):
        words = [
            "make",
            "process",
            name,
            "bufsize=64m",
            sys.executable,
            "-I",
            "-S",
            str(tmp_path / "writer"),
            f"{tmp_path}/end",
        ]
        caller.command(join_words(words, Dialect.V1))
    caller.close()
    readers = [Reader(endpoint, seed, f"w{number}") for number, endpoint in enumerate(endpoints)]
    maker = Maker(guarded.path, seed, tmp_path)
    actors = [*readers, maker, Setter(guarded.port, seed), Binder(guarded.path, seed), Connector(guarded.port, seed)]
    for actor in actors:
        actor.start()

    longest = crash_often(guarded, randomly, actors)
    for actor in actors:
        if actor not in readers:
            actor.finish()
    (tmp_path / "end").touch()
    for reader in readers:
        reader.join(TIMEOUT)
        reader.finish()

    print(
        f"{CRASHES} crashes, the next answers after {longest:.2f} s at most;",
        *(f"{type(a).__name__} {a.done}" for a in actors),
    )
    for reader in readers:
        assert reader.status == 5
        for kind in ("out", "err"):
            data = reader.read(kind)
            assert data == b"".join(b"%08d\n" % number for number in range(len(data) // 9))
            assert len(data) > 9 * 1000
    with guarded.connect() as wire:
        seen = watch_to_end(wire, "e*")
    assert {name: each.statuses for name, each in seen.items()} == {k: [v] for k, v in maker.expected.items()}
    assert maker.runs == dict.fromkeys(maker.expected, 1)
    assert guarded.served() >= CRASHES


def test_a_guardian_does_not_grow(guarded: GuardedKernel) -> None:
    caller = Caller(guarded.path)
    caller.command("make process y bufsize=1m /bin/sh -c while\\ echo\\ x;\\ do\\ sleep\\ 0.01;\\ done")
    for _ in range(3):
        guarded.crash()
        caller.command("list processes")
    settled_wake_ups(guarded.pid)
    before, size = len(descriptors(guarded.pid)), resident(guarded.pid)

    for _ in range(CRASHES):
        guarded.crash()
        caller.command("list processes")

    print(f"{size / MEBIBYTE:.1f} MiB before, {resident(guarded.pid) / MEBIBYTE:.1f} MiB after {CRASHES} crashes")
    wait_for(lambda: len(descriptors(guarded.pid)) == before, "it holds no more descriptors")
    assert resident(guarded.pid) < size + MEBIBYTE // 4
    caller.close()
