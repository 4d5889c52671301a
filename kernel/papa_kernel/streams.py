"""What a watching or tailing connection receives: records of several processes, batch by batch.

A watcher waits for its batch to be acknowledged before it takes the next; a tail does not. Both see
processes made later that one of their patterns stands for, and end when nothing is left. A process that is
no longer listed may have a namesake by then, whose records look the same: they come after all of its own.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from papa_kernel.cursor import Cursor
from papa_kernel.pace import Pace
from papa_kernel.process import Process
from papa_kernel.processes import Processes
from papa_kernel.records import Piece
from papa_protocol.hints import Any
from papa_protocol.names import is_pattern, matches
from papa_protocol.watch import BATCH_END, BatchWriter, Kind

# About how much one batch holds, in bytes.
BATCH_BYTES = 1024 * 1024
# The least that one of many processes may add to a batch.
_SMALLEST_SHARE = 16 * 1024


class Stream:
    """The output of some processes, on its way to one connection.

    Args:
        registry: where processes come from.
        processes: those to begin with.
        patterns: which later ones to take in.
        wake: called when there may be something to send.
        writer: how records are written.
        consumes: whether it is a watcher; else it is a tail.
    """

    def __init__(
        self,
        registry: Processes,
        processes: Sequence[Process],
        patterns: Sequence[str],
        wake: Callable[[], None],
        writer: BatchWriter,
        *,
        consumes: bool,
    ) -> None:
        self.consumes = consumes
        self._pace = Pace()
        self._registry = registry
        self._wake = wake
        self._writer = writer
        self._patterns = [word for word in patterns if is_pattern(word)]
        self._cursors: dict[Process, Cursor] = {}
        self._latest: dict[str, Process] = {}
        self._namesakes: dict[Process, Process] = {}  # by process, the later one of its name
        self._behind: set[Process] = set()  # those that come after all of an earlier one of their name
        self._ready: dict[Process, None] = {}
        self._in_batch: list[Process] = []
        for process in processes:
            self._attach(process)
        registry.on_made.append(self._made)

    @property
    def word(self) -> str:
        """What it does, for the lines around its batches: ``watch`` or ``tail``."""
        return "watch" if self.consumes else "tail"

    @property
    def finished(self) -> bool:
        """Whether nothing is left that could still write."""
        return not self._cursors

    @property
    def has_more(self) -> bool:
        """Whether the next batch has something in it already."""
        return bool(self._ready)

    def _attach(self, process: Process) -> None:
        self._join(process)
        self._mark(process)
        self._registry.changes += self.consumes

    def _join(self, process: Process) -> Cursor:
        cursor = process.ring.attach(lambda: self._mark(process), self._pace if self.consumes else None)
        self._cursors[process] = cursor
        if (earlier := self._latest.get(process.name)) is not None:
            self._namesakes[earlier] = process
            self._behind.add(process)
        self._latest[process.name] = process
        return cursor

    def _mark(self, process: Process) -> None:
        if process not in self._ready and process not in self._behind:
            self._ready[process] = None
            self._wake()

    def _made(self, process: Process) -> None:
        if any(matches(process.name, word) for word in self._patterns):
            self._attach(process)

    @property
    def saved(self) -> dict[str, Any]:
        """What ``restore`` needs, but for the processes."""
        return {
            "consumes": self.consumes,
            "patterns": self._patterns,
            "pace": self._pace.saved(time.monotonic()),
            "cursors": [(process.number, *cursor.saved) for process, cursor in self._cursors.items()],
            # A version of papa that knows of no order would never ask those that are behind.
            "ready": [process.number for process in (*self._ready, *self._behind)],
            "in_batch": [process.number for process in self._in_batch],
        }

    def restore(self, saved: dict[str, Any], processes: Mapping[int, Process]) -> None:
        """Become what was saved, having been made without processes.

        Args:
            saved: what ``saved`` was.
            processes: all processes, by their own numbers.
        """
        self._pace.restore(saved["pace"], time.monotonic())
        for number, *place in saved["cursors"]:
            self._join(processes[number]).restore(*place)
        ready = (processes[number] for number in saved["ready"])
        self._ready = {process: None for process in ready if process not in self._behind}
        self._in_batch = [processes[number] for number in saved["in_batch"]]

    @property
    def processes(self) -> Iterable[Process]:
        """Those whose output has not ended for this stream."""
        return self._cursors

    def batch(self) -> list[bytes]:
        """Return the pieces of the next batch, ending in its prompt; empty where there is nothing to send."""
        parts: list[bytes] = []
        share = max(_SMALLEST_SHARE, BATCH_BYTES // max(len(self._ready), 1))
        unfinished: list[Process] = []
        size = 0
        while self._ready and size < BATCH_BYTES:
            process = next(iter(self._ready))
            del self._ready[process]
            cursor = self._cursors[process]
            for piece in cursor.take(share):
                size += self._write(parts, process.name, piece)
            self._in_batch.append(process)
            if cursor.has_more:
                unfinished.append(process)
        # Whoever had more to say comes after those who waited.
        self._ready.update(dict.fromkeys(unfinished))
        if not self.consumes:
            self._drop_ended()
        if parts:
            parts.append(BATCH_END)
            self._pace.sent(time.monotonic())
        return parts

    def _write(self, parts: list[bytes], name: str, piece: Piece) -> int:
        if piece.kind is Kind.LOST and not self._writer.tells_losses:
            return 0
        parts.append(self._writer.header(piece.kind, name, piece.time, piece.number, piece.position))
        if piece.kind in (Kind.OUT, Kind.ERR):
            parts += (piece.data, b"\n")
        return len(piece.data) + 64

    def acknowledge(self) -> None:
        """Take note that the last batch has arrived safely."""
        self._pace.acknowledged(time.monotonic())
        for process in self._in_batch:
            cursor = self._cursors.get(process)
            if cursor is None:
                continue
            cursor.acknowledge()
            closed = process.ring.closed
            if closed is not None and cursor.acknowledged >= closed.position:
                self._detach(process)
            self._registry.acknowledged(process)
        self._in_batch.clear()

    def _drop_ended(self) -> None:
        for process in self._in_batch:
            over = not process.pipes or process.discards
            if process.ring.closed is not None and over and not self._cursors[process].has_more:
                self._detach(process)
        self._in_batch.clear()

    def _detach(self, process: Process) -> None:
        self._cursors.pop(process).detach()
        self._registry.review(process)
        self._registry.changes += self.consumes
        self._ready.pop(process, None)
        self._leave(process)

    def _leave(self, process: Process) -> None:
        """Let a later process of the name have its turn."""
        self._behind.discard(process)
        later = self._namesakes.pop(process, None)
        if later is None:
            del self._latest[process.name]
        elif later in self._cursors:
            self._behind.discard(later)
            self._mark(later)

    def close(self) -> None:
        """End it; what was not acknowledged stays for others."""
        for process in list(self._cursors):
            self._detach(process)
        self._registry.on_made.remove(self._made)
