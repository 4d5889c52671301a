"""What a kernel holds, asked for no more often than it can have changed."""

from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from papa import requests
from papa.errors import Error
from papa.requests import Request
from papa_console.dashboard.held.connecting import LoggedConnection
from papa_console.dashboard.held.rows import ProcessReader, Rows
from papa_protocol.model import KernelInfo, ProcessInfo, SocketInfo
from papa_protocol.rows import read_socket_row, read_value_row
from papa_protocol.words import Dialect

KINDS = ("processes", "sockets", "values")
_AT_LEAST_EVERY = 10.0
# What of ``info`` changes without anything that a list shows, nor anything worth drawing again.
_RESTLESS = ("uptime",)


def plain_text(words: Iterable[str]) -> Request[str]:
    """Return a request whose result is the reply as it came."""
    found = tuple(words)
    return Request(found, lambda text, _: text, plain=found[:1] == ("get",))  # a value may look like an error


class Holdings:
    """The lists and facts that a kernel replied with last.

    Args:
        clock: counts seconds, for what must be asked for now and then.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.info: KernelInfo = {}
        self.processes: Rows[ProcessInfo] = Rows(ProcessReader())
        self.sockets: Rows[SocketInfo] = Rows(read_socket_row)
        self.values: Rows[str] = Rows(read_value_row)
        self._clock = clock
        self._stamps: dict[str, object] = {}
        self._asked: dict[str, float] = {}

    def rows(self, kind: str) -> Rows[Any]:
        """Return the list of a kind."""
        found: Rows[Any] = getattr(self, kind)
        return found

    async def refresh(self, connection: LoggedConnection, kinds: Iterable[str]) -> bool:
        """Ask for the facts, and for the lists of ``kinds`` that may have changed; return whether anything has.

        Raises:
            Error: the kernel is gone, or no kernel.
            RemoteProtocolError: a list cannot be read.
        """
        changed = False
        if connection.dialect is Dialect.V2:
            changed = await self._ask_for_info(connection)
        for kind in kinds:
            if self._is_due(kind):
                changed |= await self._list(connection, kind)
        return changed

    async def _ask_for_info(self, connection: LoggedConnection) -> bool:
        info = await connection.request(requests.info())
        if not isinstance(info.get("pid"), int):
            raise Error("What listens there has no info about itself")
        before, self.info = self.info, info
        return any(before.get(key) != value for key, value in info.items() if key not in _RESTLESS)

    def _stamp(self, kind: str) -> object:
        """Return what stays the same as long as a list does; None where nobody knows."""
        if "changes" not in self.info:
            return None
        output = [self.info.get(key) for key in ("position", "buffered", "dropped")] if kind == "processes" else []
        return [self.info["changes"], *output]

    def _is_due(self, kind: str) -> bool:
        stamp = self._stamp(kind)
        if stamp is None or stamp != self._stamps.get(kind):
            return True
        return self._clock() - self._asked[kind] >= _AT_LEAST_EVERY

    async def _list(self, connection: LoggedConnection, kind: str) -> bool:
        stamp = self._stamp(kind)
        text = await connection.request(plain_text(["list", kind]))
        changed = await self.rows(kind).take_in(text, connection.dialect)
        self._stamps[kind], self._asked[kind] = stamp, self._clock()
        return changed

    def begin_again(self) -> None:
        """Take nothing for known: the connection is another one."""
        self._stamps.clear()
        self.info = {}
        for kind in KINDS:
            self.rows(kind).distrust()
