"""What measures the rows: for each bench how a kernel is measured, and how the limit is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.speed import capture, clients, delays, idle, lists, load, requests, scale, spawning
from benchmarks.speed.requests import Found
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.subjects import BARE, Subject

Measure = Callable[[Subject, Sizes], Found]
Limit = Callable[[Sizes], Found]


@dataclass(frozen=True)
class Bench:
    """How some rows are measured.

    Args:
        measure: with a kernel.
        limit: without one.
        seconds: how long each may take.
        rounds: at most so many, where one takes long.
    """

    measure: Measure
    limit: Limit | None = None
    seconds: float = 60
    rounds: int = 1000


def _with_bare(measure: Measure) -> Bench:
    """Return a bench whose limit is a server that answers without doing anything."""
    return Bench(measure, partial(measure, BARE))


BENCHES = {
    "round-trip.tcp": _with_bare(partial(requests.round_trips, tcp=True)),
    "round-trip.unix": _with_bare(partial(requests.round_trips, tcp=False)),
    "pipelined.tcp": _with_bare(partial(requests.pipelined, tcp=True)),
    "pipelined.unix": _with_bare(partial(requests.pipelined, tcp=False)),
    "clients": _with_bare(requests.many_clients),
    "list": Bench(lists.lists),
    "spawn.none": Bench(
        lambda subject, sizes: spawning.spawns(subject, sizes, held=0),
        lambda sizes: spawning.spawns_limit(sizes, held=0),
    ),
    "spawn.held": Bench(
        lambda subject, sizes: spawning.spawns(subject, sizes, held=sizes.held),
        lambda sizes: spawning.spawns_limit(sizes, held=sizes.held),
    ),
    "capture.tcp": Bench(partial(capture.capture, tcp=True), partial(capture.capture_limit, name="capture.tcp")),
    "capture.unix": Bench(partial(capture.capture, tcp=False), partial(capture.capture_limit, name="capture.unix")),
    "capture.nobody": Bench(capture.unwatched, partial(capture.capture_limit, name="capture.nobody")),
    "lines": Bench(capture.lines, capture.lines_limit),
    "talkers": Bench(capture.talkers),
    "delay.alone": Bench(delays.delay, partial(delays.delay_limit, name="delay")),
    "delay.held": Bench(delays.delay_held, partial(delays.delay_limit, name="delay.held")),
    "load": Bench(load.load),
    "idle": Bench(idle.idle, idle.idle_limit),
    "start": Bench(idle.start, idle.start_limit),
    "scale": Bench(scale.scale, scale.scale_limit, seconds=180, rounds=2),
    "client": Bench(clients.clients),
}
