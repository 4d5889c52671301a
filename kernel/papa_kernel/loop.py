"""The event loop: descriptors, deadlines and signals, one thread, no polling.

It knows callbacks and nothing of what they do. A turn waits until a descriptor is ready, a signal
arrives or the nearest deadline passes; calls what is due; then calls what was put off to the end of the
turn. Without deadlines it sleeps for as long as nothing happens.

An exception that a callback lets out is a bug: it is logged, the callback's owner is told, and the loop
goes on. Nowhere else are exceptions caught wholesale. A lack of memory is no bug: some is asked for, and
the owner is told all the same.
"""

import contextlib
import errno
import heapq
import os
import signal
import sys
import time
from collections.abc import Callable
from itertools import count

from papa_kernel.log import log
from papa_kernel.poller import HANG_UP, READ, WRITE, Poller
from papa_protocol.hints import NamedTuple

__all__ = ["HANG_UP", "READ", "WRITE", "Deadline", "Loop"]

Callback = Callable[[], None]
# Made here, for there may be no memory for it later.
_DESPITE_LACK = contextlib.suppress(MemoryError)
# How long the loop rests when there is no memory for a turn, in seconds.
_REST_SECONDS = 0.01
# epoll_ctl(2) says of it that there is no space left on a device.
_NO_ROOM = "the system lets its user wait for no more descriptors (fs.epoll.max_user_watches)"


class Deadline:
    """A callback that is due at a time of the loop's clock; ``cancel`` calls it off."""

    __slots__ = ("callback", "cancelled", "failed")

    def __init__(self, callback: Callback, failed: Callback) -> None:
        self.callback = callback
        self.failed = failed
        self.cancelled = False

    def cancel(self) -> None:
        """Call it off."""
        self.cancelled = True


def _nothing() -> None:
    pass


def _explained(error: OSError) -> OSError:
    reason = _NO_ROOM if error.errno == errno.ENOSPC else os.strerror(error.errno or 0).lower()
    return OSError(error.errno, reason)


class _Watched(NamedTuple):
    """Whom to call when a descriptor is ready."""

    callback: Callable[[int], None]
    failed: Callback


