"""Listing two of many values, by name and by pattern, beside the same list where there are only these two."""

import time

from benchmarks.speed.quantiles import part
from benchmarks.speed.requests import Found
from benchmarks.speed.sharing import one_cpu
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.subjects import Kernel, Subject, running

BY_NAME = b"list values x.1 x.2"
BY_PATTERN = b"list values y.*"
MOST_SECONDS = 1.0


def list_time(kernel: Kernel, line: bytes, count: int) -> float:
    """Return the median time of a list of two in microseconds."""
    times: list[float] = []
    until = time.perf_counter() + MOST_SECONDS
    with one_cpu(kernel.pid):
        wire = kernel.connect()
        while len(times) < count and time.perf_counter() < until:
            started = time.perf_counter()
            rows = wire.ask(line)
            times.append(time.perf_counter() - started)
    if rows.count(b"\n") != 1:
        raise RuntimeError("the list has not two rows")
    return part(times[len(times) // 10 :], 0.5) * 1e6


def lists(subject: Subject, sizes: Sizes) -> Found:
    """List two values alone, then among many."""
    found: Found = {}
    with running(subject) as kernel:
        wire = kernel.connect()
        for name, line in (("name", BY_NAME), ("pattern", BY_PATTERN)):
            letter = line.split()[2][:1]
            wire.ask_all([b"set %s.%d v" % (letter, number) for number in (1, 2)])
            found[f"list.{name}.alone"] = list_time(kernel, line, sizes.lists)
        wire.ask_all([b"set z.%d some\\ value" % number for number in range(sizes.values)])
        found["list.name"] = list_time(kernel, BY_NAME, sizes.lists)
        found["list.pattern"] = list_time(kernel, BY_PATTERN, sizes.lists)
    return found
