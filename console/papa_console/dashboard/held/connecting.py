"""Connections to a kernel whose lines are logged, and why there is none where there is none."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from papa.aio_connection import AsyncConnection
from papa.endpoint import EndpointLike, show_endpoint
from papa.errors import CannotConnectError
from papa.requests import Request, T
from papa_console.dashboard.held.snapshot import Connection
from papa_console.dashboard.held.wirelog import MOST_LINES, WireLog
from papa_console.text import clean_line, shorten
from papa_protocol.replies import ERROR_MARK, Reply

_SHOWN = 60


class UnreachableError(CannotConnectError):
    """No kernel answers; ``connection`` says which way."""

    def __init__(self, connection: Connection, reason: str) -> None:
        super().__init__(reason)
        self.connection = connection


class LoggedConnection(AsyncConnection):
    """A connection that logs what it sends and receives.

    Args:
        endpoint: a port or a path.
        timeout: seconds to wait for each reply.
        log: takes in the lines.
        label: what the connection is for.
        clock: tells the time, in seconds since 1970.
    """

    def __init__(
        self, endpoint: EndpointLike, timeout: float, log: WireLog, label: str, clock: Callable[[], float]
    ) -> None:
        super().__init__(endpoint, timeout)
        self.log = log
        self.label = label
        self.clock = clock
        self.lines_logged = MOST_LINES  # of each reply
        self.is_old = False  # known to be of papa 1.0: not asked for another dialect

    @property
    def ended(self) -> bool:
        """Whether the kernel has closed it, or it is not connected."""
        return self._streams is None or self._streams[0].at_eof()

    def tell(self, remark: str) -> None:
        """Log a remark."""
        self.log.tell(remark, self.label, self.clock())

    async def send(self, data: bytes) -> None:
        """Send bytes, and log them."""
        await super().send(data)
        self.log.sent(data, self.label, self.clock())

    async def receive(self) -> bytes:
        """Return bytes that have arrived; a kernel from which some come answers, however long a slow link takes."""
        data = await super().receive()
        if self._bound is not None and not self._bound.expired():
            self._bound.reschedule(asyncio.get_running_loop().time() + self.timeout)
        return data

    async def _reply(self) -> Reply:
        reply = await super()._reply()
        self.log.received(reply.text, self.label, self.clock(), self.lines_logged)
        return reply

    async def _shake_hands(self) -> None:
        if self.is_old:
            await self._reply()
        else:
            await super()._shake_hands()

    async def begin(self, request: Request[T]) -> bytes:
        """Send a request that starts a stream; return the bytes that came after its first line."""
        async with self._in_time():
            await self.send(request.line(self.dialect))
            while (text := self._replies.next_line()) is None:
                self._replies.receive(await self.receive())
        self.log.received(text, self.label, self.clock())
        request.result(Reply(text), self.dialect)
        return self._replies.rest()

    async def open(self, *, may_start: bool = False) -> None:
        """Connect and agree on a dialect.

        Raises:
            UnreachableError: no kernel answers.
        """
        try:
            await self.connect(may_start=may_start)
        except CannotConnectError as error:
            self.tell(str(error))
            if isinstance(error.__context__, PermissionError):
                reason = await asyncio.to_thread(_not_yours, self.endpoint)
                raise UnreachableError(Connection.REFUSED, reason) from None
            raise self._explain(error) from None

    def _explain(self, error: CannotConnectError) -> UnreachableError:
        """Return which way there is no kernel; what the error came from tells it."""
        place = show_endpoint(self.endpoint)
        cause = error.__context__
        said = error.said
        if isinstance(cause, ConnectionRefusedError | FileNotFoundError):
            return UnreachableError(Connection.ABSENT, f"no kernel listens at {place}")
        if said.startswith(ERROR_MARK):
            return UnreachableError(Connection.LOST, clean_line(said.removeprefix(ERROR_MARK)))
        if said:
            return UnreachableError(Connection.REFUSED, not_a_kernel(said))
        if isinstance(cause, TimeoutError):
            return UnreachableError(Connection.LOST, f"{place} does not answer")
        return UnreachableError(Connection.LOST, clean_line(str(error)))


def not_a_kernel(said: str) -> str:
    """Return why something that is not a kernel cannot be talked to."""
    shown = shorten(clean_line(said.partition("\n")[0].strip()), _SHOWN)
    return f'what listens there is no kernel: it says "{shown}"; choose the endpoint with -p or -u'


def _not_yours(endpoint: EndpointLike) -> str:
    try:
        owner = Path(str(endpoint)).owner()
    except (OSError, KeyError):
        return "permission denied: it belongs to another user, as whom papa-console must run"
    return f"permission denied: it belongs to {owner}; run papa-console as {owner} (sudo -u {owner} papa-console ...)"
