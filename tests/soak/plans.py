"""What a process is told to write, and how to end."""

import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random

from papa_protocol.watch import Kind
from soak import writer

KIB = 1024
MIB = 1024 * KIB
_SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
# The largest of each class of sizes, and how often it is chosen.
_SIZES = {0: 3, 200: 8, 64 * KIB: 8, 4 * MIB: 2}


@dataclass(frozen=True, slots=True)
class Plan:
    """A run of the writer.

    Args:
        seed: what its bytes come from.
        out: how many it writes to standard output itself.
        err: how many to standard error.
        late: how many a child that outlives it writes to standard output.
        ending: its exit status, negative for a signal.
        linger: as the option of ``make process``.
    """

    seed: int
    out: int
    err: int = 0
    late: int = 0
    ending: int = 0
    linger: str = "exit"

    @property
    def words(self) -> list[str]:
        """The command."""
        numbers = (self.seed, self.out, self.err, self.late, self.ending)
        return [sys.executable, "-I", "-S", str(Path(writer.__file__)), *map(str, numbers)]

    @property
    def size(self) -> int:
        """How much can be read of it, in bytes."""
        return self.out + self.err + self.late

    @property
    def before_end(self) -> range:
        """How many bytes may come before its end is told."""
        own = self.out + self.err
        return range(self.size if self.linger == "eof" else own, self.size + 1)

    @property
    def single(self) -> Kind | None:
        """The only stream that it writes to, if it is only one."""
        if self.out + self.late and self.err:
            return None
        return Kind.ERR if self.err else Kind.OUT

    def content(self, kind: Kind) -> bytes:
        """Return all that it writes to a stream."""
        if kind is Kind.OUT:
            return writer.content(self.seed, 1, self.out + self.late)
        return writer.content(self.seed, 2, self.err)


def _seed(random: Random) -> int:
    return random.getrandbits(32)


def any_size(random: Random) -> int:
    """Return a number of bytes: often few, sometimes millions."""
    return random.randint(0, *random.choices(list(_SIZES), list(_SIZES.values())))


def any_ending(random: Random) -> int:
    return random.choice((0, random.randint(1, 255), -random.choice(_SIGNALS)))


def any_plan(random: Random) -> Plan:
    """Return a plan of any kind."""
    late = random.choice((0, 0, 0, random.randint(1, 2000)))
    linger = random.choice(("exit", "eof"))
    return Plan(_seed(random), any_size(random), any_size(random), late, any_ending(random), linger)


def short_plan(random: Random) -> Plan:
    """Return a plan for one of many: some output on both streams, and any end."""
    return Plan(_seed(random), random.randint(0, 20_000), random.randint(0, 2000), 0, any_ending(random))


def plan_of(random: Random, size: int) -> Plan:
    """Return a plan to write so much, to both streams, and to end in any way."""
    out = random.randint(0, size)
    return Plan(_seed(random), out, size - out, 0, any_ending(random))


def plan_of_one_stream(random: Random, size: int) -> Plan:
    """Return a plan to write so much to one stream: every position then tells which byte it is."""
    out = random.choice((0, size))
    return Plan(_seed(random), out, size - out, 0, any_ending(random))
