"""Plain lists of what a kernel holds: for pipes, and for terminals on which the dashboard cannot be shown."""

import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

import papa
from papa.endpoint import EndpointLike, show_endpoint
from papa_console.repl.output import Output, wants_color
from papa_console.repl.table import table
from papa_console.text import clean_line, duration, size

_WIDEST = 10_000  # where no terminal cuts lines, nothing is shortened


def whole(client: papa.Papa, endpoint: EndpointLike) -> str:
    """Return the lists as standard output wants them."""
    output = Output(sys.stdout, sys.stderr)
    columns = output.columns if output.is_terminal else _WIDEST
    return "".join(f"{line}\n" for line in lists(client, endpoint, columns, time.time(), color=_color(sys.stdout)))


def _color(stream: TextIO) -> bool:
    return wants_color(stream, Output(stream, stream).color_wish)


def lists(client: papa.Papa, endpoint: EndpointLike, columns: int, now: float, *, color: bool) -> Iterator[str]:
    """Yield the lines: one about the kernel, then a table for each kind.

    Args:
        client: of the kernel.
        endpoint: where it is.
        columns: how wide a line may be.
        now: seconds since 1970, for ages.
        color: whether to use colours.
    """
    yield f"papa {show_endpoint(endpoint)}{_about(client)}"
    held: Mapping[str, Mapping[str, Any]] = {
        "processes": client.list_processes(),
        "sockets": client.list_sockets(),
        "values": {name: {"value": value} for name, value in client.list_values().items()},
    }
    for kind, facts in held.items():
        rows = [{"name": name, **facts[name]} for name in sorted(facts)]
        yield ""
        yield f"{len(rows)} {kind if len(rows) != 1 else kind.removesuffix('es' if kind == 'processes' else 's')}"
        shown = table(kind, rows, columns, now, color=color)
        if shown is not None:
            yield shown


def _about(client: papa.Papa) -> str:
    """Return what the kernel says of itself; a papa 1.0 kernel says nothing."""
    try:
        info = client.info()
    except papa.CommandFailedError:
        return ""
    held = f"{size(info.get('buffered', 0))} bytes of output held, {size(info.get('dropped', 0))} dropped"
    return f": version {clean_line(str(info['version']))}, PID {info['pid']}, up {duration(info['uptime'])}, {held}"
