"""A stream on its way to one peer: batches out, and the lines that answer them in.

A line acknowledges a batch only if all of the batch had been handed to the system before.
"""

import time
from collections.abc import Callable, Iterable, Mapping

from papa_kernel.handlers import Follow
from papa_kernel.loop import Deadline, Loop
from papa_kernel.peer import Peer
from papa_kernel.process import Process
from papa_kernel.processes import Processes
from papa_kernel.streams import Stream
from papa_protocol.hints import Any
from papa_protocol.lines import TooLong
from papa_protocol.watch import BatchWriter
from papa_protocol.words import Dialect

# papa 1.0's client keeps to itself what arrives together with a watch's first line. A program that then waits for
# its descriptor, as circus does, would wait for ever; so the first batch comes as late as that client needs.
_FIRST_LINE_ALONE_SECONDS = 0.05


class Delivery:
    """Brings a stream to a peer.

    Args:
        follow: what it is to be sent.
        dialect: how names are written.
        registry: where processes come from.
        peer: whom it goes to.
        loop: calls back when the first batch may go.
        wake: called when there may be something to write.
    """

    def __init__(
        self,
        follow: Follow,
        dialect: Dialect,
        registry: Processes,
        peer: Peer,
        *,
        loop: Loop,
        wake: Callable[[], None],
    ) -> None:
        positions = dialect is Dialect.V2 or not follow.consumes
        writer = BatchWriter(dialect, positions=positions)
        self._stream = Stream(registry, follow.processes, follow.patterns, wake, writer, consumes=follow.consumes)
        self._peer = peer
        self._wake = wake
        self.awaits_line = False  # a batch is on its way or awaits its line
        self._held_back: Deadline | None = None  # until when the first batch waits
        if not positions:
            self._held_back = loop.call_at(time.monotonic() + _FIRST_LINE_ALONE_SECONDS, self._let_go)

    def _let_go(self) -> None:
        self._held_back = None
        self._wake()

    @property
    def passes_over_lines(self) -> bool:
        """Whether lines that have been sent by now answer nothing."""
        return self._stream.consumes and not self.awaits_line

    @property
    def is_due(self) -> bool:
        """Whether the peer is ready for the next batch."""
        peer = self._peer
        return not (peer.unsent.size or peer.lines or self.awaits_line or self._held_back)

    @property
    def goes_on(self) -> bool:
        """Whether there is another batch that waits for nothing but the peer's taking what it has been sent."""
        return not self._stream.consumes and self._stream.has_more

    def write(self) -> bool:
        """Add the next batch to what the peer is sent; return whether there was one."""
        batch = self._stream.batch()
        self._peer.unsent.add(batch)
        self.awaits_line = bool(batch) and self._stream.consumes
        return bool(batch)

    def take_line(self, line: bytes | TooLong) -> str | None:
        """Take a line from the peer; return what to say if the stream is over, else None."""
        if not self._stream.consumes:
            return "Stopped tailing"
        if isinstance(line, TooLong):
            return None
        if self.awaits_line and not self._peer.unsent.size:
            self.awaits_line = False
            self._stream.acknowledge()
        if self._stream.finished:
            return self.last_words
        return "Stopped watching" if line.strip().lower() in (b"q", b"quit") else None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to send and no line is awaited."""
        return self._stream.finished and not self.awaits_line

    @property
    def last_words(self) -> str:
        """What to say when it is over."""
        return f"Nothing left to {self._stream.word}"

    def close(self) -> None:
        """End it; what was not acknowledged stays for others."""
        self._stream.close()
        if self._held_back is not None:
            self._held_back.cancel()

    @property
    def processes(self) -> Iterable[Process]:
        """Those whose output it brings."""
        return self._stream.processes

    @property
    def saved(self) -> dict[str, Any]:
        """What the stream's place is, but for the processes and whether a line is awaited."""
        return self._stream.saved

    def restore(self, saved: dict[str, Any], processes: Mapping[int, Process], *, awaits_line: bool) -> None:
        """Become what was saved, having been made without processes.

        Args:
            saved: what ``saved`` was.
            processes: all processes, by their own numbers.
            awaits_line: what it was.
        """
        self._stream.restore(saved, processes)
        self.awaits_line = awaits_line
