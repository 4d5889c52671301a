"""When to refresh: once in a period, sooner where asked, later where it takes long; and who waits for it."""

import asyncio
import contextlib
import math
from collections.abc import Iterator
from time import monotonic

PERIOD = 1.0
_GAP = 0.05  # seconds between two refreshes that nobody asked for
_SHARE = 20  # a refresh takes one part in so many of the time at most


class Pacer:
    """Tells when the next refresh is due."""

    def __init__(self) -> None:
        self._due = 0.0
        self._ended = 0.0
        self._took = 0.0
        self._woken = asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []

    def hurry(self) -> None:
        """Let it be due now."""
        self._set_due(0.0)

    def soon(self) -> None:
        """Let it be due as soon as is decent."""
        self._set_due(self._ended + _GAP + self._took * 4)

    def _set_due(self, due: float) -> None:
        if due < self._due:
            self._due = due
            self._woken.set()

    async def wait(self) -> None:
        """Wait until it is due."""
        while (left := self._due - monotonic()) > 0:
            self._woken.clear()
            try:
                async with asyncio.timeout(left):
                    await self._woken.wait()
            except TimeoutError:
                return

    def waiter(self) -> asyncio.Future[None]:
        """Return a future that is done after the next refresh that has not begun yet."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self.hurry()
        return future

    @contextlib.contextmanager
    def refreshing(self) -> Iterator[None]:
        """Time a refresh; those who have waited for it are told once it is done, and go on waiting if it fails."""
        begun = monotonic()
        waiting, self._waiting = self._waiting, []
        self._due = math.inf
        try:
            yield
        except BaseException:
            self._waiting = waiting + self._waiting
            raise
        self._ended = monotonic()
        self._took = self._ended - begun
        self._set_due(self._ended + max(PERIOD, self._took * _SHARE))
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def fail(self, error: Exception) -> None:
        """Tell those who wait that there will be no refresh for now."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_exception(error)
