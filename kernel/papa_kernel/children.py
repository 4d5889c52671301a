"""The kernel's children: who is told when one of them ends."""

import os
from collections.abc import Callable

# Told the PID and the exit status, negative for a signal.
Ended = Callable[[int, int], None]


def _nothing() -> None:
    pass


class Children:
    """Collects the ends of children.

    SIGCHLD says no more than that there may be some, and may come once for many.
    """

    def __init__(self) -> None:
        self._awaited: dict[int, Ended] = {}
        # Called when an end has been told of and the child is about to be collected: then nobody else can learn of it.
        self.noted: Callable[[], None] = _nothing

    def expect(self, pid: int, ended: Ended) -> None:
        """Call ``ended`` once the child ``pid`` has."""
        self._awaited[pid] = ended

    def tell(self, pid: int, status: int) -> None:
        """Take note that a process has ended that somebody else has collected."""
        ended = self._awaited.pop(pid, None)
        if ended is not None:
            ended(pid, status)

    def adopted(self) -> list[int]:
        """Return the PIDs of those that are expected to end and are not this process' own children."""
        return [pid for pid in self._awaited if not _is_ours(pid)]

    def reap(self) -> None:
        """Collect every child that has ended."""
        while True:
            end = next_end()
            if end is None:
                return
            self.tell(*end)
            self.noted()
            os.waitpid(end[0], 0)


def _is_ours(pid: int) -> bool:
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def next_end() -> tuple[int, int] | None:
    """Return the PID and the exit status of a child that has ended; it has yet to be collected."""
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    if found is None:
        return None
    return found.si_pid, found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
