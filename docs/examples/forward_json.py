"""What processes print, as JSON lines in a file: ``forward_json.py FILE [NAME|PATTERN…]``.

The kernel forgets a batch only once it is on the disk. A forwarder that is killed may have written the last batch
without having acknowledged it: the next one writes it again, so that readers see some lines twice, but never miss one.
"""

import json
import logging
import os
import sys
from pathlib import Path

from papa import Error, Papa
from papa.logs import Line, read_lines


def encode(line: Line) -> bytes:
    """Return a line of JSON."""
    level = logging.getLevelName(line.level).lower()
    return json.dumps({"time": line.time, "process": line.name, "level": level, "message": line.text}).encode() + b"\n"


def forward(client: Papa, path: str, names: list[str]) -> None:
    """Append what processes print to a file, until nothing is left to watch."""
    with Path(path).open("ab") as file, client.watch_processes(*names) as watcher:
        if not at_line_start(path):
            file.write(b"\n")  # whoever wrote before was killed within a line
        while watcher:
            file.write(b"".join(map(encode, read_lines(watcher.read_records()))))
            file.flush()  # all of it, or it raises an exception
            os.fsync(file.fileno())


def at_line_start(path: str) -> bool:
    """Whether a file is empty or ends with a line end."""
    with Path(path).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - 1, 0))
        return file.read() in (b"", b"\n")


if __name__ == "__main__":
    try:
        with Papa(start=False) as kernel:
            forward(kernel, sys.argv[1], sys.argv[2:])
    except (OSError, Error) as error:
        sys.exit(str(error))
