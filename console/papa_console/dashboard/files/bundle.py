"""An incident bundle: one folder with what was known about a process at one moment.

It is for people who were not there, so a README in it says what each file is. The folder appears under its name only
once it is whole.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from papa_console.dashboard.files.export import Holding, kernel_facts, rows, to_json
from papa_console.dashboard.files.saving import Named, clock, exactly, with_times
from papa_console.dashboard.files.writing import file_name, fresh_folder, new_file, stamp, sync_folder, write_new
from papa_console.folders import state_folder
from papa_console.text import clean_line
from papa_protocol.model import ProcessInfo
from papa_protocol.watch import Kind, Record

_FILES = {
    "facts.json": "the process and the kernel, at the moment of writing",
    "output.txt": "the output that the console had: time, stream (out, err; end, gap and note are remarks), text",
    "output.raw": "the same output without times: the bytes as the process wrote them",
    "processes.json": "all processes that the kernel held",
    "sockets.json": "all sockets that it held",
    "values.json": "all values that it held",
    "picture.svg": "the screen of the console; any browser shows it",
}


@dataclass(frozen=True, slots=True)
class Incident:
    """What a bundle is made of.

    Args:
        name: the process; empty for none in particular.
        held: what the kernel holds.
        lines: the output that is known, in order, each with the name of its process.
        records: the output as the kernel had it, where that is known; the raw file is made of it, byte by byte.
        picture: the screen as SVG; empty for none.
        remarks: further facts, by name, that JSON can carry.
    """

    name: str
    held: Holding
    lines: Sequence[Named] = ()
    records: Iterable[Record] | None = None
    picture: str = ""
    remarks: Mapping[str, Any] = field(default_factory=dict)


def bundles_folder() -> Path:
    """Return where bundles are that are to go nowhere else."""
    return state_folder() / "bundles"


def write_bundle(incident: Incident, now: float, folder: Path | None = None) -> Path:
    """Write a bundle and return its folder, which is new.

    Args:
        incident: what to write.
        now: the time, in seconds since 1970.
        folder: where the folder goes; None takes ``bundles_folder()``.

    Raises:
        OSError: it cannot be written; then there is none.
    """
    folder = folder or bundles_folder()
    name = f"{file_name(incident.name or 'kernel')}-{stamp(now)}"
    made = fresh_folder(folder, f".{name}")
    try:
        for file, data in _contents(incident, now).items():
            write_new(made / file, new_file(made / file), data)
        sync_folder(made)
        return _publish(made, name)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def _publish(made: Path, name: str) -> Path:
    """Give a folder a name that is free, and return its path."""
    number = 1
    while True:
        final = made.parent / (name if number == 1 else f"{name}-{number}")
        if not final.exists():
            return made.rename(final)
        number += 1


def _contents(incident: Incident, now: float) -> dict[str, bytes]:
    held = incident.held
    contents = {
        "facts.json": to_json(_facts(incident, now)),
        "output.txt": b"".join(with_times(incident.lines, names=_are_several(incident.lines))),
        "output.raw": _raw(incident),
        "processes.json": to_json(rows(held.processes)),
        "sockets.json": to_json(rows(held.sockets)),
        "values.json": to_json(dict(sorted(held.values.items()))),
    }
    if incident.picture:
        contents["picture.svg"] = incident.picture.encode()
    return {"README.txt": _readme(incident, now, contents), **contents}


def _are_several(lines: Sequence[Named]) -> bool:
    return len({name for name, _ in lines}) > 1


def _raw(incident: Incident) -> bytes:
    if incident.records is None:
        return b"".join(exactly(incident.lines))
    return b"".join(record.data for record in incident.records if record.kind in (Kind.OUT, Kind.ERR))


def _facts(incident: Incident, now: float) -> dict[str, Any]:
    info: ProcessInfo = incident.held.processes.get(incident.name, {})
    return {
        "papa_bundle": 1,
        "written": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
        "process": {"name": incident.name, **info} if incident.name else None,
        "exit_status": info.get("status"),
        "kernel": kernel_facts(incident.held.kernel),
        "lines": len(incident.lines),
        **incident.remarks,
    }


def _readme(incident: Incident, now: float, contents: Mapping[str, bytes]) -> bytes:
    wide = max(map(len, contents))
    lines = [
        f"About {clean_line(incident.name) or 'the kernel'}, written by papa-console at {clock(now)}",
        f"from the kernel at {clean_line(incident.held.kernel.endpoint)}: {_outcome(incident)}.",
        "",
        *(f"{file:<{wide}}  {_FILES[file]}" for file in contents),
        "",
        "Times are those at which the kernel read the output. A line of kind gap tells where output is missing.",
        "Output, values and command lines may hold passwords: look through them before you pass this folder on.",
        "",
    ]
    return "\n".join(lines).encode()


def _outcome(incident: Incident) -> str:
    info = incident.held.processes.get(incident.name)
    if info is None:
        return "it held no such process any more" if incident.name else f"{len(incident.held.processes)} processes"
    if info.get("running"):
        return f"running, PID {info.get('pid')}"
    status = info.get("status")
    return "ended" if status is None else f"ended with exit status {status} (negative: killed by that signal)"
