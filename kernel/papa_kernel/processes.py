"""Held processes: started, their output captured, their end collected.

Every stream is read to its end, each on its own; what comes after a process was removed, or after its end
was acknowledged, is read and thrown away, so that no writer ever meets a closed pipe. The end is reported
after everything that was in the pipes when the process died, whoever else still holds them open.
"""

import fcntl
import logging
import os
import struct
import termios
import time
from collections.abc import Callable, Mapping
from functools import partial

from papa_kernel.child import Launch, Launcher, find_limits
from papa_kernel.loop import READ, Loop
from papa_kernel.output import Ring
from papa_kernel.registry import Registry
from papa_kernel.users import Identity, find_identity
from papa_protocol.errors import CommandError
from papa_protocol.model import ProcessInfo, ProcessSpec
from papa_protocol.watch import Kind

log = logging.getLogger("papa")

# The default size of a pipe; larger reads only miss the processor's cache.
_READ_SIZE = 64 * 1024
# How much of one pipe is read in a turn, so that no writer keeps the others waiting.
_READS_PER_TURN = 4


class Process:
    """A process that papa holds, and what it wrote."""

    def __init__(self, name: str, spec: ProcessSpec, identity: Identity) -> None:
        self.name = name
        self.spec = spec
        self.identity = identity
        self.pid = 0
        self.started = 0.0
        self.status: int | None = None
        self.ring = Ring(spec.bufsize)
        self.pipes: dict[int, Kind] = {}
        self.discards = False  # output is thrown away: removed, or no longer listed

    @property
    def running(self) -> bool:
        """Whether it has not been reaped."""
        return self.status is None

    @property
    def info(self) -> ProcessInfo:
        """What a row of ``list processes`` shows."""
        info: ProcessInfo = {"pid": self.pid, "running": self.running, "started": self.started}
        if self.identity.uid is not None:
            info["uid"] = self.identity.uid
        if self.identity.gid is not None:
            info["gid"] = self.identity.gid
        if self.spec.shell:
            info["shell"] = True
        if self.status is not None:
            info["status"] = self.status
        info["bufsize"] = self.spec.bufsize
        info["buffered"] = self.ring.buffered
        info["dropped"] = self.ring.dropped
        info["position"] = self.ring.end
        if watchers := self.ring.watchers:
            info["watchers"] = watchers
        self._add_choices(info)
        info["argv"] = list(self.spec.args)
        return info

    def _add_choices(self, info: ProcessInfo) -> None:
        """Tell what was asked for and is not the default."""
        spec = self.spec
        if spec.working_dir:
            info["working_dir"] = spec.working_dir
        if spec.linger != "exit":
            info["linger"] = spec.linger
        if not spec.stdout:
            info["stdout"] = 0
        if spec.stderr != "1":
            info["stderr"] = spec.stderr


