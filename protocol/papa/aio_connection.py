"""One asyncio connection: connect, agree on a dialect, send a request, wait for its reply."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator

from papa import requests
from papa.autostart import start_kernel
from papa.endpoint import GREETING_SIZE, EndpointLike, explain_absence, explain_greeting, show_endpoint
from papa.errors import CannotConnectError, CommandFailedError, LostConnectionError, TimedOutError
from papa.requests import Request, T
from papa_protocol.replies import Reply, ReplyReader
from papa_protocol.words import Dialect

_READ_SIZE = 256 * 1024
_RETRY_SECONDS = 0.02


async def _open(endpoint: EndpointLike) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(endpoint, int):
        return await asyncio.open_connection("127.0.0.1", endpoint, limit=_READ_SIZE)
    return await asyncio.open_unix_connection(endpoint, limit=_READ_SIZE)


class AsyncConnection:
    """A connection that takes commands one at a time, or streams."""

    def __init__(self, endpoint: EndpointLike, timeout: float) -> None:
        self.endpoint = endpoint
        self.timeout = timeout
        self.dialect = Dialect.V1
        self._replies = ReplyReader()
        self._most = float(GREETING_SIZE)  # of a reply, before it is known that a kernel answers
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._bound: asyncio.Timeout | None = None  # of the conversation that is going on

    @property
    def closed(self) -> bool:
        """Whether it is not, or no longer, connected."""
        return self._streams is None

    async def connect(self, *, may_start: bool) -> None:
        """Connect and agree on a dialect.

        Raises:
            CannotConnectError: no kernel answers.
        """
        try:
            async with asyncio.timeout(self.timeout):
                self._streams = await self._open_or_start(may_start=may_start)
                await self._shake_hands()
        except TimeoutError:
            self.abort()
            silence = f"The kernel did not answer in {self.timeout:g} s"
            raise explain_greeting(self.endpoint, self._replies.rest(), silence) from None
        except LostConnectionError as error:
            self.abort()
            raise explain_greeting(self.endpoint, self._replies.rest(), error) from None
        except OSError as error:
            raise CannotConnectError(f"{show_endpoint(self.endpoint)}: {error.strerror or error}") from None
        except BaseException:
            self.abort()
            raise

    async def _open_or_start(self, *, may_start: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        started = False
        while True:
            try:
                return await _open(self.endpoint)
            except (ConnectionRefusedError, FileNotFoundError):
                if not may_start:
                    raise CannotConnectError(explain_absence(self.endpoint)) from None
            if started:
                await asyncio.sleep(_RETRY_SECONDS)  # the kernel that was quicker listens at once
            else:
                await asyncio.to_thread(start_kernel, self.endpoint, self.timeout)
                started = True

    async def _shake_hands(self) -> None:
        await self._reply()
        self._most = math.inf
        try:
            await self.request(requests.protocol(2))
        except CommandFailedError:
            return  # a papa 1.0 kernel
        self.dialect = self._replies.dialect = Dialect.V2

    async def request(self, request: Request[T]) -> T:
        """Send a request and return its result; a connection on which that is cut short is closed."""
        line = request.line(self.dialect)
        async with self._in_time():
            await self.send(line)
            reply = await self._reply()
        return request.result(reply, self.dialect)

    async def begin(self, request: Request[T]) -> bytes:
        """Send a request that starts a stream; return the bytes that came after its first line."""
        line = request.line(self.dialect)
        async with self._in_time():
            await self.send(line)
            while (text := self._replies.next_line()) is None:
                self._replies.receive(await self.receive())
        request.result(Reply(text), self.dialect)
        return self._replies.rest()

    @contextlib.asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Bound a conversation; one that is cut off leaves a reply under way, so the connection is closed."""
        try:
            async with asyncio.timeout(self.timeout) as self._bound:
                yield
        except TimeoutError:
            self.abort()
            raise TimedOutError(f"The kernel did not answer in {self.timeout:g} s") from None
        except BaseException:
            self.abort()
            raise
        finally:
            self._bound = None

    async def _reply(self) -> Reply:
        while (reply := self._replies.next_event()) is None:
            if self._replies.held > self._most:
                raise LostConnectionError("It goes on and on")
            self._replies.receive(await self.receive())
        return reply

    async def send(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            LostConnectionError: the kernel is gone.
        """
        if self._streams is None:
            raise LostConnectionError("The connection to the kernel is closed")
        try:
            self._streams[1].write(data)
            await self._streams[1].drain()
        except OSError as error:
            raise self._lost(error) from None

    async def receive(self) -> bytes:
        """Return bytes that have arrived, waiting for the first of them.

        Raises:
            LostConnectionError: the kernel is gone.
        """
        if self._streams is None:
            raise LostConnectionError("The connection to the kernel is closed")
        try:
            data = await self._streams[0].read(_READ_SIZE)
        except OSError as error:
            raise self._lost(error) from None
        if not data:
            self.abort()
            raise LostConnectionError("The kernel closed the connection")
        return data

    def _lost(self, error: OSError) -> LostConnectionError:
        self.abort()
        return LostConnectionError(f"Lost the connection to the kernel: {error.strerror or error}")

    def abort(self) -> None:
        """Close the connection at once."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    async def close(self) -> None:
        """Close the connection."""
        if self._streams is None:
            return
        writer = self._streams[1]
        self._streams = None
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
