"""Tail for a kernel of papa 1.0, which has none: look at a batch, close without acknowledging it, look again.

Each look brings everything that is buffered; what was shown before is told by its time and skipped. Whoever owns the
output may acknowledge some between two looks, or the kernel may drop some: that is noticed where the record that was
shown last is gone, and said.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from papa.following import Following
from papa_console.repl.interrupts import Interrupts, Ready
from papa_console.repl.screen import Screen
from papa_console.text import clean_line
from papa_protocol.watch import Kind, Record
from papa_protocol.words import Dialect

if TYPE_CHECKING:
    from papa_console.repl.runner import Runner

PAUSE = 0.5
_LIGHT = 256 * 1024  # bytes that one look may bring; for more it is taken less often


class _Seen:
    """What has been shown, by name."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._ended: set[str] = set()

    def take(self, records: Sequence[Record]) -> tuple[list[Record], list[str]]:
        """Return the records that are new, and whose output may have been missed before them."""
        fresh = [record for record in records if record.time > self._last.get(record.name, 0.0)]
        there = {(record.name, record.time) for record in records}
        speak = dict.fromkeys(record.name for record in fresh)
        missed = [name for name in speak if name in self._last and (name, self._last[name]) not in there]
        for record in fresh:
            self._last[record.name] = record.time
            if record.kind is Kind.CLOSED:
                self._ended.add(record.name)
        return fresh, missed

    def covers(self, names: set[str]) -> bool:
        """Whether the ends of all these processes have been shown."""
        return bool(names) and names <= self._ended


def peek(runner: "Runner", words: Sequence[str], screen: Screen, interrupts: Interrupts) -> bool:
    """Show what processes write without consuming it, and return whether the end came by itself.

    Raises:
        Error: the kernel said no, does not answer, or was lost.
        BrokenPipeError: nobody reads what is shown.
    """
    runner.output.note(screen.announcement(words))
    runner.output.note("this kernel is papa 1.0, which cannot tail: looking again every half second")
    seen = _Seen()
    while (records := _look(runner, words, interrupts)) is not None:
        fresh, missed = seen.take(records)
        for name in missed:
            screen.close_line()
            runner.output.note(f"{clean_line(name)}: output may have been missed here")
        screen.show(fresh)
        if seen.covers(screen.names):
            return True
        brought = sum(len(record.data) for record in records)
        if not _rest(screen, interrupts, PAUSE * max(brought / _LIGHT, 1.0)):
            return False
    return False


def _rest(screen: Screen, interrupts: Interrupts, seconds: float) -> bool:
    """Let time pass; return whether to go on."""
    until = time.monotonic() + seconds
    if screen.has_open_line and interrupts.wait(None, min(seconds, 0.2)) is Ready.INTERRUPT:
        return False
    screen.close_line()
    return interrupts.wait(None, until - time.monotonic()) is not Ready.INTERRUPT


def _look(runner: "Runner", words: Sequence[str], interrupts: Interrupts) -> list[Record] | None:
    """Return what is buffered, waiting for something; None where Ctrl-C was pressed meanwhile."""
    connection, _ = runner.link.follow(["watch", *words[1:]])
    try:
        following = Following(Dialect.V1, consumes=True)
        while (records := following.next_records()) is None:
            if interrupts.wait(connection.socket.fileno(), None) is Ready.INTERRUPT:
                return None
            following.receive(connection.receive(connection.timeout))
        return records
    finally:
        connection.close()
