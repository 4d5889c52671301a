"""Keeping one connection to the kernel: connect, refresh when due, say why not, and connect again for ever."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import replace

from papa.endpoint import EndpointLike, show_endpoint
from papa.errors import Error, LostConnectionError, TimedOutError
from papa_console.dashboard.held.books import identity_of
from papa_console.dashboard.held.connecting import LoggedConnection, UnreachableError, not_a_kernel
from papa_console.dashboard.held.holdings import KINDS, Holdings
from papa_console.dashboard.held.pacer import Pacer
from papa_console.dashboard.held.snapshot import Connection, KernelState
from papa_protocol.errors import ProtocolError
from papa_protocol.words import Dialect

PATIENCE = 3.0  # seconds after which a kernel that does not answer counts as lost
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0
_REFRESH_LINES = 1  # logged of each reply


class Keeper:
    """Keeps the connection over which the kernel is asked and commanded.

    Attributes:
        kernel: how it stands.
        holdings: what the kernel holds.
        pacer: when to refresh.
        connection: while it is up; ``lock`` is held by whoever uses it.
        kinds: which lists are kept up with.

    Args:
        connect: returns a connection, not connected yet.
        endpoint: to where.
        start: whether the first attempt may start a kernel.
        clock: tells the time, in seconds since 1970.
        publish: called with whether anything has changed.
    """

    def __init__(
        self,
        connect: Callable[[], LoggedConnection],
        endpoint: EndpointLike,
        *,
        start: bool,
        clock: Callable[[], float],
        publish: Callable[[bool], None],
    ) -> None:
        self.kernel = KernelState(show_endpoint(endpoint), Connection.CONNECTING, since=clock())
        self.holdings = Holdings()
        self.pacer = Pacer()
        self.connection: LoggedConnection | None = None
        self.lock = asyncio.Lock()
        self.kinds = set(KINDS)
        self._connect = connect
        self._may_start = start
        self._clock = clock
        self._publish = publish
        self._retry = asyncio.Event()
        self._leaving = False

    async def run(self) -> None:
        """Connect and keep up, for ever."""
        while True:
            connection = await self._reach()
            try:
                await self._keep_up(connection)
            except UnreachableError as error:
                await self._rest(error, 0.0)
            except LostConnectionError:
                continue  # perhaps it can be made again at once
            finally:
                self.connection = None
                connection.abort()

    def retry(self) -> None:
        """Try to connect now."""
        self._retry.set()

    def let_go(self) -> None:
        """Close the connection and stay away for a moment: the kernel ends with its last connection."""
        self._leaving = True
        if self.connection is not None:
            self.connection.abort()
        self.pacer.hurry()

    # connecting

    async def _reach(self) -> LoggedConnection:
        """Return a connection over which everything has been listed once, however long it takes to get one."""
        pause = _FIRST_PAUSE
        self._retry.clear()
        if self._leaving:
            self._leaving = False
            await self._rest(UnreachableError(Connection.LOST, "the kernel was asked to end"), pause)
        while True:
            connection = self._connect()
            try:
                await self._open(connection)
            except UnreachableError as error:
                connection.abort()
                retried = await self._rest(error, pause)
                pause = _FIRST_PAUSE if retried else min(pause * 2, _LONGEST_PAUSE)
            except BaseException:
                connection.abort()
                raise
            else:
                return connection

    async def _open(self, connection: LoggedConnection) -> None:
        may_start, self._may_start = self._may_start, False
        if not may_start:
            connection.timeout = min(connection.timeout, PATIENCE)
        await connection.open(may_start=may_start)
        self.holdings.begin_again()
        before = {identity_of(info) for info in self.holdings.processes.found.values()}
        with self.pacer.refreshing():
            try:
                await self._ask(connection, KINDS)
            except LostConnectionError as error:
                raise UnreachableError(Connection.LOST, str(error)) from None
            self.connection = connection
            same = self._is_same(connection.dialect, before)
            self._tell_up(connection.dialect, epoch=self.kernel.epoch + (not same), changed=True)

    def _is_same(self, dialect: Dialect, before: set[tuple[int, float]]) -> bool:
        """Whether the kernel is the one of before; papa 1.0 does not say, but its processes do."""
        known = self.kernel
        if not known.epoch or known.dialect is not dialect:
            return False
        if dialect is Dialect.V2:
            info = self.holdings.info
            return (known.info.get("pid"), known.info.get("started")) == (info.get("pid"), info.get("started"))
        now = {identity_of(info) for info in self.holdings.processes.found.values()}
        return not before or not before.isdisjoint(now)

    async def _rest(self, error: UnreachableError, pause: float) -> bool:
        """Say why there is no connection, and wait; return whether a user asked not to wait."""
        self._tell_down(error, pause)
        self.pacer.fail(LostConnectionError(f"Not connected to the kernel: {error}"))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._retry.wait()
        retried = self._retry.is_set()
        self._retry.clear()
        return retried

    # refreshing

    async def _keep_up(self, connection: LoggedConnection) -> None:
        """Refresh whenever it is due, until the connection is closed.

        Raises:
            UnreachableError: the kernel does not answer any more, or not as kernels do.
            LostConnectionError: the kernel closed the connection.
        """
        while True:
            await self.pacer.wait()
            async with self.lock:
                if connection.closed:
                    return
                connection.timeout = min(connection.timeout, PATIENCE)
                with self.pacer.refreshing():
                    try:
                        changed = await self._ask(connection, [kind for kind in KINDS if kind in self.kinds])
                    except TimedOutError as error:
                        raise UnreachableError(Connection.LOST, str(error)) from None
                    self._tell_up(connection.dialect, epoch=self.kernel.epoch, changed=changed)

    async def _ask(self, connection: LoggedConnection, kinds: Iterable[str]) -> bool:
        connection.lines_logged = _REFRESH_LINES
        try:
            return await self.holdings.refresh(connection, kinds)
        except LostConnectionError:
            raise
        except (Error, ProtocolError) as error:
            connection.tell(str(error))
            raise UnreachableError(Connection.REFUSED, not_a_kernel(str(error))) from None

    # telling

    def _tell_up(self, dialect: Dialect, *, epoch: int, changed: bool) -> None:
        since = self.kernel.since if self.kernel.connection is Connection.UP else self._clock()
        self.kernel = KernelState(
            self.kernel.endpoint, Connection.UP, "", since, None, self.holdings.info, dialect, epoch
        )
        self._publish(changed)

    def _tell_down(self, error: UnreachableError, pause: float) -> None:
        connection = error.connection
        if connection is Connection.ABSENT and self.kernel.epoch:
            connection = Connection.LOST
        if connection is Connection.LOST and not self.kernel.epoch:
            connection = Connection.CONNECTING
        now = self._clock()
        since = self.kernel.since if self.kernel.connection is connection else now
        self.kernel = replace(self.kernel, connection=connection, reason=str(error), since=since, retry_at=now + pause)
        self._publish(True)
