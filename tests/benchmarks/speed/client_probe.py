"""What a client library costs: run by an interpreter that has one, it prints JSON.

Both libraries import as ``papa`` and have the methods used here. Costs are of this process' own processor time, so
that they are the library's and not the kernel's.
"""

import json
import sys
import time
from typing import Any

from papa import Papa


def read(kernel: Any, name: str, command: list[str]) -> float:
    """Return the MB that a watcher reads for each second of processor time."""
    watcher = kernel.make_process(name, command[0], command[1:], bufsize="64m", watch_immediately=True)
    used, size = time.process_time(), 0
    while batch := watcher.read():
        out, err, _ = batch
        size += sum(len(item.data) for item in out + err)
    return size / 1e6 / (time.process_time() - used)


def rows(ask: Any, count: int, expected: int) -> float:
    """Return the rows that a list yields for each second of processor time."""
    used = time.process_time()
    for _ in range(count):
        if len(ask()) < expected:
            raise SystemExit("rows are missing")
    return expected * count / (time.process_time() - used)


def main() -> None:
    path, flood, lines, processes, values, lists = sys.argv[1], *map(int, sys.argv[2:])
    with Papa(path) as kernel:
        found = {
            "library.read.flood": read(kernel, "flood", ["/usr/bin/head", "-c", str(flood), "/dev/zero"]),
            "library.read.lines": read(kernel, "lines", ["/usr/bin/seq", "1", str(lines)]),
            "library.processes": rows(lambda: kernel.list_processes("s.*"), lists, processes),
            "library.values": rows(lambda: kernel.list_values("z.*"), lists, values),
        }
    print(json.dumps(found))


main()
