"""The kernel as the screen sees it: kept connected, listed when something may have changed, tailed, and commanded.

One connection carries the refreshes and the user's commands, one after the other; each group of tails has its own. A
refresh asks for ``info``, and for lists only where that tells of a change; all of it takes a twentieth of the time at
most. What the kernel held stays in the snapshot while the connection is down.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

from papa.autostart import start_kernel
from papa.endpoint import DEFAULT_TIMEOUT, EndpointLike
from papa.errors import Error, LostConnectionError
from papa_console.dashboard.held.books import Books
from papa_console.dashboard.held.commands import check, explain_loss
from papa_console.dashboard.held.connecting import LoggedConnection
from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.holdings import plain_text
from papa_console.dashboard.held.keeping import Keeper
from papa_console.dashboard.held.peeking import LOOKS_AGAIN
from papa_console.dashboard.held.snapshot import Connection, Snapshot
from papa_console.dashboard.held.tails import Tails
from papa_console.dashboard.held.wirelog import MOST_LINES, WireLog
from papa_console.dashboard.output.lines import Storage
from papa_protocol.words import Dialect

_LABEL = "kernel"


class Link:
    """Keeps up with one kernel.

    Attributes:
        snapshot: what it holds, as last seen; another object after each refresh.
        history: what it held.
        storage: the output taken in.
        wire: what went over the connections.

    Args:
        endpoint: a port or a path.
        timeout: seconds to wait for each reply to a command.
        start: whether to start a kernel if none listens at first.
        clock: tells the time, in seconds since 1970.
        on_change: called after each snapshot that differs from the one before.
    """

    def __init__(
        self,
        endpoint: EndpointLike,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        start: bool = False,
        clock: Callable[[], float] = time.time,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.endpoint = endpoint
        self.timeout = timeout
        self.on_change = on_change
        self.history = History()
        self.storage = Storage()
        self.wire = WireLog()
        self._clock = clock
        self._keeper = Keeper(
            lambda: self._make_connection(_LABEL), endpoint, start=start, clock=clock, publish=self._publish
        )
        self._books = Books(self.storage, self._note_end, clock)
        self._tails = Tails(self._make_connection, self._books, self.wire, self._keeper.pacer.soon)
        self.snapshot = Snapshot(self._keeper.kernel)

    async def run(self) -> None:
        """Connect, keep up, and connect again, for ever."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tails.tasks = tasks
                await self._keeper.run()
        finally:
            await self.close()

    async def close(self) -> None:
        """Close every connection."""
        self._tails.stop()
        if self._keeper.connection is not None:
            self._keeper.connection.abort()

    def _make_connection(self, label: str) -> LoggedConnection:
        connection = LoggedConnection(self.endpoint, self.timeout, self.wire, label, self._clock)
        connection.is_old = label != _LABEL and self.snapshot.kernel.dialect is Dialect.V1
        return connection

    def _note_end(self, name: str, when: float) -> None:
        self.history.note_end(name, when)
        self._keeper.pacer.soon()

    def _publish(self, changed: bool) -> None:
        before, kernel, holdings = self.snapshot, self._keeper.kernel, self._keeper.holdings
        processes, sockets, values = holdings.processes.found, holdings.sockets.found, holdings.values.found
        is_up = kernel.connection is Connection.UP
        now = self._clock() if is_up else before.taken
        self.snapshot = Snapshot(kernel, processes, sockets, values, now, before.revision + changed)
        if is_up:
            self.history.add(processes, now)
            self.history.add_values(values, now)
            if before.kernel.epoch not in (0, kernel.epoch):
                self._books.change_kernel()
            self._tails.arrange(processes)
        if changed:
            self.on_change()

    # what the screen wants

    @property
    def visible(self) -> set[str]:
        """The kinds of things on the screen; the others are not asked for, but processes always are."""
        return self._keeper.kinds

    @visible.setter
    def visible(self, kinds: Iterable[str]) -> None:
        before, self._keeper.kinds = self._keeper.kinds, {"processes", *kinds}
        if self._keeper.kinds - before:
            self.refresh()

    def set_period(self, seconds: float) -> None:
        """Look at what the kernel holds every so many seconds, and when something is known to have happened."""
        self._keeper.pacer.period = seconds

    @property
    def note(self) -> str:
        """What a user should know about how output is followed; mostly nothing."""
        kernel = self.snapshot.kernel
        is_old = kernel.connection is Connection.UP and kernel.dialect is Dialect.V1
        return LOOKS_AGAIN if is_old else ""

    def follow(self, names: Iterable[str]) -> None:
        """Set which processes' output is taken into the storage, now or once they are there."""
        self._tails.want(names)

    def turn(self) -> None:
        """Grant the next slice of time for taking in output; to be called in every turn of the screen."""
        connection = self._keeper.connection
        if connection is not None and connection.ended:
            self.refresh()  # which finds that out
        self._tails.turn(self._clock())

    def refresh(self) -> None:
        """Ask the kernel again now."""
        self._keeper.pacer.hurry()

    async def refresh_now(self) -> None:
        """Ask the kernel again, and return once the snapshot is as new as that.

        Raises:
            Error: the kernel cannot be asked.
        """
        self._check_up()
        await self._keeper.pacer.waiter()

    def retry(self) -> None:
        """Try to connect again now."""
        self._keeper.retry()

    async def start_kernel(self) -> None:
        """Start a kernel where none listens, and return once it is connected.

        Raises:
            Error: it did not start, or does not answer.
        """
        await asyncio.to_thread(start_kernel, self.endpoint, self.timeout)
        waiter = self._keeper.pacer.waiter()
        self.retry()
        await waiter

    # commands

    def _check_up(self) -> None:
        kernel = self.snapshot.kernel
        if kernel.connection is not Connection.UP:
            raise LostConnectionError(f"Not connected to the kernel: {kernel.reason or 'connecting'}")

    async def request(self, words: Sequence[str]) -> str:
        """Send a command in full words, and return the text of its reply.

        Raises:
            Error: it is no command, it cannot be sent, the kernel said no, or the reply did not come.
        """
        command = check(words)
        self._check_up()
        async with self._keeper.lock:
            connection = self._keeper.connection
            if connection is None or connection.closed:
                raise LostConnectionError("The connection to the kernel was lost; nothing was sent")
            connection.timeout, connection.lines_logged = self.timeout, MOST_LINES
            try:
                text = await connection.request(plain_text(words))
            except LostConnectionError as error:
                raise explain_loss(command, words, error, self.timeout) from None
            finally:
                if connection.closed or not command.reads_only:
                    self.refresh()
        if command.words == ("exit-if-idle",) and text != "not idle":
            self._tails.pause()
            self._keeper.let_go()
        return text

    async def acknowledge(self, name: str, upto: int) -> None:
        """Release the output of a process up to a position.

        Raises:
            Error: the kernel said no, or cannot be asked.
        """
        if self.snapshot.kernel.dialect is Dialect.V1:
            raise Error("A papa 1.0 kernel cannot release output up to a line")
        await self.request(["acknowledge", "processes", name, f"upto={upto}"])
