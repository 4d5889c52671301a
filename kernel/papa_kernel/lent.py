"""Moving output into the kernel's own memory that still is in the file which another kernel handed over.

So a kernel serves before it has read what may be a lot, and the file is gone soon after.
"""

import time
from collections.abc import Iterable

from papa_kernel.loop import Loop
from papa_kernel.output import Ring
from papa_kernel.records import Record

# How much is moved in a turn, in bytes.
_BYTES_PER_TURN = 1024 * 1024
# After how many seconds it is tried again where there was no memory.
_PAUSE_SECONDS = 1.0


class Lent:
    """Records whose bytes are in a file.

    Args:
        loop: calls back.
        rings: have them.
    """

    def __init__(self, loop: Loop, rings: Iterable[Ring]) -> None:
        self._loop = loop
        self._records: list[Record] = [record for ring in rings for record in ring.lent]
        self._records.reverse()
        self._call(0.0)

    def _call(self, pause: float) -> None:
        if self._records:
            self._loop.call_at(time.monotonic() + pause, self._go_on)

    def _go_on(self) -> None:
        try:
            self._move()
        except MemoryError:  # no reason to forget output: it can stay where it is
            self._call(_PAUSE_SECONDS)
        else:
            self._call(0.0)

    def _move(self) -> None:
        left = _BYTES_PER_TURN
        while self._records and left > 0:
            record = self._records[-1]
            record.own()
            left -= len(record.data)
            self._records.pop()
