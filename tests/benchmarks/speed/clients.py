"""What the client libraries cost, each on its own kernel."""

import json
import subprocess

from benchmarks.speed.holding import hold
from benchmarks.speed.places import PACKAGE, environment
from benchmarks.speed.requests import Found
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.subjects import Subject, running


def clients(subject: Subject, sizes: Sizes) -> Found:
    """Run the probe with the subject's own interpreter."""
    processes = min(sizes.client_rows, subject.most)
    with running(subject) as kernel:
        wire = kernel.connect()
        hold(wire, processes)
        wire.ask_all([b"set z.%d some\\ value" % number for number in range(sizes.values)])
        counts = (sizes.client_flood, sizes.lines // 4, processes, sizes.values, sizes.client_lists)
        done = subprocess.run(
            [subject.python, PACKAGE / "client_probe.py", str(kernel.endpoint), *map(str, counts)],
            capture_output=True,
            env=environment(),
            text=True,
        )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    found: Found = json.loads(done.stdout)
    return found
