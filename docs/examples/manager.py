"""A process manager on papa: it keeps running what values describe, and writes what is printed to files.

``python manager.py FOLDER``. Each value ``managed.NAME`` is a JSON document such as
``{"command": ["/usr/bin/env"], "env": {"LANG": "C"}, "bufsize": "16m"}``, the desired state of the process
``managed.NAME``. Whatever the manager has to remember is in papa or in the logs, so that it can be killed at any moment
and started again.
"""

import fcntl
import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from papa import Batch, CommandFailedError, Papa, ProcessClosed, ProcessInfo, ProcessOutput, Watcher

MANAGED = "managed."
RESTARTS = "restarts."
LOOK_SECONDS = 0.25  # how long a change of the values may go unnoticed
STABLE_SECONDS = 10.0  # who has run that long does not wait long for the next start
FIRST_DELAY, LONGEST_DELAY = 0.25, 60.0

Held = dict[str, ProcessInfo]
Asked = dict[str, Any]


class Manager:
    """Brings processes and values together.

    Args:
        kernel: where both are held.
        logs: the folder that the logs are written to.
    """

    def __init__(self, kernel: Papa, logs: Path) -> None:
        self._kernel = kernel
        self._logs = logs
        self._watcher: Watcher | None = None

    def run(self) -> None:
        """Go on until the kernel is lost."""
        while True:
            self._reconcile()
            self._collect()

    def _reconcile(self) -> None:
        """Start what is missing, and ask whatever is not wanted, or not like this, to end."""
        held = self._kernel.list_processes(f"{MANAGED}*")
        wanted = {name: json.loads(text) for name, text in self._kernel.list_values(f"{MANAGED}*").items()}
        for name, asked in wanted.items():
            if name not in held and self._restarts(name).get("due", 0) <= time.time():
                self._start(name, asked)
        for name, info in held.items():
            if info["running"] and (name not in wanted or info["argv"] != wanted[name]["command"]):
                with suppress(ProcessLookupError):
                    os.kill(info["pid"], signal.SIGTERM)

    def _start(self, name: str, asked: Asked) -> None:
        try:
            self._kernel.make_process(name, args=asked["command"], env=asked.get("env"), bufsize=asked.get("bufsize"))
        except CommandFailedError as error:
            print(error, file=sys.stderr)
            self._put_off(name, {"failures": self._restarts(name).get("failures", 0) + 1})

    def _collect(self) -> None:
        """Wait a moment for output; write it to disk, and only then let papa forget it."""
        if not self._watcher:
            try:
                self._watcher = self._kernel.watch_processes(f"{MANAGED}*")
            except CommandFailedError:  # there is nothing to watch
                time.sleep(LOOK_SECONDS)
                return
        if self._watcher.ready or select.select([self._watcher], [], [], LOOK_SECONDS)[0]:
            self._take(self._watcher, self._watcher.read())

    def _take(self, watcher: Watcher, batch: Batch) -> None:
        held = self._kernel.list_processes(f"{MANAGED}*")
        out, err, ends = batch
        for output in out + err:
            self._write(output, held)
        for end in ends:
            self._note_end(end, held)
        watcher.acknowledge()

    def _write(self, output: ProcessOutput, held: Held) -> None:
        """Write a record where its position says: should papa send it again, the same bytes come to the same place."""
        if output.name not in held or output.position is None:
            return  # somebody has removed the process, and thereby its output
        file = os.open(self._logs / f"{output.name}.{held[output.name]['started']:.6f}.log", os.O_WRONLY | os.O_CREAT)
        try:
            os.pwrite(file, output.data, output.position - len(output.data))
            os.fsync(file)
        finally:
            os.close(file)

    def _note_end(self, end: ProcessClosed, held: Held) -> None:
        """Say when the next start is due; an end that papa tells of again changes nothing."""
        restarts = self._restarts(end.name)
        if end.name in held and restarts.get("ended") != end.timestamp:
            stable = end.timestamp - held[end.name]["started"] > STABLE_SECONDS
            failures = 0 if stable else restarts.get("failures", 0) + 1
            self._put_off(end.name, {"failures": failures, "ended": end.timestamp, "status": end.data})

    def _put_off(self, name: str, restarts: dict[str, float]) -> None:
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(restarts["failures"], 10))
        self._kernel.set(RESTARTS + name, json.dumps({**restarts, "due": time.time() + delay}))

    def _restarts(self, name: str) -> dict[str, float]:
        found: dict[str, float] = json.loads(self._kernel.get(RESTARTS + name) or "{}")
        return found


def main() -> None:
    """Manage, unless another manager does."""
    logs = Path(sys.argv[1])
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / "lock").open("w") as lock, Papa() as kernel:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second manager waits, and takes over
        Manager(kernel, logs).run()


if __name__ == "__main__":
    main()
