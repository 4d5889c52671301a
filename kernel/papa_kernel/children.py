"""The kernel's children: who is told when one of them ends."""

import os
from collections.abc import Callable

# Told the PID and the exit status, negative for a signal.
Ended = Callable[[int, int], None]


class Children:
    """Collects the ends of children.

    SIGCHLD says no more than that there may be some, and may come once for many.
    """

    def __init__(self) -> None:
        self._awaited: dict[int, Ended] = {}

    def expect(self, pid: int, ended: Ended) -> None:
        """Call ``ended`` once the child ``pid`` has."""
        self._awaited[pid] = ended

    def reap(self) -> None:
        """Collect every child that has ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            ended = self._awaited.pop(pid, None)
            if ended is not None:
                ended(pid, os.waitstatus_to_exitcode(status))
