"""Links to real kernels: running, with a screen's turns; and a proxy that can break a connection without harm."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Self, TypeVar

from papa_console.dashboard.held.link import Link
from papa_console.dashboard.held.snapshot import Connection
from papa_console.dashboard.output.lines import LineStore, Source
from support.wire import TIMEOUT

T = TypeVar("T")
TURN = 0.02
PIECE_SECONDS = 0.05
OUTPUT = (Source.OUT, Source.ERR)


class TurningLink(Link):
    """A link that counts the turns it had."""

    turns = 0

    def turn(self) -> None:
        self.turns += 1
        super().turn()


@contextlib.asynccontextmanager
async def linked(endpoint: int | str, **options: Any) -> AsyncIterator[TurningLink]:
    """A link that runs and has its turns; what goes wrong in it goes wrong in the test."""
    link = TurningLink(endpoint, **options)
    running = asyncio.create_task(link.run())
    turning = asyncio.create_task(_turn(link))
    try:
        yield link
    finally:
        for task in (running, turning):
            task.cancel()
        for result in await asyncio.gather(running, turning, return_exceptions=True):
            if not isinstance(result, asyncio.CancelledError):
                raise AssertionError("the link has ended by itself") from result  # noqa: TRY004


async def _turn(link: Link) -> None:
    while True:
        link.turn()
        await asyncio.sleep(TURN)


async def until(condition: Callable[[], T], what: str) -> T:
    """Return the first true result of ``condition``; fail if there is none in time."""
    deadline = time.monotonic() + TIMEOUT
    while not (result := condition()):
        assert time.monotonic() < deadline, f"after {TIMEOUT} s still not so: {what}"
        await asyncio.sleep(0.005)
    return result


async def until_connection(link: Link, connection: Connection) -> None:
    await until(lambda: link.snapshot.kernel.connection is connection, f"the connection is {connection.value}")


def lines(store: LineStore, *sources: Source) -> list[str]:
    """Return the lines that a store has, of these sources, or of the process itself."""
    found = store.lines(store.first, store.next)
    return [line.data.decode() for line in found if line.source in (sources or OUTPUT)]


def sources(store: LineStore) -> list[Source]:
    return [line.source for line in store.lines(store.first, store.next)]


class Proxy:
    """Stands between links and a kernel, at a path of its own.

    Args:
        path: where it listens.
        target: the kernel's path.
        piece: how many bytes of the kernel's pass at once; a pause of ``PIECE_SECONDS`` follows each. 0: all, without.
    """

    def __init__(self, path: str, target: str, piece: int = 0) -> None:
        self.path = path
        self.target = target
        self._piece = piece
        self._server: asyncio.Server | None = None
        self._is_open = False
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Let connections through from now on."""
        self._is_open = True
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        assert self._server is not None
        self._is_open = False
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await until(lambda: not self._writers, "all connections are over")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = {writer}
        self._writers |= ends
        try:
            there, back = await asyncio.open_unix_connection(self.target)
            ends.add(back)
            self._writers |= ends
            if self._is_open:  # it may have been cut while this connection was under way
                await asyncio.gather(_copy(reader, back), _copy(there, writer, self._piece))
        except OSError:
            pass
        finally:
            for each in ends:
                each.transport.abort()
            self._writers -= ends

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, piece: int = 0) -> None:
    try:
        while data := await reader.read(piece or 65536):
            writer.write(data)
            await writer.drain()
            if piece:
                await asyncio.sleep(PIECE_SECONDS)
    finally:
        writer.transport.abort()


async def until_up(link: Link) -> None:
    await until_connection(link, Connection.UP)


def held(link: Link) -> tuple[list[str], list[str], dict[str, str]]:
    return list(link.snapshot.processes), list(link.snapshot.sockets), dict(link.snapshot.values)
