"""A process manager on papa: it keeps running what values describe, and logs what is printed.

``python manager.py FOLDER``. The value ``managed.NAME`` says as JSON what the process of this name
has to be: ``{"command": ["/usr/bin/env"], "env": {"LANG": "C"}, "bufsize": "16m"}``, for example.
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

from papa import CommandFailedError, Papa, Watcher

LOOK_SECONDS = 0.25  # how long a change of the values may go unnoticed
STABLE_SECONDS = 10.0  # who has run that long does not wait long for the next start
FIRST_DELAY, LONGEST_DELAY = 0.25, 60.0


def write(path: Path, data: bytes, place: int) -> None:
    """Put data at its place in a file, and onto the disk; to do so again changes nothing."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_DSYNC, 0o666), "wb") as file:
        file.seek(place)
        file.write(data)


def words(asked: dict[str, Any]) -> list[str]:
    """Return a command as the kernel tells it; JSON may have numbers in it."""
    return [str(word) for word in asked["command"]]


class Manager:
    """Brings processes and values together: the kernel has both, and the logs are in a folder."""

    def __init__(self, kernel: Papa, logs: Path) -> None:
        self._kernel = kernel
        self._logs = logs
        self._watcher: Watcher | None = None

    def reconcile(self) -> None:
        """Start what is missing, and ask whatever is not wanted, or not like this, to end."""
        held = self._kernel.list_processes("managed.*")
        values = self._kernel.list_values("managed.*")
        wanted = {name: json.loads(text) for name, text in values.items()}
        for name in wanted.keys() - held.keys():
            if self._restarts(name).get("due", 0) <= time.time():
                self._start(name, wanted[name])
        for name, info in held.items():
            if info["running"] and (name not in wanted or info["argv"] != words(wanted[name])):
                with suppress(ProcessLookupError):  # it has just ended
                    os.kill(info["pid"], signal.SIGTERM)

    def _start(self, name: str, asked: dict[str, Any]) -> None:
        env, bufsize = asked.get("env"), asked.get("bufsize")
        try:
            self._kernel.make_process(name, args=words(asked), env=env, bufsize=bufsize)
        except CommandFailedError as error:
            self._put_off(name, time.time(), 0.0, str(error))

    def collect(self) -> None:
        """Wait a moment for output; write it to disk, and only then let papa forget it."""
        try:
            self._watcher = self._watcher or self._kernel.watch_processes("managed.*")
        except CommandFailedError:  # there is nothing to watch
            time.sleep(LOOK_SECONDS)
            return
        if self._watcher.ready or select.select([self._watcher], [], [], LOOK_SECONDS)[0]:
            self._take(self._watcher)

    def _take(self, watcher: Watcher) -> None:
        out, err, ends = watcher.read()
        held = self._kernel.list_processes("managed.*")
        started = {name: info["started"] for name, info in held.items()}
        for output in out + err:
            if output.position and output.name in started:  # else it has been removed
                log = self._logs / f"{output.name}.{started[output.name]:.6f}.log"
                write(log, output.data, output.position - len(output.data))
        for end in ends:
            seconds = end.timestamp - started.get(end.name, end.timestamp)
            self._put_off(end.name, end.timestamp, seconds, end.data)
        watcher.acknowledge()

    def _put_off(self, name: str, ended: float, seconds: float, status: int | str) -> None:
        """Say when the next start is due; an end that papa tells of again changes nothing."""
        restarts = self._restarts(name)
        if restarts.get("ended") != ended:
            failures = 0 if seconds > STABLE_SECONDS else restarts.get("failures", 0) + 1
            due = time.time() + min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(failures, 10))
            restarts = {"failures": failures, "ended": ended, "status": status, "due": due}
            self._kernel.set(f"restarts.{name}", json.dumps(restarts))

    def _restarts(self, name: str) -> dict[str, Any]:
        return dict(json.loads(self._kernel.get(f"restarts.{name}") or "{}"))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock, Papa() as kernel:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second manager waits, and takes over
        manager = Manager(kernel, folder)
        while True:
            manager.reconcile()
            manager.collect()
