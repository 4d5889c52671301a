"""Taking in output within a time budget: what is not taken in stays in the kernel, which counts what it must drop.

Each turn of the screen grants some processor time. Whoever takes in output spends it, in slices between which keys are
answered; when nothing is left the sockets are not read until the next turn. It is processor time, so that a busy
machine does not make output go missing.
"""

import asyncio
from collections.abc import Callable
from enum import Enum
from time import thread_time

from papa_protocol.watch import BatchEnd, BatchReader, Finished, Record

GRANT = 0.008
_SLICE = 0.004
_LIGHT_RECORDS, _LIGHT_BYTES = 16, 16 * 1024  # taken in without a look at the clock


class Allowance:
    """The time that may be spent until the next turn."""

    def __init__(self) -> None:
        self._left = GRANT
        self._granted = asyncio.Event()

    @property
    def slice(self) -> float:
        """How many seconds may be spent at once."""
        return min(self._left, _SLICE)

    def grant(self) -> None:
        """Begin a turn; what was spent beyond the last one, since records are taken in whole, is owed."""
        self._left = GRANT + min(self._left, 0.0)
        self._granted.set()

    async def wait(self) -> None:
        """Wait until there is time to spend."""
        while self._left <= 0:
            self._granted.clear()
            await self._granted.wait()

    def spend(self, seconds: float) -> None:
        """Take note of time that was spent."""
        self._left -= seconds


class Outcome(Enum):
    """Why nothing more is taken in for now."""

    TIME = 1
    """The slice is over."""
    BYTES = 2
    """More must arrive."""
    BATCH = 3
    """A batch has ended."""
    STREAM = 4
    """The stream has ended."""


class Intake:
    """Reads one stream of batches.

    Args:
        reader: cuts bytes into records.
        allowance: the time for it.
        accept: takes in a record.
    """

    def __init__(self, reader: BatchReader, allowance: Allowance, accept: Callable[[Record], None]) -> None:
        self.said = ""  # with which the kernel ended the stream
        self._reader = reader
        self._allowance = allowance
        self._accept = accept

    async def take_in(self, data: bytes) -> Outcome:
        """Take in what has arrived, all of it in the end, or up to the end of a batch; others run meanwhile.

        Raises:
            RemoteProtocolError: it is no stream of batches.
        """
        self._reader.receive(data)
        while True:
            await self._allowance.wait()
            begun = thread_time()
            try:
                outcome = self._take_slice(begun + self._allowance.slice)
            finally:
                self._allowance.spend(thread_time() - begun)
            if outcome is not Outcome.TIME:
                return outcome
            await asyncio.sleep(0)

    def _take_slice(self, until: float) -> Outcome:
        while thread_time() < until:
            outcome = self._take_some()
            if outcome is not Outcome.TIME:
                return outcome
        return Outcome.TIME

    def _take_some(self) -> Outcome:
        """Take in a few records."""
        records = size = 0
        while records < _LIGHT_RECORDS and size < _LIGHT_BYTES:
            match self._reader.next_event():
                case Record() as record:
                    self._accept(record)
                    records += 1
                    size += len(record.data)
                case BatchEnd():
                    return Outcome.BATCH
                case Finished(text):
                    self.said = text
                    return Outcome.STREAM
                case None:
                    return Outcome.BYTES
        return Outcome.TIME
