"""A round: all actors act at once for a while, leave nothing behind, and the kernel is idle."""

import contextlib
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from papa.client import Papa
from soak import cast, vitals
from soak.accounts import expect
from soak.actor import Actor
from soak.stage import PATIENCE, Stage
from soak.vitals import Vitals
from support.kernels import KernelProcess
from support.waiting import wait_for

_SAMPLE_SECONDS = 0.25
_NOTHING = ("sockets", "values", "processes", "running", "buffered", "unsent", "value_bytes")


class FailedError(Exception):
    """The run has failed; the text says who found what."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a round was.

    Args:
        actions: how many, by kind of actor.
        bytes: how many were checked, by kind of actor.
        most_resident: the most memory that was seen, in bytes.
        most_descriptors: the most that were seen.
        most_children: the most that were seen.
        after: the kernel once it was idle again.
    """

    actions: Counter[str]
    bytes: Counter[str]
    most_resident: int
    most_descriptors: int
    most_children: int
    after: Vitals


def run(kernel: KernelProcess, fresh: Vitals, kinds: Sequence[str], seed: str, seconds: float) -> Figures:
    """Let the actors act.

    Args:
        kernel: it runs, and is idle.
        fresh: how it was before anything was done to it.
        kinds: of which kinds actors take part; of all where none is given.
        seed: where all decisions come from.
        seconds: how long.

    Raises:
        FailedError: one of them found something wrong, did not come to an end, or left something behind.
    """
    stage = Stage(kernel)
    actors = cast.actors(stage, kinds, seed)
    threads = [threading.Thread(target=actor.run, name=actor.name, daemon=True) for actor in actors]
    for thread in threads:
        thread.start()
    samples = _sample(stage, seconds)
    stage.stop.set()
    _join(kernel, actors, threads)
    return Figures(
        Counter({actor.kind: 0 for actor in actors}) + _sum(actors, "actions"),
        _sum(actors, "bytes"),
        max(sample.resident for sample in samples),
        max(sample.descriptors.total() for sample in samples),
        max(sample.children for sample in samples),
        _become_idle(kernel, fresh),
    )


def _sum(actors: Sequence[Actor], field: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for actor in actors:
        total[actor.kind] += getattr(actor, field)
    return total


def _sample(stage: Stage, seconds: float) -> list[Vitals]:
    """Look at the kernel again and again until the round is over."""
    samples = []
    until = time.monotonic() + seconds
    while time.monotonic() < until and not stage.stop.wait(_SAMPLE_SECONDS) and stage.kernel.alive:
        samples.append(vitals.take(stage.kernel))
    return samples


def _join(kernel: KernelProcess, actors: Sequence[Actor], threads: Sequence[threading.Thread]) -> None:
    """Wait for all actors; say whose fault it is if that is in vain, or if one of them has failed."""
    until = time.monotonic() + 2 * PATIENCE
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    complaints = [_complaint(actor) for actor in actors if actor.failure]
    pairs = zip(actors, threads, strict=True)
    complaints += [_whereabouts(actor, thread) for actor, thread in pairs if thread.is_alive()]
    if complaints:
        state = "is alive" if kernel.alive else f"has ended with status {kernel.wait()}"
        raise FailedError("\n".join([*complaints, f"The kernel {state}. Its log ends:", kernel.log_text()[-4000:]]))


def _title(actor: Actor) -> str:
    return f"actor {actor.name}, seed {actor.seed}, after {actor.actions} actions"


def _complaint(actor: Actor) -> str:
    return f"{_title(actor)}: {actor.failure}"


def _whereabouts(actor: Actor, thread: threading.Thread) -> str:
    frame = sys._current_frames().get(thread.ident or 0)
    place = "".join(traceback.format_stack(frame)) if frame else "nowhere"
    return f"{_title(actor)}: has not come to an end in {2 * PATIENCE:.0f} s, but waits in\n{place}"


def _become_idle(kernel: KernelProcess, fresh: Vitals) -> Vitals:
    """Return how the kernel is when everything has gone, what lingers included."""
    with Papa(kernel.path, PATIENCE, start=False) as papa:
        held = (papa.list_processes(), papa.list_sockets(), papa.list_values())
        expect(held, ({}, {}, {}), "what the kernel still holds")
        info = papa.info()
        expect([info.get(key) for key in _NOTHING], [0] * len(_NOTHING), f"{', '.join(_NOTHING)} of an idle kernel")
    with contextlib.suppress(AssertionError):  # what remains then is judged by its kind
        wait_for(lambda: vitals.take(kernel).descriptors == fresh.descriptors, "all descriptors are closed", PATIENCE)
    after = vitals.take(kernel)
    vitals.check_nothing_open(fresh, after)
    return after
