"""A CPU that kernel and client share while short requests are timed.

Otherwise the scheduler decides: on two virtual CPUs a round trip takes four times as long where each has its own, since
an idle one has to be woken, and which it is changes from run to run.
"""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def one_cpu(pid: int) -> Iterator[None]:
    """Keep a kernel and this process on one CPU in the block: threads that it starts meanwhile stay there."""
    cpus = os.sched_getaffinity(0)
    for each in (pid, 0):
        os.sched_setaffinity(each, {max(cpus)})
    try:
        yield
    finally:
        for each in (pid, 0):
            os.sched_setaffinity(each, cpus)
