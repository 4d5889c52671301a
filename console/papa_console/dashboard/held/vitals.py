"""Processor and memory of processes on this machine, measured in a thread once a second."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import psutil

from papa_protocol.model import ProcessInfo

_PERIOD = 1.0
# The kernel notes the start after the fact, and the system counts from a start of its own that is known to a second.
_TOLERANCE = 5.0


class Vital(NamedTuple):
    """What a process uses: percents of a processor (None at first) and bytes of memory."""

    cpu: float | None
    memory: int


class Vitals:
    """Samples the processes that are wanted; ``readings`` has the newest of each, by name.

    A PID counts only if the process that has it is the one that the kernel started.
    """

    def __init__(self) -> None:
        self.readings: Mapping[str, Vital] = {}
        self._wanted: dict[str, tuple[int, float]] = {}
        self._known: dict[tuple[int, float], psutil.Process] = {}

    def want(self, processes: Mapping[str, ProcessInfo]) -> None:
        """Set which processes are measured from now on; those that do not run are left out."""
        self._wanted = {
            name: (info["pid"], info["started"])
            for name, info in processes.items()
            if info.get("running") and "pid" in info and "started" in info
        }

    async def run(self) -> None:
        """Measure once a second, for ever."""
        while True:
            await self.sample()
            await asyncio.sleep(_PERIOD)

    async def sample(self) -> None:
        """Measure once."""
        wanted = dict(self._wanted)
        found = await asyncio.to_thread(self._measure, set(wanted.values())) if wanted else {}
        self.readings = {name: found[identity] for name, identity in wanted.items() if identity in found}

    def _measure(self, identities: Iterable[tuple[int, float]]) -> dict[tuple[int, float], Vital]:
        known: dict[tuple[int, float], psutil.Process] = {}
        found: dict[tuple[int, float], Vital] = {}
        for identity in identities:
            try:
                process = self._known.get(identity)
                first = process is None
                process = process or _find(*identity)
                with process.oneshot():
                    cpu = process.cpu_percent()
                    found[identity] = Vital(None if first else cpu, process.memory_info().rss)
                known[identity] = process
            except (psutil.Error, OSError):  # it has gone, or no descriptor is left to look at it
                continue
        self._known = known
        return found


def _find(pid: int, started: float) -> psutil.Process:
    process = psutil.Process(pid)
    if abs(process.create_time() - started) > _TOLERANCE:
        raise psutil.NoSuchProcess(pid)
    return process
