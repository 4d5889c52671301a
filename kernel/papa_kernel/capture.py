"""Reads what processes write into their ring buffers, and lets a process wait for its watchers.

Every pipe is read to its end, each on its own; what comes after a process was removed, or after its end was
acknowledged, is read and thrown away, so that no writer ever meets a closed pipe.

While a process' ring has no room its pipes are not read: once they are full, its writes wait. It goes on
when a watcher acknowledges or leaves, and whenever the one it waits for is late.
"""

import os
import time
from collections.abc import Callable, Iterable
from functools import partial

from papa_kernel.journal import Journal
from papa_kernel.log import log
from papa_kernel.loop import READ, Deadline, Loop
from papa_kernel.output import Ring
from papa_kernel.pipes import PIPE_SIZE, enlarge, waiting_in
from papa_kernel.process import Process
from papa_kernel.shares import Shares
from papa_protocol.watch import Kind

# Larger reads only miss the processor's cache.
_READ_SIZE = PIPE_SIZE
# How much of one pipe is read in a turn, in bytes, so that no writer keeps the others waiting.
_BYTES_PER_TURN = 256 * 1024
# A writer that has filled a page of a pipe is likely to have filled another by now.
_PAGE = 4096
# How many pipes may be large at a time: what all of a user's pipes hold together is limited (pipe(7)).
_LARGE_PIPES = 16
# Freeing a block of this size makes glibc keep so much (mallopt(3), M_MMAP_THRESHOLD), and double of it at the end of
# the heap, before it gives memory back. Else each new piece of output would get new pages, which cost as much as the
# reading itself.
_KEPT_MEMORY = 2 * 1024 * 1024
# After how many seconds it is tried again to read what could not be waited for.
_PAUSE_SECONDS = 0.5


class Capture:
    """Reads the pipes of processes.

    Args:
        loop: calls back when a pipe has data, and at deadlines.
        changed: called with a ring that has changed.
        shares: bounds what all rings hold.
        came_to_end: called with a process that has ended once a pipe has, or once its last words have been read.
        journal: reads the pipes.
    """

    def __init__(
        self,
        loop: Loop,
        changed: Callable[[Ring], None],
        shares: Shares,
        came_to_end: Callable[[Process], None],
        journal: Journal,
    ) -> None:
        self._loop = loop
        self._changed = changed
        self._shares = shares
        self._came_to_end = came_to_end
        self._journal = journal
        self._pipes: dict[int, Process] = {}
        self._large_pipes: set[int] = set()
        self._waiting: dict[Process, None] = {}
        self._deadline: Deadline | None = None
        bytes(_KEPT_MEMORY)

    def begin(self, process: Process) -> None:
        """Read the pipes of a process that is about to be started from now on.

        Raises:
            OSError: the system has no room for another descriptor to wait for.
        """
        self._pipes.update(dict.fromkeys(process.pipes, process))
        self._listen(process)

    def abandon(self, process: Process) -> None:
        """Leave the pipes of a process that has not been started alone."""
        for fd in process.pipes:
            self._loop.unwatch(fd)
            self._pipes.pop(fd, None)

    def go_on(self, process: Process) -> None:
        """Read the pipes of a process that another kernel has started."""
        self._pipes.update(dict.fromkeys(process.pipes, process))
        self._listen_again(process)

    def _listen_again(self, process: Process) -> None:
        """Read its pipes as soon as the system has room for them."""
        try:
            self._listen(process)
        except OSError as error:
            log.warning("The output of %s has to wait for a moment: %s", process.name, error.strerror)
            self._loop.call_at(time.monotonic() + _PAUSE_SECONDS, partial(self._listen_again, process))

    def _listen(self, process: Process) -> None:
        for fd in process.pipes:
            self._loop.watch(fd, READ, partial(self._read, process, fd))

    def open_pipes(self) -> list[int]:
        """Return the descriptors of all pipes that processes or their descendants may write to."""
        return list(self._pipes)

    def processes(self) -> Iterable[Process]:
        """Return whose pipes are open, those with two pipes twice."""
        return self._pipes.values()

    def finish(self, process: Process) -> None:
        """Read what a process that has ended left in its pipes; what others write to them goes on being read."""
        process.last_words = {fd: count for fd in process.pipes if (count := waiting_in(fd))}
        for fd in list(process.last_words):
            self._read(process, fd, READ)

    def _read(self, process: Process, fd: int, _mask: int) -> None:
        left = _BYTES_PER_TURN
        while left > 0:
            size = _READ_SIZE if process.discards else process.ring.room(time.monotonic())
            if not size:
                self._let_wait(process)
                return
            now = time.time()
            try:
                data = self._journal.read(process, fd, size, now)
            except BlockingIOError:
                return
            except MemoryError:
                self._shares.relieve()
                return
            if not data:
                self._close_pipe(process, fd)
                return
            self._take_in(process, fd, data, now)
            if len(data) < min(size, _PAGE):
                return
            left -= len(data)
            if fd not in self._large_pipes:
                self._enlarge(fd, len(data))

    def _enlarge(self, fd: int, found: int) -> None:
        """Let a pipe that was found full hold more, so that reader and writer take longer turns."""
        if found == PIPE_SIZE and len(self._large_pipes) < _LARGE_PIPES:
            self._large_pipes.add(fd)
            enlarge(fd)

    def _take_in(self, process: Process, fd: int, data: bytes, now: float) -> None:
        if not process.discards:
            self._keep(process.ring, process.pipes[fd], data, now)
            self._changed(process.ring)
            self._shares.took_in(len(data))
        if process.last_words and fd in process.last_words:
            process.last_words[fd] -= len(data)
            if process.last_words[fd] <= 0:
                self._spoke_last(process, fd)

    def _keep(self, ring: Ring, kind: Kind, data: bytes, now: float) -> None:
        """Put output into a ring; where there is no memory for it older output goes, of any ring."""
        end = ring.end + len(data)
        while ring.end < end:
            try:
                ring.add(kind, data[ring.end - end :], now)
            except MemoryError:
                if not self._shares.relieve():
                    ring.lose(end - ring.end)
                ring.wake()

    def _spoke_last(self, process: Process, fd: int) -> None:
        del process.last_words[fd]
        if not process.last_words:
            self._came_to_end(process)

    def _close_pipe(self, process: Process, fd: int) -> None:
        self._loop.unwatch(fd)
        self._journal.let_go(process, fd)
        os.close(fd)
        del self._pipes[fd]
        self._large_pipes.discard(fd)
        del process.pipes[fd]
        process.last_words.pop(fd, None)
        if process.status is not None:
            self._came_to_end(process)
            process.ring.wake()

    def _let_wait(self, process: Process) -> None:
        for fd in process.pipes:
            self._loop.unwatch(fd)
        self._waiting[process] = None
        if self._deadline is None:
            self._deadline = self._loop.call_at(process.ring.wait_until(time.monotonic()), self._review_all)

    def review(self, process: Process) -> None:
        """Let a process go on if it need not wait any more."""
        if process in self._waiting and (process.discards or process.ring.room(time.monotonic())):
            del self._waiting[process]
            self._listen_again(process)

    def _review_all(self) -> None:
        self._deadline = None
        for process in list(self._waiting):
            self.review(process)
        if self._waiting:
            now = time.monotonic()
            when = min(process.ring.wait_until(now) for process in self._waiting)
            self._deadline = self._loop.call_at(when, self._review_all)
