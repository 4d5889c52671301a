"""The title of a pane of output: what it shows and how, in words that fit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.content import Content

from papa_console.text import clean_line, shorten, width

_BETWEEN = " · "


@dataclass(frozen=True, slots=True)
class Title:
    """What the title tells.

    Args:
        names: the processes.
        facts: what is known of them, such as their state.
        following: whether the newest line is kept in view.
        modes: what is not as it is at first: streams, filter, wrap, times.
        found: the search and how far it is.
    """

    names: tuple[str, ...] = ()
    facts: str = ""
    following: bool = True
    modes: tuple[str, ...] = ()
    found: str = ""

    def content(self, columns: int) -> Content:
        """Return the title in so many columns; what matters least goes first."""
        if not self.names:
            return Content("Output")
        follow = "▶ following" if self.following else "‖ paused"
        parts = [joined(self.names, columns), self.facts, follow, *self.modes, self.found]
        parts = [clean_line(part) for part in parts if part]
        while len(parts) > 1 and width(_BETWEEN.join(parts)) > columns:
            parts.remove(next((part for part in parts[1:] if part != follow), follow))
        return Content(shorten(_BETWEEN.join(parts), max(columns, 1)))


def joined(names: Sequence[str], columns: int) -> str:
    """Return the names of processes, the last ones counted where they do not fit in half of the columns."""
    for count in range(len(names), 0, -1):
        rest = f" +{len(names) - count}" if count < len(names) else ""
        text = ", ".join(map(clean_line, names[:count])) + rest
        if count == 1 or width(text) <= columns // 2:
            return text
    return ""


def modes(streams: str, filtered: str, around: int, others: Iterable[str]) -> tuple[str, ...]:
    """Return what is not as it is at first, in words."""
    found = [streams] if streams else []
    if filtered:
        found.append(f"filter {filtered}" + (f" ±{around}" if around else ""))
    return (*found, *(other for other in others if other))
