"""The asyncio client: the same surface as ``papa.Papa``, awaitable."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Literal, Self, overload

from papa import requests
from papa.aio_connection import AsyncConnection
from papa.aio_watcher import AsyncTail, AsyncWatcher
from papa.endpoint import EndpointLike, defaults, resolve_endpoint
from papa.requests import Limit, ProcessOptions, Request, T, Value
from papa_protocol.model import KernelInfo, ProcessInfo, SocketInfo
from papa_protocol.words import Dialect

__all__ = ["AsyncPapa", "AsyncTail", "AsyncWatcher"]


class AsyncPapa:
    """An asyncio client of a kernel; use it with ``async with``, or call ``connect`` and ``close``.

    Tasks may share it: their commands take turns. Each watcher and tail has a connection of its own.

    Args:
        port_or_path: a port of 127.0.0.1 or the absolute path of a Unix socket; None takes the default.
        connection_timeout: seconds to wait for a connection and for each reply; None takes the default, 10.
        start: whether ``connect`` may start a kernel where none listens.
    """

    def __init__(
        self,
        port_or_path: EndpointLike | os.PathLike[str] | None = None,
        connection_timeout: float | None = None,
        *,
        start: bool = True,
    ) -> None:
        self.endpoint = resolve_endpoint(port_or_path)
        self._timeout = defaults.timeout if connection_timeout is None else connection_timeout
        self._start = start
        self._commands = AsyncConnection(self.endpoint, self._timeout)
        self._turn = asyncio.Lock()

    async def connect(self) -> Self:
        """Connect now; start a kernel where none listens.

        Raises:
            CannotConnectError: no kernel answers and none can be started.
        """
        async with self._turn:
            if self._commands.closed:
                await self._reconnect(may_start=self._start)
        return self

    async def _reconnect(self, *, may_start: bool) -> None:
        self._commands = AsyncConnection(self.endpoint, self._timeout)
        await self._commands.connect(may_start=may_start)

    async def close(self) -> None:
        """Close the connection for commands; a later command opens another."""
        await self._commands.close()

    async def __aenter__(self) -> Self:
        return await self.connect()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _do(self, request: Request[T]) -> T:
        async with self._turn:
            return await (await self._connected()).request(request)

    async def _connected(self) -> AsyncConnection:
        """Return the connection for commands, whose turn it is; a lost one is made anew."""
        if self._commands.closed:
            await self._reconnect(may_start=False)
        return self._commands

    async def _begin(self, request: Request[T]) -> tuple[AsyncConnection, bytes]:
        connection = AsyncConnection(self.endpoint, self._timeout)
        await connection.connect(may_start=False)
        try:
            return connection, await connection.begin(request)
        except BaseException:
            connection.abort()
            raise

    @property
    def dialect(self) -> Dialect:
        """The dialect agreed on; 1 means a papa 1.0 kernel."""
        return self._commands.dialect

    async def list_sockets(self, *names: str | int) -> dict[str, SocketInfo]:
        """See ``Papa.list_sockets``."""
        return await self._do(requests.list_sockets([str(name) for name in names]))

    async def make_socket(  # noqa: PLR0917 - papa 1.0's order
        self,
        name: str,
        host: str | None = None,
        port: int | None = None,
        family: int | str | None = None,
        socket_type: int | str | None = None,
        backlog: int | None = None,
        path: str | None = None,
        umask: int | str | None = None,
        interface: str | None = None,
        reuseport: bool | None = None,
    ) -> SocketInfo:
        """See ``Papa.make_socket``."""
        return await self._do(
            requests.make_socket(name, host, port, family, socket_type, backlog, path, umask, interface, reuseport)
        )

    async def remove_sockets(self, *names: str | int) -> bool:
        """See ``Papa.remove_sockets``."""
        return await self._do(requests.remove("sockets", [str(name) for name in names]))

    async def list_values(self, *names: str) -> dict[str, str]:
        """See ``Papa.list_values``."""
        return await self._do(requests.list_values(names))

    async def set(self, name: str, value: Value | None = None) -> None:
        """See ``Papa.set``."""
        async with self._turn:
            connection = await self._connected()
            await connection.request(requests.set_value(name, value, connection.dialect))

    async def get(self, name: str) -> str | None:
        """See ``Papa.get``."""
        return await self._do(requests.get_value(name))

    async def remove_values(self, *names: str) -> bool:
        """See ``Papa.remove_values``."""
        return await self._do(requests.remove("values", names))

    async def list_processes(self, *names: str | int) -> dict[str, ProcessInfo]:
        """See ``Papa.list_processes``."""
        return await self._do(requests.list_processes([str(name) for name in names]))

    @overload
    async def make_process(
        self,
        name: str,
        executable: str | None = None,
        args: str | Sequence[object] | None = None,
        env: Mapping[str, str] | None = None,
        working_dir: str | None = None,
        uid: int | str | None = None,
        gid: int | str | None = None,
        rlimits: Mapping[str, Limit] | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        bufsize: int | str | None = None,
        watch_immediately: Literal[False] | None = None,
        *,
        linger: str | None = None,
        shell: bool | None = None,
        listen: str | Sequence[str] | None = None,
    ) -> ProcessInfo: ...

    @overload
    async def make_process(
        self,
        name: str,
        executable: str | None = None,
        args: str | Sequence[object] | None = None,
        env: Mapping[str, str] | None = None,
        working_dir: str | None = None,
        uid: int | str | None = None,
        gid: int | str | None = None,
        rlimits: Mapping[str, Limit] | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        bufsize: int | str | None = None,
        *,
        watch_immediately: Literal[True],
        linger: str | None = None,
        shell: bool | None = None,
        listen: str | Sequence[str] | None = None,
    ) -> AsyncWatcher: ...

    async def make_process(  # noqa: PLR0917 - papa 1.0's order
        self,
        name: str,
        executable: str | None = None,
        args: str | Sequence[object] | None = None,
        env: Mapping[str, str] | None = None,
        working_dir: str | None = None,
        uid: int | str | None = None,
        gid: int | str | None = None,
        rlimits: Mapping[str, Limit] | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        bufsize: int | str | None = None,
        watch_immediately: bool | None = None,
        *,
        linger: str | None = None,
        shell: bool | None = None,
        listen: str | Sequence[str] | None = None,
    ) -> ProcessInfo | AsyncWatcher:
        """See ``Papa.make_process``."""
        options = ProcessOptions(
            executable, args, env, working_dir, uid, gid, rlimits, stdout, stderr, bufsize, linger, shell, listen
        )  # fmt: skip
        if not watch_immediately:
            return await self._do(requests.make_process(name, options))
        connection, received = await self._begin(requests.make_process(name, options, watch=True))
        return AsyncWatcher(connection, received, consumes=True)

    async def remove_processes(self, *names: str | int) -> bool:
        """See ``Papa.remove_processes``."""
        return await self._do(requests.remove("processes", [str(name) for name in names]))

    async def watch_processes(self, *names: str | int) -> AsyncWatcher:
        """See ``Papa.watch_processes``."""
        connection, received = await self._begin(requests.follow("watch", [str(name) for name in names]))
        return AsyncWatcher(connection, received, consumes=True)

    async def tail_processes(self, *names: str | int) -> AsyncTail:
        """See ``Papa.tail_processes``."""
        connection, received = await self._begin(requests.follow("tail", [str(name) for name in names]))
        return AsyncTail(connection, received, consumes=False)

    async def acknowledge_processes(self, name: str | int, upto: int) -> bool:
        """See ``Papa.acknowledge_processes``."""
        return await self._do(requests.acknowledge_processes(str(name), upto))

    async def info(self) -> KernelInfo:
        """See ``Papa.info``."""
        return await self._do(requests.info())

    async def upgrade(self) -> str:
        """See ``Papa.upgrade``."""
        return await self._do(requests.upgrade())

    async def exit_if_idle(self) -> bool:
        """See ``Papa.exit_if_idle``."""
        return await self._do(requests.exit_if_idle())
