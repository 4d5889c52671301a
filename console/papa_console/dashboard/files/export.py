"""Everything that the kernel holds, as one JSON document with keys that stay.

::

    papa_export   1, the version of this format
    taken         when, UTC
    kernel        endpoint, and what `info` says: version, pid, started, uptime, endpoints, counts, buffered, dropped
    sockets       a list of objects: name, and the facts of `list sockets`
    processes     a list of objects: name, and the facts of `list processes`; argv has the words of the command
    values        an object: name to text

Lists are ordered by name. Facts that a kernel does not tell are left out.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from papa_console.dashboard.files.writing import fresh_file, stamp, write_new
from papa_console.folders import state_folder
from papa_protocol.model import KernelInfo, ProcessInfo, SocketInfo

FORMAT = 1


class HasKernel(Protocol):
    """The state of a kernel, as far as it is exported."""

    @property
    def endpoint(self) -> str:
        """Where it listens."""

    @property
    def info(self) -> KernelInfo:
        """What it says of itself."""


class Holding(Protocol):
    """What a kernel holds; ``held.snapshot.Snapshot`` is one."""

    @property
    def kernel(self) -> HasKernel:
        """Whose it is."""

    @property
    def processes(self) -> Mapping[str, ProcessInfo]:
        """The processes, by name."""

    @property
    def sockets(self) -> Mapping[str, SocketInfo]:
        """The sockets, by name."""

    @property
    def values(self) -> Mapping[str, str]:
        """The values, by name."""

    @property
    def taken(self) -> float:
        """When it was so, in seconds since 1970."""


def rows(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return sockets or processes as the document has them."""
    return [{"name": name, **facts[name]} for name in sorted(facts)]


def kernel_facts(kernel: HasKernel) -> dict[str, Any]:
    """Return what is known of a kernel as the document has it."""
    return {"endpoint": kernel.endpoint, **kernel.info}


def document(held: Holding) -> dict[str, Any]:
    """Return the document."""
    return {
        "papa_export": FORMAT,
        "taken": datetime.fromtimestamp(held.taken, UTC).isoformat(timespec="milliseconds"),
        "kernel": kernel_facts(held.kernel),
        "sockets": rows(held.sockets),
        "processes": rows(held.processes),
        "values": dict(sorted(held.values.items())),
    }


def to_json(thing: object) -> bytes:
    """Return JSON for people and programs: indented, every character as itself, bytes that are no text escaped."""
    text = json.dumps(thing, indent=2, ensure_ascii=False) + "\n"
    try:
        return text.encode()
    except UnicodeEncodeError:  # stray bytes, which Python has as surrogates
        return (json.dumps(thing, indent=2) + "\n").encode()


def export(held: Holding, now: float, folder: Path | None = None) -> Path:
    """Write the document to a new file and return where it is.

    Args:
        held: what to write.
        now: the time, in seconds since 1970, for the file's name.
        folder: where to; None takes ``$XDG_STATE_HOME/papa/exports``.

    Raises:
        OSError: it cannot be written.
    """
    path, fd = fresh_file(folder or state_folder() / "exports", f"papa-{stamp(now)}", ".json")
    write_new(path, fd, to_json(document(held)))
    return path
