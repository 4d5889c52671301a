"""What completion needs to know, taken from a snapshot: rows are written only where somebody looks at them. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from papa_console.dashboard.held.snapshot import Snapshot
from papa_console.repl.candidates import Known
from papa_console.repl.names import PROCESSES, SOCKETS, VALUES, Names, Picture
from papa_protocol.model import ProcessInfo
from papa_protocol.rows import process_row, socket_row, value_row
from papa_protocol.words import Dialect

_SHOWN_OF_VALUE = 60


class Rows(Mapping[str, str]):
    """The rows of one kind by name, each written when it is asked for."""

    def __init__(self, held: Mapping[str, Any], write: Callable[[str, Any], str]) -> None:
        self._held = held
        self._write = write

    def __getitem__(self, name: str) -> str:
        return self._write(name, self._held[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)


def _process(name: str, info: ProcessInfo) -> str:
    words = info.get("argv") or info.get("args", "").split(" ")
    return process_row(name, {**info, "argv": words}, Dialect.V2)


def known(snapshot: Snapshot) -> Known:
    """Return what can be completed from ``snapshot``."""
    kinds: dict[str, tuple[Mapping[str, Any], Callable[[str, Any], str]]] = {
        SOCKETS: (snapshot.sockets, lambda name, info: socket_row(name, info, Dialect.V2)),
        VALUES: (snapshot.values, lambda name, text: value_row(name, text[:_SHOWN_OF_VALUE], Dialect.V2)),
        PROCESSES: (snapshot.processes, _process),
    }
    picture = {kind: Names(Rows(held, write), sorted(held)) for kind, (held, write) in kinds.items()}
    return Known(Picture(picture, snapshot.values), snapshot.taken)
