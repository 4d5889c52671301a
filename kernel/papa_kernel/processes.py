"""Held processes: started, their output captured, their end collected.

The end is reported after everything that was in the pipes when the process died, whoever else still holds
them open.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from papa_kernel.capture import Capture
from papa_kernel.child import Launcher, find_limits
from papa_kernel.children import Children
from papa_kernel.limits import BUFFERED, PROCESSES, Limits
from papa_kernel.log import log
from papa_kernel.loop import Loop
from papa_kernel.output import Ring
from papa_kernel.pipes import Outputs
from papa_kernel.process import Process
from papa_kernel.registry import Registry
from papa_kernel.shares import Shares
from papa_kernel.spawn import Launch
from papa_kernel.totals import Totals
from papa_kernel.users import Identity, find_identity
from papa_protocol.errors import CommandError
from papa_protocol.model import ProcessSpec


class Processes:
    """The held processes, by name and by PID.

    Args:
        loop: calls back when a pipe has data.
        launcher: starts programs.
        children: tells when one has ended.
        limits: bounds how many there are, and what their outputs take.
    """

    def __init__(self, loop: Loop, launcher: Launcher, children: Children, limits: Limits) -> None:
        self.by_name: Registry[Process] = Registry()
        self.by_number: dict[int, str] = {}
        self.changes = 0  # grows when a row of the list changes otherwise than by output
        self.on_made: list[Callable[[Process], None]] = []
        self.totals = Totals()
        self._running: dict[int, Process] = {}
        self._made = 0  # how many there ever were
        shares = Shares(limits[BUFFERED], self._rings, self.totals.changed)
        loop.lacks_memory = shares.relieve
        self._capture = Capture(loop, self.totals.changed, shares, self._report_end)
        self._launcher = launcher
        self._children = children
        self._limits = limits

    @property
    def running(self) -> int:
        """How many have not been reaped."""
        return len(self._running)

    def find(self, name: str, spec: ProcessSpec) -> Process | None:
        """Return the process called ``name`` if there is one; a removed one is taken back.

        Raises:
            CommandError: it is there with other parameters.
        """
        process = self.by_name.get(name)
        if process is None:
            return None
        if differing := process.spec.differing(spec):
            raise CommandError(f"The process {name} is already there, with another {', '.join(differing)}")
        if process.discards:
            process.discards = False
            self.changes += 1
        return process

    def start(
        self,
        name: str,
        spec: ProcessSpec,
        words: list[str],
        env: Mapping[str, str],
        sockets: list[int],
    ) -> Process:
        """Start a process.

        Args:
            name: what it is called; nothing else is.
            spec: what was asked for.
            words: the words of ``spec`` with placeholders replaced.
            env: its environment, likewise.
            sockets: the descriptors that it inherits.

        Raises:
            CommandError: it cannot be started; nothing is left behind.
        """
        self._limits.check(PROCESSES, len(self.by_name) + 1)
        process = Process(self._made + 1, name, spec, self._find_identity(spec))
        limits = find_limits(spec.rlimits)
        outputs = Outputs(spec, self._launcher.null)
        identity = process.identity
        try:
            process.pid = self._launcher.start(
                Launch(
                    words, env, outputs.stdout, outputs.stderr, sockets, spec.working_dir,
                    identity.uid, identity.gid, identity.groups, limits,
                )
            )  # fmt: skip
        except BaseException:
            outputs.close_all()
            raise
        process.started = time.time()
        process.pipes = outputs.keep_reading_ends()
        self._made += 1
        self._hold(process)
        self._list(process)
        self.changes += 1
        log.debug("process %s has been started with pid %d", name, process.pid)
        for callback in list(self.on_made):
            callback(process)
        return process

    def _find_identity(self, spec: ProcessSpec) -> Identity:
        """Return whom a process runs as; without a descriptor for the lists of users nobody would be found."""
        if not (spec.uid or spec.gid):
            return Identity()
        take_back = self._launcher.lend_spare()
        try:
            return find_identity(spec.uid, spec.gid)
        finally:
            take_back()

    def _rings(self) -> Iterator[Ring]:
        return (process.ring for process in self.by_name.values())

    def _hold(self, process: Process) -> None:
        """Read its output, and wait for its end."""
        self._capture.begin(process)
        if process.running:
            self._running[process.pid] = process
            self._children.expect(process.pid, self._end)

    def _list(self, process: Process) -> None:
        self.by_name[process.name] = process
        self.by_number[process.pid] = process.name

    def _end(self, pid: int, status: int) -> None:
        process = self._running.pop(pid)
        process.status = status
        self.changes += 1
        log.debug("process %s, pid %d, has ended with status %d", process.name, process.pid, status)
        self._capture.finish(process)
        self._report_end(process)

    def _lists(self, process: Process) -> bool:
        return self.by_name.get(process.name) is process

    def _changed(self, process: Process) -> None:
        if self._lists(process):
            self.totals.changed(process.ring)

    def _report_end(self, process: Process) -> None:
        waits = process.last_words or (process.spec.linger == "eof" and process.pipes)
        if process.ring.closed is None and process.status is not None and not waits:
            process.ring.close(process.status, time.time())
            self._changed(process)
        if process.discards and not waits:
            self.forget(process)

    def remove(self, process: Process) -> None:
        """Throw away the output of a process from now on; it leaves the list once it has ended."""
        process.discards = True
        self.changes += 1
        process.ring.discard()
        self._changed(process)
        self.review(process)
        if process.ring.closed is not None:
            self.forget(process)

    def forget(self, process: Process) -> None:
        """Take a process off the list; its pipes are read until they end."""
        process.discards = True
        self.changes += 1
        if self._lists(process):
            del self.by_name[process.name]
            self.totals.forget(process.ring)
        if self.by_number.get(process.pid) == process.name:
            del self.by_number[process.pid]
        self.review(process)
        process.ring.wake()

    def acknowledged(self, process: Process) -> None:
        """Take note that output has been acknowledged: the process may go on, or leave the list if it was its end."""
        self._changed(process)
        self.review(process)
        if process.ring.all_acknowledged and self._lists(process):
            self.forget(process)

    def review(self, process: Process) -> None:
        """Let a process that waits for its watchers go on, if it need not any more."""
        self._capture.review(process)

    def open_pipes(self) -> list[int]:
        """Return the descriptors of all pipes that processes or their descendants may write to."""
        return self._capture.open_pipes()

    def held(self) -> Iterable[Process]:
        """Return all processes that are listed, running or may still be written about; streams may have others."""
        processes = (self.by_name.values(), self._running.values(), self._capture.processes())
        return {each.number: each for each in chain(*processes)}.values()

    @property
    def saved(self) -> dict[str, Any]:
        """What ``restore`` needs besides the processes."""
        return {"made": self._made, "changes": self.changes, "listed": [each.number for each in self.by_name.values()]}

    def restore(self, saved: dict[str, Any], processes: Mapping[int, Process]) -> None:
        """Hold what was saved.

        Args:
            saved: what ``saved`` was.
            processes: all processes, by their own numbers.
        """
        self._made, self.changes = saved["made"], saved["changes"]
        for process in processes.values():
            self._hold(process)
        for number in saved["listed"]:
            process = processes[number]
            self._list(process)
            self.totals.changed(process.ring)
