"""Ten thousand processes at once, and whether everything else still holds then."""

import resource
import time
from pathlib import Path

from benchmarks.speed.delays import pipe_delays, summary, watch_delays
from benchmarks.speed.holding import hold, resident
from benchmarks.speed.idle import WARM
from benchmarks.speed.lists import list_time
from benchmarks.speed.quantiles import part
from benchmarks.speed.requests import Found, trip_times
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.spawning import posix_spawn_rate, spawn_rate
from benchmarks.speed.subjects import Subject, running

DESCRIPTORS_EACH = 2
SPARE = 200
MEMORY_EACH = 100 * 1024


def machine_limit(wanted: int) -> tuple[int, str]:
    """Return how many processes fit on this machine, and what bounds them where it is fewer than wanted."""
    available = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable"))
    bounds = {
        "open files": (resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE) // DESCRIPTORS_EACH,
        "pid_max": int(Path("/proc/sys/kernel/pid_max").read_text()) - len(list(Path("/proc").glob("[0-9]*"))) - SPARE,
        "memory": int(available.split()[1]) * 1024 // MEMORY_EACH,
    }
    name = min(bounds, key=lambda key: bounds[key])
    return (bounds[name], name) if bounds[name] < wanted else (wanted, "")


def scale(subject: Subject, sizes: Sizes) -> Found:
    """Hold as many as the machine allows and measure again."""
    count = min(machine_limit(sizes.scale)[0], subject.most)
    with running(subject) as kernel:
        wire = kernel.connect()
        hold(wire, WARM, "warm")
        alone = list_time(kernel, b"list processes warm.1 warm.2", sizes.lists)
        before = resident(kernel.pid)
        hold(wire, count)
        time.sleep(0.5)
        grown = resident(kernel.pid) - before
        held = wire.ask(b"list processes s.*").count(b"running=True")
        trips = trip_times(kernel, b"get a\n", sizes.round_trips // 2)
        delays = watch_delays(kernel, sizes.delay_lines)
        return {
            "scale.held": held,
            "scale.get": part(trips, 0.5) * 1e6,
            **summary("scale.delay", delays),
            "scale.memory": grown / count / 1024,
            "scale.list.alone": alone,
            "scale.list": list_time(kernel, b"list processes s.1 s.2", sizes.lists),
            "scale.spawn": spawn_rate(wire, sizes.spawns, "n"),
        }


def scale_limit(sizes: Sizes) -> Found:
    """Measure a bare pipe and posix_spawn with as many processes held."""
    count, _ = machine_limit(sizes.scale)
    rate = posix_spawn_rate(sizes.spawns, count)
    return {"scale.held": count, "scale.spawn": rate, **summary("scale.delay", pipe_delays(sizes.delay_lines))}
