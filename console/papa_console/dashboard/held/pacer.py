"""When to refresh: once in a period, sooner where asked, later where it takes long; and who waits for it."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from time import monotonic

PERIOD = 1.0
_LONGEST_PERIOD = 5.0
_SHARE = 20  # a refresh takes one part in so many of the time, as long as the period allows that
_GAP = 0.05
_SOON_SHARE = 5  # after events it may take one part in so many


class Pacer:
    """Tells when the next refresh is due.

    Args:
        clock: counts seconds.

    Attributes:
        period: seconds between two refreshes that nothing has asked for.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.period = PERIOD
        self._clock = clock
        self._ended = 0.0
        self._took = 0.0
        self._now = True
        self._soon = False
        self._woken = asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []

    def hurry(self) -> None:
        """Let it be due now: a user waits for it."""
        self._now = True
        self._woken.set()

    def soon(self) -> None:
        """Let it be due as soon as is decent: something has happened, and more of that may follow."""
        self._soon = True
        self._woken.set()

    @property
    def due(self) -> float:
        """In how many seconds it is due; not after 0 if it is."""
        if self._now:
            return 0.0
        least, share = (_GAP, _SOON_SHARE) if self._soon else (self.period, _SHARE)
        rest = max(least, self._took * share)
        most = max(_LONGEST_PERIOD, self.period, self._took)  # half of the time at least is for commands
        return self._ended + min(rest, most) - self._clock()

    async def wait(self) -> None:
        """Wait until it is due."""
        while (left := self.due) > 0:
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._woken.wait()

    def waiter(self) -> asyncio.Future[None]:
        """Return a future that is done after the next refresh that has not begun yet."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self.hurry()
        return future

    @contextlib.contextmanager
    def refreshing(self) -> Iterator[None]:
        """Time a refresh; those who have waited for it are told once it is done, and go on waiting if it fails."""
        begun = self._clock()
        waiting, self._waiting = self._waiting, []
        self._now = self._soon = False
        try:
            yield
        except BaseException:
            self._waiting = waiting + self._waiting
            raise
        finally:
            self._ended = self._clock()
            self._took = self._ended - begun
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def fail(self, error: Exception) -> None:
        """Tell those who wait that there will be no refresh for now."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_exception(error)
