"""What the kernel holds, by name, for completion: a cache that a thread with a connection of its own keeps fresh.

Rows are kept as text and read only where they are shown, so that 10,000 names cost a few milliseconds. A picture is
never changed, only replaced, so no lock is needed to look at it. Where the kernel does not answer the picture stays
as it is: who completes never waits, and never sees an error.
"""

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from papa.connection import Connection
from papa.endpoint import EndpointLike
from papa.errors import Error, LostConnectionError
from papa.requests import Request, get_value
from papa_console.repl.table import ended
from papa_console.text import clean_line, duration
from papa_protocol.errors import CommandError, ProtocolError
from papa_protocol.rows import read_process_row, read_socket_row
from papa_protocol.words import Dialect, show_name, split_escaped, to_bytes, unescape

SOCKETS, VALUES, PROCESSES = "sockets", "values", "processes"
KINDS = (SOCKETS, VALUES, PROCESSES)
FRESH_SECONDS = 1.0
LONGEST_VALUE = 1024
_SHOWN_OF_VALUE = 60
_LAST = "\U0010ffff"


class Opens(Protocol):
    """What a connection comes from."""

    @property
    def endpoint(self) -> EndpointLike:
        """Where the kernel listens."""

    def open(self) -> Connection:
        """Return a new connection."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one kind, in order, and the row of each."""

    rows: Mapping[str, str] = field(default_factory=dict)
    names: Sequence[str] = ()
    dialect: Dialect = Dialect.V2

    def bounds(self, prefix: str) -> tuple[int, int]:
        """Return where the names that begin with ``prefix`` start and end."""
        return bisect_left(self.names, prefix), bisect_left(self.names, prefix + _LAST)

    def numbers(self, kind: str) -> Mapping[str, str]:
        """Return the names by file number or PID, as text."""
        key = " fileno=" if kind == SOCKETS else " pid="
        return {row.partition(key)[2].partition(" ")[0]: name for name, row in self.rows.items() if key in row}


@dataclass(frozen=True, slots=True)
class Picture:
    """What the kernel held when it was asked.

    Args:
        kinds: the names of each kind.
        values: the texts of values that were asked for by name, up to 1 KiB; None where there is none.
    """

    kinds: Mapping[str, Names] = field(default_factory=lambda: dict.fromkeys(KINDS, Names()))
    values: Mapping[str, str | None] = field(default_factory=dict)


def _name_of(row: str, dialect: Dialect) -> str:
    if dialect is Dialect.V1 or ("\\" not in row and '"' not in row):
        return row.partition(" ")[0]
    return unescape(split_escaped(to_bytes(row))[0])


def _read_names(kind: str) -> Callable[[str, Dialect], Names]:
    def read(text: str, dialect: Dialect) -> Names:
        rows = {_name_of(row, dialect): row for row in text.split("\n") if row}
        if kind == VALUES:
            rows = {name: row[: len(name) + _SHOWN_OF_VALUE] for name, row in rows.items()}
        return Names(rows, sorted(rows), dialect)

    return read


def fetch_names(connection: Connection, kind: str) -> Names:
    """Ask for the names of one kind.

    Raises:
        Error: there is no answer, or none that can be understood.
    """
    return connection.request(Request(("list", kind), _read_names(kind)))


def facts(kind: str, name: str, names: Names, now: float) -> str:
    """Return what there is to say about a name, in a few words."""
    row = names.rows.get(name, "")
    try:
        if kind == SOCKETS:
            return clean_line(_socket_facts(row, names.dialect))
        if kind == PROCESSES:
            return clean_line(_process_facts(row, names.dialect, now))
    except (CommandError, ProtocolError):
        return ""
    return clean_line(row.removeprefix(show_name(name, names.dialect)).strip()[:40])


def _socket_facts(row: str, dialect: Dialect) -> str:
    info = read_socket_row(row, dialect)[1]
    host = info.get("host", "")
    where = info.get("path") or f"{f'[{host}]' if ':' in host else host}:{info.get('port', 0)}"
    return f"{where} fd {info['fileno']}" if "fileno" in info else where


def _process_facts(row: str, dialect: Dialect, now: float) -> str:
    info = read_process_row(row, dialect)[1]
    if "status" in info:
        return f"pid {info.get('pid', '?')} {ended(info['status'])}"
    age = duration(now - info["started"]) if "started" in info else ""
    return f"pid {info.get('pid', '?')} {'running' if info.get('running') else 'ended'} {age}".rstrip()


class NameCache:
    """The cache and its thread.

    Args:
        opens: where connections come from; where its ``endpoint`` changes, so does the cache.
        changed: called in the thread when there is a new picture.
    """

    def __init__(self, opens: Opens, changed: Callable[[], None] = lambda: None) -> None:
        self.picture = Picture()
        self.changed = changed
        self._opens = opens
        self._endpoint = opens.endpoint
        self._asked_at = 0.0
        self._wanted_value: str | None = None
        self._wake = threading.Semaphore(0)
        self._ended = False
        self._thread = threading.Thread(target=self._keep, name="papa-repl-names", daemon=True)
        self._thread.start()

    def refresh(self, older_than: float = 0.0) -> None:
        """Ask for a new picture where the last one was asked for more than ``older_than`` seconds ago."""
        if time.monotonic() - self._asked_at >= older_than:
            self._asked_at = time.monotonic()
            self._wake.release()

    def want_value(self, name: str) -> None:
        """Ask for the text of a value; a later picture has it."""
        if self._wanted_value != name:
            self._wanted_value = name
            self._wake.release()

    def forget_values(self) -> None:
        """Drop the texts of values: they may have changed."""
        self._wanted_value = None
        self.picture = Picture(self.picture.kinds)

    def close(self) -> None:
        """End the thread once it has its answer; this does not wait for it."""
        self._ended = True
        self._wake.release()

    def _keep(self) -> None:
        while True:
            self._wake.acquire()
            while self._wake.acquire(blocking=False):
                pass
            if self._ended:
                return
            if self._look_again():
                self.changed()

    def _look_again(self) -> bool:
        """Take a new picture, at the second attempt if need be, as the kernel may be another one by now."""
        for _ in range(2):
            try:
                self.picture = self._look()
            except LostConnectionError:
                continue
            except Error:
                return False
            else:
                return True
        return False

    def _look(self) -> Picture:
        """Take a picture over a connection of its own, which must not keep a kernel alive that was asked to end."""
        if self._opens.endpoint != self._endpoint:
            self._endpoint = self._opens.endpoint
            self.picture = Picture()
        connection = self._opens.open()
        try:
            return look(connection, self._wanted_value)
        finally:
            connection.close()


def look(connection: Connection, wanted_value: str | None = None, kinds: Sequence[str] = KINDS) -> Picture:
    """Return a picture of what the kernel holds.

    Args:
        connection: one that takes commands.
        wanted_value: the name of a value whose text is wanted.
        kinds: which names are wanted.

    Raises:
        Error: there is no answer, or none that can be understood.
    """
    held = {kind: fetch_names(connection, kind) if kind in kinds else Names() for kind in KINDS}
    values: dict[str, str | None] = {}
    if wanted_value is not None:
        text = connection.request(get_value(wanted_value)) if wanted_value in held[VALUES].rows else None
        values[wanted_value] = text if text is not None and len(text) <= LONGEST_VALUE else None
    return Picture(held, values)
