r"""What a watch or a tail shows, as bytes: for people a line of output each, for programs a JSON object each. Pure.

A line is ``NAME | …`` for standard output and ``NAME ! …`` for standard error. Whoever shows a batch acknowledges it,
so no byte is kept back: a line that a batch leaves unfinished is shown and stays open, and the stream that it belongs
to may go on in it until another one speaks or ``close_line`` ends it.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from papa_console.repl.output import BOLD, RED, paint
from papa_console.text import clean, clean_line, duration, width
from papa_protocol.watch import Kind, Record
from papa_protocol.words import to_bytes, to_text

_PALETTE = ("36", "33", "32", "35", "34", "96", "93", "92", "95", "94")
_MARKS = {Kind.OUT: "|", Kind.ERR: "!"}
_Stream = tuple[str, Kind]


class Showing(Protocol):
    """Turns batches into what is written."""

    lines: int

    def show(self, records: Iterable[Record]) -> bytes:
        """Return what a batch adds."""
        ...

    def close_line(self) -> bytes:
        """Return what ends a line that is open."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether a line is open."""
        ...


def describe_end(record: Record, started: Mapping[str, float]) -> str:
    """Return the line that tells of the end of a process."""
    if record.number >= 0:
        how = f"exited with status {record.number}"
    else:
        from papa_console.repl.table import ended  # noqa: PLC0415 - few processes are killed

        how = f"was killed by {ended(record.number)}"
    after = f" after {duration(record.time - started[record.name])}" if record.name in started else ""
    return f"{clean_line(record.name)} {how}{after}"


class Lines:
    """Shows lines for people.

    Args:
        started: when the processes that are known were started, in seconds since 1970.
        color: whether to use colours.
        raw: whether output goes through as it is, control characters and all.
    """

    def __init__(self, started: Mapping[str, float], *, color: bool, raw: bool) -> None:
        self.lines = 0
        self._started = started
        self._color = color
        self._raw = raw
        self._colors: dict[str, str] = {}
        self._width = max((width(clean_line(name)) for name in started), default=0)
        self._open: _Stream | None = None

    @property
    def is_open(self) -> bool:
        """Whether a line is open."""
        return self._open is not None

    def show(self, records: Iterable[Record]) -> bytes:
        """Return what a batch adds; a stream's lines are put together over the whole batch."""
        parts: list[bytes] = []
        held: dict[_Stream, bytes] = {}
        for record in records:
            if record.kind in _MARKS:
                stream = (record.name, record.kind)
                *lines, rest = (held.pop(stream, b"") + record.data).split(b"\n")
                for line in lines:
                    parts += self._line(stream, line, ended=True)
                if rest:
                    held[stream] = rest
                continue
            for stream in [stream for stream in held if stream[0] == record.name]:
                parts += self._line(stream, held.pop(stream), ended=True)
            parts += [self.close_line(), self._told(record)]
        for stream, rest in held.items():
            parts += self._line(stream, rest, ended=False)
        return b"".join(parts)

    def close_line(self) -> bytes:
        """Return what ends a line that is open."""
        if self._open is None:
            return b""
        self._open = None
        return b"\n"

    def _line(self, stream: _Stream, data: bytes, *, ended: bool) -> list[bytes]:
        parts: list[bytes] = []
        if self._open != stream:
            parts += [self.close_line(), self._prefix(stream)]
            self.lines += 1
        parts.append(self._data(data, ended=ended))
        self._open = stream
        if ended:
            parts.append(self.close_line())
        return parts

    def _data(self, data: bytes, *, ended: bool) -> bytes:
        if self._raw:
            return data
        return to_bytes(clean(to_text(data.removesuffix(b"\r") if ended else data)))

    def _prefix(self, stream: _Stream) -> bytes:
        name, kind = stream
        shown, mark = clean_line(name), _MARKS[kind]
        self._width = max(self._width, width(shown))
        blank = " " * (self._width - width(shown))
        if self._color:
            color = self._colors.setdefault(name, _PALETTE[len(self._colors) % len(_PALETTE)])
            shown = paint(shown, color)
            mark = paint(mark, RED if kind is Kind.ERR else color)
        return to_bytes(f"{shown}{blank} {mark} ")

    def _told(self, record: Record) -> bytes:
        if record.kind is Kind.LOST:
            text = f"{clean_line(record.name)} had {record.number} bytes dropped here: its buffer was full"
        else:
            text = describe_end(record, self._started)
        if self._color:
            text = paint(text, RED if record.kind is Kind.LOST or record.number else BOLD)
        return to_bytes(text + "\n")


class Objects:
    """Shows a JSON object for each record.

    Args:
        started: when the processes that are known were started, in seconds since 1970.
    """

    is_open = False

    def __init__(self, started: Mapping[str, float]) -> None:
        self.lines = 0
        self._started = started

    def show(self, records: Iterable[Record]) -> bytes:
        """Return an object and a line end for each record."""
        import json  # noqa: PLC0415 - 3 ms

        shown = [json.dumps(self._object(record)) for record in records]
        self.lines += len(shown)
        return "".join(f"{line}\n" for line in shown).encode()

    def close_line(self) -> bytes:
        """Return nothing: objects are whole."""
        return b""

    def _object(self, record: Record) -> dict[str, object]:
        fields: dict[str, object] = {"name": record.name, "time": record.time}
        if record.kind in _MARKS:
            fields |= {"event": record.kind.value, **_json_data(record.data)}
        elif record.kind is Kind.LOST:
            fields |= {"event": "lost", "bytes": record.number}
        else:
            fields |= {"event": "exit", "status": record.number}
            if record.name in self._started:
                fields["after"] = round(record.time - self._started[record.name], 3)
        if record.position is not None:
            fields["position"] = record.position
        return fields


def _json_data(data: bytes) -> dict[str, str]:
    """Return output as JSON has it: text, or where it is none, base64 as well."""
    try:
        return {"data": data.decode()}
    except UnicodeDecodeError:
        import base64  # noqa: PLC0415 - few programs write such bytes

        return {"data": clean(to_text(data)), "base64": base64.b64encode(data).decode()}
