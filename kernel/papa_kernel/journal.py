"""What a successor needs to know when the kernel ends without a word.

Where whoever started the kernel keeps descriptors for it, the kernel writes down what it holds and everything that
changes, in a file without a name that is kept there too. Whatever a peer is told has been written down before. Output
goes from the pipe to the file first (splice(2)), so that it always is in one of the two.

So what a crash can lose is: connections, with what was on its way; of a watcher's place, the last acknowledgement,
which has its batch repeated; the places of tails; and a command that was not answered. Once something could not be
written, so can whatever changes until the file has been begun anew.

Once changes take much more than the state itself, the file is begun anew.
"""

# ruff: noqa: D102 - the methods of a journal are documented where it writes nothing
import errno
import os
import time
from collections.abc import Callable, Iterable, Mapping

from papa_kernel.log import log
from papa_kernel.loop import Loop
from papa_kernel.output import Ring
from papa_kernel.pipes import has_ended, waiting_in
from papa_kernel.process import Process
from papa_kernel.saved import Writer, encode, new_file
from papa_kernel.store import Store
from papa_protocol.hints import Any, Protocol

_LEAST = 64 * 1024 * 1024
_TIMES_THE_STATE = 4
# After how many seconds it is tried again to write what could not be.
_PAUSE_SECONDS = 1.0
_FAILURES = (OSError, MemoryError)
# Writes everything that is held.
Save = Callable[[Writer], object]


class Held(Protocol):
    """The processes."""

    def held(self) -> Iterable[Process]:
        """Return all that are listed, running or may still be written about."""

    def lists(self, process: Process) -> bool:
        """Whether a process is on the list."""


class Journal:
    """Writes nothing down: nobody would keep it."""

    number = 0  # of the file
    fails = False  # what changes cannot be written down

    def begin(self, save: Save, processes: Held) -> None:
        """Write down what is held, and what changes from now on.

        Args:
            save: writes everything that is held.
            processes: those that are held.
        """

    def keep(self, *fds: int) -> None:
        """Let a successor have descriptors."""

    def drop(self, *fds: int) -> None:
        """Let a successor have descriptors no more, and nobody else from now on."""

    def add(self, kind: str, fields: Mapping[str, Any], data: Iterable[bytes] = ()) -> None:
        """Write down a change: its kind, its fields and the bytes that come with it."""

    def follow(self, process: Process) -> None:
        """Write down a process that is about to be started, and whatever becomes of it."""

    def keep_process(self, number: int, pid: int) -> None:
        """Let a successor hear how a process ends."""

    def started(self, process: Process) -> None:
        """Take note that a process has been started."""

    def abandon(self, process: Process) -> None:
        """Take note that a process could not be started; its descriptors are still open."""

    def touch(self, ring: Ring) -> None:
        """Take note that a process, whose ring it is, is not what it was; its output aside."""

    def read(self, process: Process, fd: int, size: int, now: float) -> bytes:  # noqa: ARG002 - those who write need them
        """Return what a process wrote to a pipe, ``size`` bytes at most.

        Raises:
            BlockingIOError: there is nothing now.
        """
        return os.read(fd, size)

    def let_go(self, process: Process, fd: int) -> None:
        """Take note that a pipe of a process has come to its end, and is closed now."""

    def flush(self) -> None:
        """Have everything written down."""

    def stop(self) -> None:
        """Write down that the kernel ends as it was told to, and a successor is to go on."""

    def give_up(self) -> None:
        """Write nothing down from now on: nobody keeps it any more."""


