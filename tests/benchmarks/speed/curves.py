"""How figures grow with the number of processes held and of clients: ``python -m benchmarks.speed curves``."""

import contextlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from statistics import median

from benchmarks.speed.delays import pipe_delays, watch_delays
from benchmarks.speed.guard import deadline
from benchmarks.speed.holding import hold, resident
from benchmarks.speed.quantiles import part
from benchmarks.speed.requests import Found, lock_step, trip_times
from benchmarks.speed.scale import machine_limit
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.spawning import posix_spawn_rate, spawn_rate
from benchmarks.speed.subjects import BARE, PAPA_1, Kernel, Subject, running
from benchmarks.speed.wire import Wire, WireError

PROCESSES = (1, 10, 100, 1000, 10_000)
CLIENTS = (1, 10, 100, 1000)
SECONDS = 240

# By what is measured and by column: the points, and at each what was found in each round.
Points = dict[str, dict[str, dict[int, list[float]]]]
Found_at = tuple[int, Found]


def _counts(sizes: Sizes, subject: Subject) -> list[int]:
    """Return how many processes to hold: up to what the machine and the subject bear."""
    most = min(machine_limit(sizes.scale)[0], subject.most)
    return sorted({min(count, most) for count in PROCESSES if count // 10 < most})


def with_processes(subject: Subject, sizes: Sizes) -> Iterator[Found_at]:
    """Hold more and more processes in one kernel."""
    with running(subject) as kernel:
        wire, held = kernel.connect(), 0
        for count in _counts(sizes, subject):
            hold(wire, count - held, f"s{count}")
            held = count
            yield count, _measured(kernel, wire, sizes, count)


def _measured(kernel: Kernel, wire: Wire, sizes: Sizes, count: int) -> Found:
    found = {
        "memory": resident(kernel.pid) / 2**20,
        "get": part(trip_times(kernel, b"get a\n", sizes.round_trips // 3), 0.5) * 1e6,
        "delay": part(watch_delays(kernel, sizes.delay_lines // 2), 0.5),
        "spawn": spawn_rate(wire, sizes.spawns // 2, f"n{count}"),
    }
    with contextlib.suppress(WireError):  # papa 1.0.6 changes the table that it walks over
        wire.ask(f"remove processes n{count}.*".encode())
    return found


def with_processes_limit(_: Subject, sizes: Sizes) -> Iterator[Found_at]:
    """Measure a bare server and a bare pipe once, and posix_spawn with as many processes held."""
    with running(BARE) as kernel:
        trip = part(trip_times(kernel, b"get a\n", sizes.round_trips // 3), 0.5) * 1e6
    delay = part(pipe_delays(sizes.delay_lines // 2), 0.5)
    for count in _counts(sizes, BARE):
        yield count, {"get": trip, "delay": delay, "spawn": posix_spawn_rate(sizes.spawns // 2, count)}


def with_clients(subject: Subject, sizes: Sizes) -> Iterator[Found_at]:
    """Have more and more clients ask and wait."""
    with running(subject, tcp=True) as kernel:
        kernel.connect().ask(b"set a b")
        for count in CLIENTS:
            times, seconds = lock_step(kernel, count, sizes.clients_seconds)
            yield count, {"replies": len(times) / seconds, "p99": part(times, 0.99) * 1e3}


def measure(ours: Subject, sizes: Sizes, rounds: int) -> dict[str, Points]:
    """Return the points of both pictures, by the picture's name."""
    ways = {
        "growth-processes": ((ours, with_processes), (PAPA_1, with_processes), (BARE, with_processes_limit)),
        "growth-clients": ((ours, with_clients), (PAPA_1, with_clients), (BARE, with_clients)),
    }
    pictures: dict[str, Points] = {}
    for name, subjects in ways.items():
        points: Points = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
        for number in range(rounds):
            for subject, way in subjects:
                _collect(points, subject, way(subject, sizes))
                print(f"round {number + 1} of {rounds}: {name}, {subject.key}", file=sys.stderr, flush=True)
        pictures[name] = points
    return pictures


def _collect(points: Points, subject: Subject, found_at: Iterator[Found_at]) -> None:
    try:
        with deadline(SECONDS):
            for count, found in found_at:
                for what, value in found.items():
                    points[what][subject.key][count].append(value)
    except Exception as error:  # noqa: BLE001 - a curve ends where its subject fails
        print(f"{subject.key}: {type(error).__name__}: {error}", file=sys.stderr)


def medians(points: dict[int, list[float]]) -> tuple[list[int], list[float]]:
    """Return a curve's places and values."""
    return sorted(points), [median(points[count]) for count in sorted(points)]


def document(pictures: dict[str, Points]) -> str:
    """Return everything as JSON."""
    return json.dumps(pictures, indent=1) + "\n"
