"""Starting processes: ``/bin/true``, a group of commands at a time, until all have ended."""

import subprocess
import sys
import time

from benchmarks.speed.holding import hold
from benchmarks.speed.places import PACKAGE
from benchmarks.speed.requests import Found
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.sleeper import sleeper
from benchmarks.speed.subjects import Subject, running
from benchmarks.speed.wire import Wire

# What is measured is the kernel, not the time that a client takes to ask for the next.
_WINDOW = 20
OPTIONS = {"captured": b"", "uncaptured": b"bufsize=0 "}


def spawn_rate(wire: Wire, count: int, prefix: str, options: bytes = b"") -> float:
    """Return how many processes a second are started and end."""
    name = prefix.encode()
    lines = [b"make process %s.%d %s/bin/true" % (name, number, options) for number in range(count)]
    started = time.perf_counter()
    wire.ask_all(lines, window=_WINDOW)
    while b"running=True" in wire.ask(b"list processes %s.*" % name):
        time.sleep(0.002)
    return count / (time.perf_counter() - started)


def spawns(subject: Subject, sizes: Sizes, *, held: int) -> Found:
    """Start processes while others are held."""
    found: Found = {}
    with running(subject) as kernel:
        wire = kernel.connect()
        hold(wire, min(held, subject.most))
        for name, options in OPTIONS.items():
            spawn_rate(wire, sizes.spawns // 10, f"warm.{name}", options)
            found[_key(held, name)] = spawn_rate(wire, sizes.spawns, name, options)
    return found


def _key(held: int, name: str) -> str:
    return f"spawn.{'held' if held else 'none'}.{name}"


def posix_spawn_rate(count: int, held: int) -> float:
    """Return how many processes a second os.posix_spawn starts, in a fresh process that holds others."""
    command = [sys.executable, "-I", "-S", str(PACKAGE / "posix_spawner.py"), str(count), str(held), *sleeper().split()]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def spawns_limit(sizes: Sizes, *, held: int) -> Found:
    """Start the same with os.posix_spawn and two pipes."""
    rate = posix_spawn_rate(sizes.spawns, held)
    return {_key(held, name): rate for name in OPTIONS}
