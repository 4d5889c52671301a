"""What /proc tells of the kernel, and what may have changed after all that was done to it."""

from collections import Counter
from dataclasses import dataclass

from soak.accounts import DiffersError, expect
from soak.plans import MIB
from support import proc
from support.kernels import KernelProcess

# How much more memory may be resident after the last round than after the first, in bytes. What is freed does not go
# back to the system at once, nor wholly: how much remains depends on what happened to lie beside it.
MORE_RESIDENT = 6 * MIB


@dataclass(frozen=True, slots=True)
class Vitals:
    """How much a kernel has of what can leak.

    Args:
        resident: memory, in bytes.
        descriptors: how many of each kind.
        threads: how many.
        children: how many, those that have ended and were not reaped included.
    """

    resident: int
    descriptors: Counter[str]
    threads: int
    children: int


def take(kernel: KernelProcess) -> Vitals:
    """Return how a kernel is now."""
    kinds = Counter(target.partition(":[")[0] for target in proc.descriptors(kernel.pid).values())
    threads = proc.status_field(kernel.pid, "Threads")
    return Vitals(proc.resident(kernel.pid), kinds, threads, len(kernel.children()))


def settled(kernel: KernelProcess) -> Vitals:
    """Return how a new kernel is once it has answered somebody, who has left."""
    with kernel.connect() as wire:
        wire.send("quit\n")
        wire.read_to_end()
    return take(kernel)


def check_nothing_open(fresh: Vitals, now: Vitals) -> None:
    """Raise an error if an idle kernel has more children, threads or descriptors than when it was new."""
    expect(now.threads, 1, "the kernel's threads")
    expect(now.children, 0, "the kernel's children")
    expect(dict(now.descriptors), dict(fresh.descriptors), "the kernel's descriptors by kind")


def check_memory(first: Vitals, last: Vitals) -> None:
    """Raise an error if memory has grown from one idle time to a later one."""
    more = last.resident - first.resident
    if more > MORE_RESIDENT:
        raise DiffersError(
            f"the kernel's memory: {more / MIB:.1f} MiB more than after the first round, "
            f"expected at most {MORE_RESIDENT / MIB:.0f}"
        )