class Loop:
    """Waits for descriptors, deadlines and signals, and calls whoever asked for them.

    ``lacks_memory`` is called when there is none; it may give some back.
    """

    def __init__(self) -> None:
        self._poller = Poller()
        self._watched: dict[int, _Watched] = {}
        self._fresh: set[int] = set()  # watched since the turn began
        self._deadlines: list[tuple[float, int, Deadline]] = []
        self._order = count()
        self._end_of_turn: dict[Callback, Callback] = {}
        self._signals: dict[int, Callback] = {}
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._running = False
        self._old_wakeup = -1
        self.lacks_memory: Callable[[], object] = _nothing

    def watch(self, fd: int, mask: int, callback: Callable[[int], None], failed: Callback = _nothing) -> None:
        """Call ``callback(mask)`` whenever ``fd`` is ready for any of ``mask``; again to change the mask.

        Args:
            fd: an open descriptor.
            mask: READ, WRITE or both, or HANG_UP alone; 0 stops watching.
            callback: does one bounded piece of work; it is told what ``fd`` is ready for, which may be an error
                or a hang-up as well.
            failed: called after ``callback`` let an exception out.

        Raises:
            OSError: the system has no room or no memory to wait for another descriptor.
        """
        if not mask:
            if self._watched.pop(fd, None) is not None:
                self._poller.unregister(fd)
            return
        if fd in self._watched:
            self._poller.modify(fd, mask)
        else:
            try:
                self._register(fd, mask)
            except OSError as error:
                raise _explained(error) from None
            self._fresh.add(fd)
        self._watched[fd] = _Watched(callback, failed)

    def _register(self, fd: int, mask: int) -> None:
        self._poller.register(fd, mask)

    def unwatch(self, fd: int) -> None:
        """Stop watching ``fd``, which must still be open; nothing happens where it is not watched."""
        self.watch(fd, 0, lambda _: None)

    def call_at(self, when: float, callback: Callback, failed: Callback = _nothing) -> Deadline:
        """Call ``callback`` once the loop's clock (``time.monotonic``, in seconds) reaches ``when``.

        What is due at once comes in the next turn. ``failed`` is as for ``watch``.
        """
        deadline = Deadline(callback, failed)
        heapq.heappush(self._deadlines, (when, next(self._order), deadline))
        return deadline

    def at_end_of_turn(self, callback: Callback, failed: Callback = _nothing) -> None:
        """Call ``callback`` once, after everything else that is due in this turn."""
        self._end_of_turn[callback] = failed

    def on_signal(self, number: int, callback: Callback) -> None:
        """Call ``callback`` in a turn of the loop after the signal ``number`` has arrived.

        What arrives before ``run`` waits for it.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, (number,))
        self._signals[number] = callback
        signal.signal(number, lambda *_: None)
        signal.siginterrupt(number, False)

    def run(self) -> None:
        """Take turns until ``stop`` is called."""
        self._running = True
        self.watch(self._wake_read, READ, self._deliver_signals)
        self._take_wakeup()
        self.let_signals_through()
        if self._end_of_turn:
            self.call_at(0, _nothing)  # the first turn does not wait
        while self._running:
            try:
                self._turn()
            except MemoryError:
                self.ask_for_memory()
                time.sleep(_REST_SECONDS)

    def _take_wakeup(self) -> None:
        before = signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        if before != self._wake_write:  # as it is where this loop has run before
            self._old_wakeup = before

    def hold_signals(self) -> None:
        """Leave signals to the system, with those that have arrived and await a turn: they come once let through."""
        signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)
        for number in self._arrived():
            os.kill(os.getpid(), number)

    def let_signals_through(self) -> None:
        """Take signals again."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._signals)

    @property
    def running(self) -> bool:
        """Whether there will be another turn."""
        return self._running

    def stop(self) -> None:
        """End ``run`` after this turn."""
        self._running = False

    def close(self) -> None:
        """Release the loop's own descriptors."""
        signal.set_wakeup_fd(self._old_wakeup)
        self._poller.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _turn(self) -> None:
        self._fresh.clear()
        for fd, mask in self._poller.poll(self._time_left() if self._deadlines else None):
            watched = self._watched.get(fd)
            # An earlier callback of this turn may have closed the descriptor, and its number may have a new owner.
            if watched is None or fd in self._fresh:
                continue
            try:
                watched.callback(mask)
            except Exception:  # noqa: BLE001 - `_report` logs it
                self._report(watched.callback, watched.failed)
        if self._deadlines:
            self._call_due()
        while self._end_of_turn:
            callbacks, self._end_of_turn = self._end_of_turn, {}
            for put_off, failed in callbacks.items():
                self._guard(put_off, failed)

    def _time_left(self) -> float | None:
        while self._deadlines and self._deadlines[0][2].cancelled:
            heapq.heappop(self._deadlines)
        return max(0.0, self._deadlines[0][0] - time.monotonic()) if self._deadlines else None

    def _call_due(self) -> None:
        now = time.monotonic()
        while self._deadlines and self._deadlines[0][0] <= now:
            _, _, deadline = heapq.heappop(self._deadlines)
            if not deadline.cancelled:
                self._guard(deadline.callback, deadline.failed)

    def _deliver_signals(self, _: int) -> None:
        for number in self._arrived():
            self._guard(self._signals[number], _nothing)

    def _arrived(self) -> list[int]:
        try:
            return sorted(set(os.read(self._wake_read, 4096)).intersection(self._signals))
        except BlockingIOError:
            return []

    def _guard(self, callback: Callback, failed: Callback) -> None:
        try:
            callback()
        except Exception:  # noqa: BLE001 - `_report` logs it
            self._report(callback, failed)

    def _report(self, callback: Callable[..., None], failed: Callback) -> None:
        """Log the bug that has just let an exception out of a callback, and tell the owner."""
        if isinstance(sys.exception(), MemoryError):
            self.ask_for_memory()
            log.warning("There is no memory for %s; going on without it", callback)
        else:
            log.exception("A bug in %s; going on without it", callback)
        with _DESPITE_LACK:
            failed()

    def ask_for_memory(self) -> None:
        """Have some memory given back, if there is any to give."""
        with _DESPITE_LACK:
            self.lacks_memory()