class Processes:
    """The held processes, by name and by PID.

    Args:
        loop: calls back when a pipe has data.
        launcher: starts programs.
    """

    def __init__(self, loop: Loop, launcher: Launcher) -> None:
        self.by_name: Registry[Process] = Registry()
        self.by_number: dict[int, str] = {}
        self.changes = 0  # grows when a row of the list changes otherwise than by output
        self.on_made: list[Callable[[Process], None]] = []
        self._running: dict[int, Process] = {}
        self._pipes: set[int] = set()
        self._loop = loop
        self._launcher = launcher

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
        process = Process(name, spec, find_identity(spec.uid, spec.gid))
        limits = find_limits(spec.rlimits)
        outputs = _Outputs(spec, self._launcher.null)
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
        self._add(process)
        return process

    def _add(self, process: Process) -> None:
        for fd in process.pipes:
            self._loop.watch(fd, READ, partial(self._read, process, fd))
            self._pipes.add(fd)
        self._running[process.pid] = process
        self.by_name[process.name] = process
        self.by_number[process.pid] = process.name
        self.changes += 1
        log.debug("process %s has been started with pid %d", process.name, process.pid)
        for callback in list(self.on_made):
            callback(process)

    def _read(self, process: Process, fd: int, _mask: int) -> None:
        for _ in range(_READS_PER_TURN):
            try:
                data = os.read(fd, _READ_SIZE)
            except BlockingIOError:
                return
            if not data:
                self._close_pipe(process, fd)
                return
            self._store(process, fd, data)
            if len(data) < _READ_SIZE:
                return

    @staticmethod
    def _store(process: Process, fd: int, data: bytes) -> None:
        if not process.discards:
            process.ring.add(process.pipes[fd], data, time.time())

    def _close_pipe(self, process: Process, fd: int) -> None:
        self._loop.unwatch(fd)
        os.close(fd)
        self._pipes.discard(fd)
        del process.pipes[fd]
        if process.status is not None:
            self._report_end(process)
            process.ring.wake()

    def reap(self) -> None:
        """Collect every child that has ended."""
        while self._running:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            process = self._running.pop(pid, None)
            if process is not None:
                self._end(process, os.waitstatus_to_exitcode(status))

    def _end(self, process: Process, status: int) -> None:
        for fd in list(process.pipes):
            self._drain(process, fd)
        process.status = status
        self.changes += 1
        log.debug("process %s, pid %d, has ended with status %d", process.name, process.pid, status)
        self._report_end(process)

    def _drain(self, process: Process, fd: int) -> None:
        """Read what is in a pipe now, and not what a descendant goes on writing."""
        left: int = struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0\0\0\0"))[0]
        while left > 0:
            data = os.read(fd, min(left, _READ_SIZE))
            self._store(process, fd, data)
            left -= len(data)

    def _report_end(self, process: Process) -> None:
        waits = process.spec.linger == "eof" and process.pipes
        if process.ring.closed is None and process.status is not None and not waits:
            process.ring.close(process.status, time.time())
        if process.discards and not waits:
            self.forget(process)

    def remove(self, process: Process) -> None:
        """Throw away the output of a process from now on; it leaves the list once it has ended."""
        process.discards = True
        self.changes += 1
        process.ring.discard()
        if process.ring.closed is not None:
            self.forget(process)

    def forget(self, process: Process) -> None:
        """Take a process off the list; its pipes are read until they end."""
        process.discards = True
        self.changes += 1
        if self.by_name.get(process.name) is process:
            del self.by_name[process.name]
        if self.by_number.get(process.pid) == process.name:
            del self.by_number[process.pid]
        process.ring.wake()

    def acknowledged(self, process: Process) -> None:
        """Take a process off the list if its end has been acknowledged."""
        if process.ring.all_acknowledged:
            self.forget(process)

    def open_pipes(self) -> list[int]:
        """Return the descriptors of all pipes that processes or their descendants may write to."""
        return list(self._pipes)


class _Outputs:
    """The descriptors that a new process writes to, and the ends that the kernel reads."""

    def __init__(self, spec: ProcessSpec, null: int) -> None:
        self._reading: dict[int, Kind] = {}
        self._writing: list[int] = []
        records = spec.bufsize > 0
        try:
            self.stdout = self._open(Kind.OUT) if spec.stdout and records else null
            captured = self._open(Kind.ERR) if spec.stderr == "1" and records else null
        except OSError as error:
            self.close_all()
            raise CommandError(f"No pipe can be made: {os.strerror(error.errno or 0).lower()}") from None
        self.stderr = self.stdout if spec.stderr == "stdout" else captured

    def _open(self, kind: Kind) -> int:
        reading, writing = os.pipe2(os.O_CLOEXEC)
        self._reading[reading] = kind
        self._writing.append(writing)
        os.set_blocking(reading, False)
        return writing

    def keep_reading_ends(self) -> dict[int, Kind]:
        """Close what only the process writes to; return what the kernel reads."""
        for fd in self._writing:
            os.close(fd)
        return self._reading

    def close_all(self) -> None:
        """Undo everything."""
        for fd in (*self._writing, *self._reading):
            os.close(fd)
