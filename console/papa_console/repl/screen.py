"""Where a watch or a tail is shown: the standard output, and a file that also gets it."""

import os
import stat
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from papa_console.repl.settings import Format
from papa_console.repl.showing import Lines, Objects, Showing, describe_end
from papa_protocol.watch import Kind, Record

if TYPE_CHECKING:
    from papa_console.repl.runner import Runner


class Sink:
    """Somewhere that output goes.

    Args:
        descriptor: what to write to.
        showing: what is written.
        synced: whether what was written must be on the disk.
    """

    def __init__(self, descriptor: int, showing: Showing, *, synced: bool) -> None:
        self.showing = showing
        self._descriptor = descriptor
        self._synced = synced

    def show(self, records: Iterable[Record]) -> None:
        """Write a batch; it is safe when this returns."""
        self._write(self.showing.show(records))
        if self._synced:
            os.fsync(self._descriptor)

    def close_line(self) -> None:
        """End a line that is open."""
        self._write(self.showing.close_line())

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]


class Screen:
    """All that a stream is shown on.

    Args:
        runner: it has the output and the settings.
        started: when the processes that are known were started.
    """

    def __init__(self, runner: "Runner", started: dict[str, float]) -> None:
        self.started = started
        self.names = set(started)
        self.acknowledged = True
        self._exits = runner.settings.exits
        self._tee: int | None = None
        out = runner.output.out.fileno()
        wanted = runner.settings.format
        raw = wanted is Format.RAW
        self.is_pipe = not stat.S_ISREG(os.fstat(out).st_mode) and not runner.output.is_terminal

        def showing(*, color: bool) -> Showing:
            return Objects(started) if wanted is Format.JSON else Lines(started, color=color, raw=raw)

        self._sinks = [Sink(out, showing(color=runner.output.color), synced=False)]
        if runner.settings.tee is not None:
            self._tee = os.open(runner.settings.tee, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            self._sinks.append(Sink(self._tee, showing(color=False), synced=True))

    @property
    def has_open_line(self) -> bool:
        """Whether a line waits for its end."""
        return any(sink.showing.is_open for sink in self._sinks)

    @property
    def lines(self) -> int:
        """How many lines have been shown."""
        return self._sinks[0].showing.lines

    def show(self, records: Sequence[Record]) -> None:
        """Write a batch everywhere; it is safe when this returns."""
        for record in records:
            self.names.add(record.name)
        for sink in self._sinks:
            sink.show(records)
        for record in records:
            if record.kind is Kind.CLOSED:
                moment = time.strftime("%H:%M:%S", time.localtime(record.time))
                self._exits.append(f"{moment} {describe_end(record, self.started)}")

    def close_line(self) -> None:
        """End lines that are open."""
        for sink in self._sinks:
            sink.close_line()

    def close(self) -> None:
        """Close what was opened."""
        if self._tee is not None:
            os.close(self._tee)

    def announcement(self, words: Sequence[str]) -> str:
        """Return the line that says what a command is about to show, and whether that consumes it."""
        if words[0] == "tail":
            return f"tailing {self._whose} (not consuming: what is shown here stays in the kernel); Ctrl-C stops"
        return f"watching {self._whose} (consuming: what is shown here leaves the kernel); Ctrl-C stops"

    def summary(self) -> str:
        """Return how much was shown."""
        return f"{self._whose}, {self.lines:,} line{'s' * (self.lines != 1)}"

    @property
    def _whose(self) -> str:
        return f"{len(self.names)} process{'es' * (len(self.names) != 1)}"
