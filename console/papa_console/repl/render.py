"""How the reply to a command is shown: as a table, as the kernel's own lines, as JSON or as CSV."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from papa_console.repl.output import Output
from papa_console.repl.settings import Format
from papa_console.text import clean
from papa_protocol.commands import Command
from papa_protocol.errors import CommandError, RemoteProtocolError
from papa_protocol.rows import read_info, read_process_row, read_socket_row, read_value_row
from papa_protocol.words import Dialect, to_bytes, unescape

Row = Mapping[str, Any]


class Answer(NamedTuple):
    """What a command was answered.

    Args:
        command: it.
        text: the reply.
        dialect: how the reply is written.
    """

    command: Command
    text: str
    dialect: Dialect

    def rows(self, kind: str) -> list[Row]:
        """Return the rows of the reply as facts, ``name`` first."""
        rows = (_READERS[kind](row, self.dialect) for row in self.text.split("\n") if row)
        return [{"name": name, **facts} for name, facts in rows]

    def result(self) -> Any:
        """Return what the reply says, as JSON has it; None where it says nothing but that it was done."""
        match self.command.words:
            case ("list", kind):
                return self.rows(kind)
            case ("make", kind):
                return self.rows(kind)[0]
            case ("info",):
                return read_info(self.text)
            case ("get",):
                return self.text if self.dialect is Dialect.V1 else unescape(to_bytes(self.text))
            case _:
                return self.text or None


def _read_value(row: str, dialect: Dialect) -> tuple[str, Row]:
    name, value = read_value_row(row, dialect)
    return name, {"value": value}


_READERS: Mapping[str, Callable[[str, Dialect], tuple[str, Any]]] = {
    "sockets": read_socket_row,
    "processes": read_process_row,
    "values": _read_value,
    "socket": read_socket_row,
    "process": read_process_row,
}


def render(answer: Answer, wanted: Format, output: Output, now: float | None = None) -> str | None:
    """Return what to show for a reply, None for nothing.

    Args:
        answer: the reply.
        wanted: how to show it.
        output: where it goes, for its width and colours.
        now: seconds since 1970, for ages; None asks the clock.
    """
    if wanted is Format.JSON:
        return success(answer.command, answer.result())
    try:
        tabular = wanted is Format.TABLE or (wanted is Format.AUTO and output.is_terminal)
        if tabular and answer.command.words[0] == "list":
            from papa_console.repl.table import table  # noqa: PLC0415 - scripts show none

            when = time.time() if now is None else now
            return table(answer.command.words[1], answer.result(), output.columns, when, color=output.color)
        shown = _as_text(answer, wanted)
    except (RemoteProtocolError, CommandError):
        shown = answer.text  # the kernel is of another mind about its replies: this one is shown as it came
    if answer.command.words != ("get",):
        shown = shown or None
    return clean(shown) if shown and output.is_terminal else shown


def _as_text(answer: Answer, wanted: Format) -> str | None:
    words = answer.command.words
    if wanted is Format.CSV and words[0] == "list":
        return to_csv(answer.result())
    if wanted is not Format.RAW and words == ("get",):
        return str(answer.result())
    return answer.text


def success(command: Command, result: Any) -> str:
    """Return the JSON document that tells of a command that was carried out, on one line."""
    import json  # noqa: PLC0415 - 3 ms

    return json.dumps({"ok": True, "command": command.text, "result": result})


def to_csv(rows: Sequence[Row]) -> str:
    """Return rows as CSV; the first line has the names of the columns, and is there without rows too."""
    import csv  # noqa: PLC0415 - 2 ms
    import io  # noqa: PLC0415

    keys = dict.fromkeys(key for row in rows for key in row if key != "argv")
    out = io.StringIO()
    writer = csv.DictWriter(out, list(keys) or ["name"], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().removesuffix("\n")
