"""The strip of activity: how much all processes wrote, moment by moment, and where one of them failed.

It is the time axis that all panes share: a click, or ``[`` and ``]``, moves every pane to an instant.
"""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Snapshot
from papa_console.dashboard.widgets.looks import ink

_BLOCKS = " ▁▂▃▄▅▆▇█"
_STEPS = (1.0, 2.0, 5.0, 10.0)
_LEAST_SPAN = 300.0
_LABEL = 11
_LATE = 2.0  # what a process wrote may come to be known so many seconds after the rest


@dataclass(frozen=True, slots=True)
class Strip:
    """What is drawn.

    Args:
        start: when the first column begins, in seconds since 1970.
        step: how many seconds a column stands for.
        levels: how high each column is, from 0 to 8.
        failures: the columns in which a process ended with a failure.
    """

    start: float = 0.0
    step: float = 1.0
    levels: tuple[int, ...] = ()
    failures: frozenset[int] = frozenset()

    def column(self, when: float) -> int:
        """Return the column of an instant, which may be outside."""
        return math.floor((when - self.start) / self.step)

    def instant(self, column: int) -> float:
        """Return when a column begins."""
        return self.start + column * self.step

    def busy(self, column: int) -> bool:
        """Whether something happened in a column."""
        return bool(self.levels[column]) or column in self.failures


class Meter:
    """Adds up what all processes wrote, moment by moment; what cannot change any more is not added up again."""

    def __init__(self) -> None:
        self._start = self._step = 0.0
        self._known_until = -math.inf
        self._amounts: list[float] = []

    def amounts(self, names: Iterable[str], history: History, start: float, step: float, columns: int) -> list[float]:
        """Return how much was written in each of so many columns."""
        kept = self._kept(start, step)[:columns]
        fresh = [0.0] * (columns - len(kept))
        begin, stop = start + len(kept) * step, start + columns * step
        for name in names:
            activity = history.activity(name, begin, stop, len(fresh))
            if any(activity):
                fresh = [amount + more for amount, more in zip(fresh, activity, strict=True)]
        self._start, self._step, self._known_until = start, step, history.known_until
        self._amounts = kept + fresh
        return self._amounts

    def _kept(self, start: float, step: float) -> list[float]:
        """Return the columns from ``start`` on that cannot have changed."""
        if step != self._step or start < self._start or not self._amounts:
            return []
        first = round((start - self._start) / step)
        settled = math.floor((self._known_until - _LATE - self._start) / step)
        return self._amounts[first : max(settled, 0)]


def measure(snapshot: Snapshot, history: History, now: float, columns: int, meter: Meter | None = None) -> Strip:
    """Return the strip of so many columns that ends now; columns keep their place while time passes."""
    if columns <= 0:
        return Strip()
    step = next((step for step in _STEPS if step * columns >= _LEAST_SPAN), _STEPS[-1])
    stop = (math.floor(now / step) + 1) * step
    start = stop - columns * step
    amounts = (meter or Meter()).amounts(snapshot.processes, history, start, step, columns)
    failures = set()
    for name, info in snapshot.processes.items():
        ended = history.ended(name)
        if ended is not None and info.get("status", 0) != 0 and start <= ended < stop:
            failures.add(int((ended - start) // step))
    return Strip(start, step, _levels(amounts), frozenset(failures))


def _levels(amounts: list[float]) -> tuple[int, ...]:
    """Return heights by the square root, so that a quiet moment still shows beside a busy one."""
    top = max(amounts, default=0.0)
    return tuple(math.ceil(8 * math.sqrt(amount / top)) if amount > 0 else 0 for amount in amounts)


class HeatStrip(Widget):
    """The strip and its ruler."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"heat--block", "heat--failure", "heat--ruler", "heat--instant"}
    DEFAULT_CSS = """
    HeatStrip {
        height: 2; background: $background; padding: 0 1;
        & > .heat--block { color: $secondary; }
        & > .heat--failure { color: $text-error; text-style: bold; }
        & > .heat--ruler { color: $text-muted; }
        & > .heat--instant { color: $background; background: $warning; text-style: bold; }
    }
    """
    strip: reactive[Strip] = reactive(Strip())
    instant: reactive[float | None] = reactive(None)

    class Moved(Message):
        """The user went to an instant; None is now.

        Args:
            instant: seconds since 1970.
        """

        def __init__(self, instant: float | None) -> None:
            super().__init__()
            self.instant = instant

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._meter = Meter()

    def show(self, snapshot: Snapshot, history: History, now: float) -> None:
        """Show the activity until now; nothing is drawn where nothing has changed."""
        self.strip = measure(snapshot, history, now, self.content_size.width - _LABEL, self._meter)

    def move(self, direction: int) -> None:
        """Go to the activity before (-1) or after (1) the instant; beyond the last is now."""
        strip, columns = self.strip, range(len(self.strip.levels))
        at = len(columns) if self.instant is None else strip.column(self.instant)
        ahead = [c for c in columns if strip.busy(c) and (c - at) * direction > 0]
        if ahead:
            self._go(strip.instant(ahead[0] if direction > 0 else ahead[-1]))
        elif direction > 0:
            self._go(None)

    def _go(self, instant: float | None) -> None:
        self.instant = instant
        self.post_message(self.Moved(instant))

    def on_click(self, event: Click) -> None:
        """Go where was clicked; the label leads back to now."""
        column = event.get_content_offset_capture(self).x - _LABEL
        self._go(self.strip.instant(column) if 0 <= column < len(self.strip.levels) - 1 else None)

    def render(self) -> Text:
        """Draw the blocks and the ruler."""
        styles = {name: ink(self, f"heat--{name}") for name in
                  ("block", "failure", "ruler")}  # fmt: skip
        styles["instant"] = self.get_component_rich_style("heat--instant")
        strip = self.strip
        at = strip.column(self.instant) if self.instant is not None else -1
        text = Text("activity".ljust(_LABEL), styles["ruler"], no_wrap=True)
        for index, level in enumerate(strip.levels):
            failed = index in strip.failures
            look = styles["instant"] if index == at else styles["failure" if failed else "block"]
            text.append("✗" if failed else _BLOCKS[level], look)
        text.append("\n")
        return text.append(self._ruler(), styles["ruler"])

    def _ruler(self) -> str:
        """Return the times under the blocks, a minute or more apart, and the instant at the left."""
        strip = self.strip
        chosen = time.strftime("@%H:%M:%S", time.localtime(self.instant)) if self.instant is not None else ""
        line = list(chosen.ljust(_LABEL) + " " * len(strip.levels))
        spacing = 60.0 if strip.step < 5 else 120.0
        first = math.ceil(strip.start / spacing) * spacing
        for number in range(int(strip.step * len(strip.levels) / spacing) + 1):
            when = first + number * spacing
            label = "╵" + time.strftime("%H:%M", time.localtime(when))
            place = _LABEL + strip.column(when)
            if place + len(label) <= len(line) - 4:
                line[place : place + len(label)] = label
        if strip.levels:
            line[-3:] = "now"
        return "".join(line)
