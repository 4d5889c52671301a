"""What the actors of a round share: the kernel, and the sign to stop."""

import threading
from random import Random

from papa.aio import AsyncPapa
from papa.client import Papa
from support.kernels import KernelProcess
from support.wire import Wire

# How long an answer may take on the slowest machine, in seconds; nothing else rests on time.
PATIENCE = 120.0


class Stage:
    """A kernel, and how actors reach it: over TCP or its Unix path, as chance has it.

    Args:
        kernel: it runs.
    """

    def __init__(self, kernel: KernelProcess) -> None:
        self.kernel = kernel
        self.stop = threading.Event()

    def endpoint(self, random: Random) -> int | str:
        return random.choice((self.kernel.port, self.kernel.path))

    def wire(self, random: Random) -> Wire:
        """Return a bare connection that has read the greeting."""
        wire = Wire(self.endpoint(random))
        wire.socket.settimeout(PATIENCE)
        return wire

    def papa(self, random: Random) -> Papa:
        return Papa(self.endpoint(random), PATIENCE, start=False)

    def async_papa(self, random: Random) -> AsyncPapa:
        return AsyncPapa(self.endpoint(random), PATIENCE, start=False)
