"""Lists as aligned tables.

A last column that has no width of its own (the arguments, a value) is shortened first; then columns are dropped from
the right until the rest fits. Every cell is escaped, since tables go to terminals.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from papa_console.repl.output import BOLD, RED, paint
from papa_console.text import clean_line, duration, shorten, size, width

Row = Mapping[str, Any]
_GAP = "  "
_LEAST_FLEXIBLE = 16  # columns that a flexible last one keeps while there are others to drop
_FLEXIBLE = frozenset({"args", "value"})
_NUMBERS = frozenset({"pid", "age", "buffered", "dropped", "bufsize", "uid", "gid", "fileno", "backlog"})

# In the order in which they are worth keeping, but for a flexible one.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "sockets": ("name", "address", "fileno", "family", "type", "backlog", "reuseport", "interface", "umask"),
    "processes": ("name", "pid", "state", "age", "buffered", "dropped", "bufsize", "uid", "gid", "shell", "args"),
    "values": ("name", "value"),
}


def ended(status: int) -> str:
    """Return how a process ended: ``exited 7`` or ``SIGKILL``."""
    if status >= 0:
        return f"exited {status}"
    import signal  # noqa: PLC0415 - few processes are killed

    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


def _state(row: Row, _: float) -> str:
    if row.get("running"):
        return "running"
    return ended(row["status"]) if isinstance(row.get("status"), int) else "ended"


def _address(row: Row, _: float) -> str:
    if "path" in row:
        return clean_line(str(row["path"]))
    host = clean_line(str(row.get("host", "")))
    return f"[{host}]:{row.get('port', '')}" if ":" in host else f"{host}:{row.get('port', '')}"


def _age(row: Row, now: float) -> str:
    return duration(now - row["started"]) if isinstance(row.get("started"), float) else ""


def _size_of(key: str) -> Callable[[Row, float], str]:
    return lambda row, _: size(row[key]) if isinstance(row.get(key), int) else ""


def _mask(row: Row, _: float) -> str:
    return f"{row['umask']:03o}" if isinstance(row.get("umask"), int) else ""


_CELLS: Mapping[str, Callable[[Row, float], str]] = {
    "state": _state,
    "address": _address,
    "age": _age,
    "umask": _mask,
    **{key: _size_of(key) for key in ("buffered", "dropped", "bufsize")},
}


def _cell(key: str, row: Row, now: float) -> str:
    if key in _CELLS:
        return _CELLS[key](row, now)
    value = row.get(key)
    if value is None or value is False:
        return ""
    return "yes" if value is True else clean_line(str(value))


@dataclass(frozen=True, slots=True)
class _Column:
    key: str
    cells: Sequence[str]
    width: int

    @property
    def flexible(self) -> bool:
        return self.key in _FLEXIBLE

    def pad(self, text: str) -> str:
        blank = " " * (self.width - width(text))
        return blank + text if self.key in _NUMBERS else text + blank


def table(kind: str, rows: Sequence[Row], columns: int, now: float, *, color: bool) -> str | None:
    """Return rows as an aligned table that is no wider than ``columns``; None where there are none.

    Args:
        kind: ``sockets``, ``processes`` or ``values``.
        rows: what to show.
        columns: the width of the terminal.
        now: seconds since 1970, for ages.
        color: whether to use colours.
    """
    if not rows:
        return None
    shown = _fit([column for key in COLUMNS[kind] if (column := _column(key, rows, now)) is not None], columns)
    lines = [shorten(_GAP.join(column.pad(column.key.upper()) for column in shown).rstrip(), columns)]
    lines += [
        shorten(_GAP.join(column.pad(column.cells[i]) for column in shown).rstrip(), columns) for i in range(len(rows))
    ]
    if color:
        failed = [False, *(kind == "processes" and bool(row.get("status")) for row in rows)]
        lines = [paint(line, RED) if bad else line for line, bad in zip(lines, failed, strict=True)]
        lines[0] = paint(lines[0], BOLD)
    return "\n".join(lines)


def _column(key: str, rows: Sequence[Row], now: float) -> _Column | None:
    """Return a column, None where it would be empty."""
    cells = [_cell(key, row, now) for row in rows]
    if not any(cells) and key != "name":
        return None
    return _Column(key, cells, max(width(text) for text in [key, *cells]))


def _fit(columns: Sequence[_Column], limit: int) -> list[_Column]:
    keep = list(columns)
    last = [keep.pop()] if keep[-1].flexible else []
    least = min(last[0].width, _LEAST_FLEXIBLE) + len(_GAP) if last else 0
    while len(keep) > 1 and sum(column.width + len(_GAP) for column in keep) - len(_GAP) + least > limit:
        keep.pop()
    return keep + last
