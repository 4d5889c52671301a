"""Held processes: started, their output captured, their end collected.

The end is reported after everything that was in the pipes when the process died, whoever else still holds
them open.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from papa_kernel.capture import Capture
from papa_kernel.child import Launcher, find_limits
from papa_kernel.children import Children
from papa_kernel.journal import Journal
from papa_kernel.limits import BUFFERED, PROCESSES, Limits
from papa_kernel.log import log
from papa_kernel.loop import Loop
from papa_kernel.output import Ring
from papa_kernel.pipes import Outputs
from papa_kernel.process import Process
from papa_kernel.registry import Registry
from papa_kernel.replay import Replay
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
        journal: is told what changes.
    """

    def __init__(self, loop: Loop, launcher: Launcher, children: Children, limits: Limits, journal: Journal) -> None:
        self.by_name: Registry[Process] = Registry()
        self.by_number: dict[int, str] = {}
        self.changes = 0  # grows when a row of the list changes otherwise than by output
        self.on_made: list[Callable[[Process], None]] = []
        self.totals = Totals()
        self.made = 0  # how many there ever were
        self._running: dict[int, Process] = {}
        self._journal = journal
        shares = Shares(limits[BUFFERED], self._rings, self._changed)
        loop.lacks_memory = shares.relieve
        self._capture = Capture(loop, self.totals.changed, shares, self._report_end, journal)
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
            raise CommandError(
                f"The process {name} is already there, with another {', '.join(differing)}; "
                f"{_way_to_free_name(process)}, or take another name"
            )
        if process.discards:
            process.discards = False
            self._touch(process)
        return process

    def start(
        self,
        name: str,
        spec: ProcessSpec,
        words: list[str],
        env: Mapping[str, str],
        sockets: list[int],
        *,
        closed: Sequence[int],
        listen: Mapping[str, int],
    ) -> Process:
        """Start a process.

        Args:
            name: what it is called; nothing else is.
            spec: what was asked for.
            words: the words of ``spec`` with placeholders replaced.
            env: its environment, likewise.
            sockets: the descriptors that it inherits.
            closed: those that it must not have for a moment.
            listen: those that it finds from 3 on, by name.

        Raises:
            CommandError: it cannot be started; nothing is left behind.
        """
        self._limits.check(PROCESSES, len(self.by_name) + 1)
        process = Process(self.made + 1, name, spec, self._find_identity(spec))
        limits = find_limits(spec.rlimits)
        outputs = Outputs(spec, self._launcher.null)
        identity = process.identity
        process.pipes = outputs.reading
        process.started = time.time()
        self._journal.follow(process)
        try:
            self._begin_to_read(process)
            process.pid = self._launcher.start(
                Launch(
                    words, env, outputs.stdout, outputs.stderr, sockets, spec.working_dir,
                    identity.uid, identity.gid, identity.groups, limits, closed, listen,
                )
            )  # fmt: skip
        except BaseException:
            self._capture.abandon(process)
            self._journal.abandon(process)
            outputs.close_all()
            raise
        outputs.close_writing_ends()
        self._journal.started(process)
        self.made += 1
        self._await_end(process)
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

    def _touch(self, process: Process) -> None:
        self.changes += 1
        self._journal.touch(process.ring)

    def _rings(self) -> Iterator[Ring]:
        return (process.ring for process in self.by_name.values())

    def _begin_to_read(self, process: Process) -> None:
        try:
            self._capture.begin(process)
        except OSError as error:
            raise CommandError(f"No pipe can be read: {error.strerror}") from None

    def _await_end(self, process: Process) -> None:
        if process.running:
            self._running[process.pid] = process
            self._children.expect(process.pid, self._end)

    def _list(self, process: Process) -> None:
        self.by_name[process.name] = process
        self.by_number[process.pid] = process.name

    def _end(self, pid: int, status: int) -> None:
        process = self._running.pop(pid)
        process.status = status
        self._touch(process)
        log.debug("process %s, pid %d, has ended with status %d", process.name, process.pid, status)
        self._capture.finish(process)
        self._report_end(process)

    def lists(self, process: Process) -> bool:
        """Whether a process is on the list."""
        return self.by_name.get(process.name) is process

    def _changed(self, ring: Ring) -> None:
        self.totals.changed(ring)
        self._journal.touch(ring)

    def _progressed(self, process: Process) -> None:
        if self.lists(process):
            self.totals.changed(process.ring)
        self._journal.touch(process.ring)

    def _report_end(self, process: Process) -> None:
        waits = process.last_words or (process.spec.linger == "eof" and process.pipes)
        if process.ring.closed is None and process.status is not None and not waits:
            process.ring.close(process.status, time.time())
            self._progressed(process)
        if process.discards and not waits:
            self.forget(process)

    def settle(self) -> None:
        """Tell of the ends that the last kernel had learnt of, but had yet to tell."""
        for process in list(self.held()):
            if not process.running and process.ring.closed is None:
                self._capture.finish(process)
                self._report_end(process)

    def remove(self, process: Process) -> None:
        """Throw away the output of a process from now on; it leaves the list once it has ended."""
        process.discards = True
        self._touch(process)
        process.ring.discard()
        self._progressed(process)
        self.review(process)
        if process.ring.closed is not None:
            self.forget(process)

    def forget(self, process: Process) -> None:
        """Take a process off the list; its pipes are read until they end."""
        process.discards = True
        self._touch(process)
        if self.lists(process):
            del self.by_name[process.name]
            self.totals.forget(process.ring)
        if self.by_number.get(process.pid) == process.name:
            del self.by_number[process.pid]
        self.review(process)
        process.ring.wake()

    def acknowledged(self, process: Process) -> None:
        """Take note that output has been acknowledged: the process may go on, or leave the list if it was its end."""
        self._progressed(process)
        self.review(process)
        if process.ring.all_acknowledged and self.lists(process):
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

    def restore(self, replay: Replay) -> None:
        """Hold what another kernel held."""
        self.made, self.changes = replay.made, replay.changes[0]
        for process in replay.processes.values():
            self._capture.go_on(process)
            self._await_end(process)
            if process.number in replay.listed:
                self._list(process)
                self.totals.changed(process.ring)


def _way_to_free_name(process: Process) -> str:
    """Return what has to be done before another process may have a process' name."""
    if process.discards:
        return "end it first, since it has been removed but has its name until it ends"
    return "end it and remove it first" if process.running else "remove it first"