class KeptJournal(Journal):
    """Writes down what is held, for a successor.

    Args:
        loop: calls back at the end of turns.
        store: keeps the file, and descriptors.
    """

    def __init__(self, loop: Loop, store: Store) -> None:
        self._loop = loop
        self._store = store
        self._save: Save | None = None
        self._held: Held | None = None
        self._file = -1
        self._end = 0
        self._limit = 0
        self.fails = False  # nothing can be written until the file has been begun anew
        self._over = False  # nothing ever will be
        self._processes: dict[Ring, Process] = {}
        self._changes: list[bytes] = []
        self._touched: dict[Ring, None] = {}
        self._ended: set[int] = set()  # the numbers of processes whose end a successor need not hear of, once written
        self._will_try = False

    def begin(self, save: Save, processes: Held) -> None:
        self._save, self._held = save, processes
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Write down everything in a new file, which takes the place of the last."""
        try:
            self._take_changes()  # they are part of everything
            self._follow_held()
            file = new_file("papa-journal")
        except _FAILURES as error:
            self._fail(error)
            return
        try:
            self._write_state(file)
        except _FAILURES as error:
            os.close(file)
            self._fail(error)
            return
        self._go_on_in(file)

    def _follow_held(self) -> None:
        """Follow what is about to be written, and nothing else: of others there would be nothing to change."""
        assert self._held is not None
        self._processes = {process.ring: process for process in self._held.held()}

    def _write_state(self, file: int) -> None:
        assert self._save is not None
        writer = Writer(file)
        try:
            self._save(writer)
        finally:
            writer.finish()  # in any case: what it holds back must not go to a later file of the same number
        if not self._store.keep_journal(self.number + 1, file):
            raise OSError(errno.ECONNREFUSED, "nobody keeps it")

    def _go_on_in(self, file: int) -> None:
        if self._file >= 0:
            os.close(self._file)
        self.number += 1
        self._file, self._end = file, os.fstat(file).st_size
        self._limit = max(_LEAST, _TIMES_THE_STATE * self._end)
        if self.fails:
            log.info("What changes is written down again")
        self.fails = False
        self._drop_ended()

    def _drop_ended(self) -> None:
        ended, self._ended = self._ended, set()
        for number in ended:
            self._store.drop_process(number)

    def _fail(self, error: Exception) -> None:
        """Write nothing until everything can be written anew: what is missing cannot be made up for otherwise."""
        if not self.fails:
            reason = str(error) or "there is too little memory"
            log.warning("What changes cannot be written down, and a crash would lose it: %s", reason)
        self.fails = True
        if not self._will_try:
            self._will_try = True
            self._loop.call_at(time.monotonic() + _PAUSE_SECONDS, self._try_again)

    def _try_again(self) -> None:
        self._will_try = False
        if self.fails and not self._over:
            self._begin_anew()

    def stop(self) -> None:
        self.add("stop", {})
        self.flush()

    def give_up(self) -> None:
        self.fails = self._over = True
        self._changes, self._touched = [], {}
        self._store.give_up()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def keep(self, *fds: int) -> None:
        self.flush()  # what had one of these numbers before was let go of
        self._store.keep(*fds)

    def drop(self, *fds: int) -> None:
        self.flush()
        self._store.drop(*fds)
        self._store.settle()

    def add(self, kind: str, fields: Mapping[str, Any], data: Iterable[bytes] = ()) -> None:
        pieces = list(data)
        try:
            change = [encode(kind, fields, sum(map(len, pieces))), *pieces]
        except MemoryError as error:
            self._fail(error)
            return
        self._schedule()
        self._changes += change

    def follow(self, process: Process) -> None:
        self.keep(*process.pipes)
        if self._end > self._limit and not self.fails:
            self._begin_anew()  # not later, for it is not among the held ones yet and would be missing there
        self._processes[process.ring] = process
        begun = {"begun": time.clock_gettime(time.CLOCK_BOOTTIME)}
        self._append(encode("process", {**process.saved, **begun}))

    def keep_process(self, number: int, pid: int) -> None:
        self._store.keep_process(number, pid)

    def started(self, process: Process) -> None:
        self.keep_process(process.number, process.pid)
        self.touch(process.ring)

    def abandon(self, process: Process) -> None:
        del self._processes[process.ring]
        self.add("no process", {"number": process.number})
        self.flush()
        self._store.drop(*process.pipes)

    def touch(self, ring: Ring) -> None:
        if ring in self._processes:
            self._schedule()
            self._touched[ring] = None

    def _schedule(self) -> None:
        if not (self._touched or self._changes):
            self._loop.at_end_of_turn(self.flush)

    def let_go(self, process: Process, fd: int) -> None:
        self.touch(process.ring)
        self._store.drop(fd)

    def flush(self) -> None:
        if not (self._touched or self._changes):
            return
        try:
            self._write(b"".join(self._take_changes()))
        except MemoryError as error:
            self._fail(error)
        if self._over or not self.fails:
            self._drop_ended()

    def _take_changes(self) -> list[bytes]:
        """Return records of everything that has changed."""
        touched, self._touched = self._touched, {}
        changes, self._changes = self._changes, []
        changes += [self._tell(self._processes[ring]) for ring in touched]
        return changes

    def _tell(self, process: Process) -> bytes:
        """Return a record of what has become of a process."""
        listed = self._held is not None and self._held.lists(process)
        over = not (listed or process.pipes or process.running)
        if process.status is not None:
            self._ended.add(process.number)
        if not over:
            return encode("progress", {**process.progress, "listed": listed})
        del self._processes[process.ring]
        return encode("no process", {"number": process.number})

    def _write(self, data: bytes) -> None:
        """Append to the file, or begin a new one."""
        if self._end > self._limit and not self.fails:
            self._begin_anew()
        else:
            self._append(data)

    def _append(self, data: bytes) -> None:
        if self.fails:
            return
        try:
            self._end += _write_all(self._file, data, self._end)
        except _FAILURES as error:
            self._fail(error)

    def read(self, process: Process, fd: int, size: int, now: float) -> bytes:
        if process.discards or self.fails:
            return os.read(fd, size)
        size = min(size, waiting_in(fd))
        if not size:  # what is written from now on must not be read past the file
            if has_ended(fd):
                return b""
            raise BlockingIOError
        if self._end > self._limit:
            self._begin_anew()
        moved = b"" if self.fails else self._move(process, fd, size, now)
        return moved or os.read(fd, size)

    def _move(self, process: Process, fd: int, size: int, now: float) -> bytes:
        """Move what waits in a pipe to the file, and return it; return nothing where the file cannot take it."""
        room = bytes(size)  # there may be none later, when it has left the pipe
        head = {"number": process.number, "stream": process.pipes[fd].value, "time": now, "start": process.ring.end}
        header = encode("output", head, size)
        start = at = self._end + len(header)
        try:
            _write_all(self._file, header, self._end)
            while at < start + size:
                at += os.splice(fd, self._file, start + size - at, offset_dst=at, flags=os.SPLICE_F_NONBLOCK)
        except _FAILURES as error:
            self._fail(error)
        self._end = at
        del room
        return os.pread(self._file, at - start, start)


def _write_all(file: int, data: bytes, at: int) -> int:
    """Write data at a place in a file, and return its length."""
    view = memoryview(data)
    while view:
        view = view[os.pwrite(file, view, at + len(data) - len(view)) :]
    return len(data)
