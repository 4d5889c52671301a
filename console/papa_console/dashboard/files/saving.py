"""Writing lines of output to a file: exactly as the processes wrote them, or with times, streams and names."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from papa_console.dashboard.files.receipt import saved_folder
from papa_console.dashboard.files.writing import file_name, fresh_file, make_folder, new_file, reason, stamp, write_all
from papa_console.dashboard.output.lines import Line, Source
from papa_console.text import clean_line
from papa_protocol.words import to_bytes

_AT_ONCE = 2000
_STREAMS = {Source.OUT: "out", Source.ERR: "err", Source.END: "end", Source.GAP: "gap", Source.NOTE: "note"}


class SavingError(Exception):
    """Lines could not be saved; the text says which file and why."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Where lines were saved, and how much it was."""

    path: Path
    lines: int
    size: int


Named = tuple[str, Line]


def exactly(lines: Iterable[Named]) -> Iterator[bytes]:
    """Yield the bytes of the output among the lines, each ended by a line feed; remarks and ends are left out."""
    return (line.data + b"\n" for _, line in lines if line.source in (Source.OUT, Source.ERR))


def with_times(lines: Iterable[Named], *, names: bool) -> Iterator[bytes]:
    """Yield the lines, ends, gaps and remarks among them, each after its time, its stream and perhaps its process.

    Args:
        lines: the lines.
        names: whether each begins with its process, for lines of several.
    """
    for name, line in lines:
        head = f"{clock(line.time)} {clean_line(name) + ' ' if names else ''}{_STREAMS[line.source]:<4} "
        yield to_bytes(head) + line.data + b"\n"


def clock(seconds: float) -> str:
    """Return a time as files show it, in this machine's time zone: ``2025-11-23 15:20:30.123+00:00``."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(" ", "milliseconds")


def save_lines(
    path: Path | None,
    lines: Iterable[Named],
    name: str = "output",
    *,
    now: float,
    times: bool = False,
    names: bool = False,
) -> Saved:
    """Save lines to a file that is not there yet.

    Args:
        path: the file; ``~`` is the user's home. None: one in ``saved_folder()`` whose name has ``name`` and the time.
        lines: the lines, each with the name of its process.
        name: what the file is about.
        now: the time, in seconds since 1970.
        times: whether each line begins with its time and stream; the bytes are exactly those of the output otherwise.
        names: whether each line that has its time has its process as well.

    Raises:
        SavingError: there is such a file, or it cannot be written; then there is none.
    """
    try:
        path, fd = _open(path, name, now)
    except OSError as error:
        raise SavingError(reason(error)) from None
    written = with_times(lines, names=names) if times else exactly(lines)
    try:
        try:
            return Saved(path, *_write(fd, written))
        finally:
            os.close(fd)
    except BaseException as error:
        with suppress(OSError):
            path.unlink()
        if isinstance(error, OSError):
            raise SavingError(f"{path}: {reason(error)}") from None
        raise


def _open(path: Path | None, name: str, now: float) -> tuple[Path, int]:
    if path is None:
        return fresh_file(saved_folder(), f"{file_name(name)}-{stamp(now)}", ".log")
    path = path.expanduser()
    make_folder(path.parent)
    return path, new_file(path)


def _write(fd: int, written: Iterator[bytes]) -> tuple[int, int]:
    lines = size = 0
    while several := list(islice(written, _AT_ONCE)):
        data = b"".join(several)
        write_all(fd, data)
        lines, size = lines + len(several), size + len(data)
    os.fsync(fd)
    return lines, size
