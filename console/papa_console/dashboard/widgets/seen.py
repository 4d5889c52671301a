"""Up to which position the output of each process has been on the screen."""

from papa_console.dashboard.output.lines import Source
from papa_console.dashboard.output.view import Entry

_REMARKS = (Source.NOTE, Source.GAP)  # ours, not a piece of the output


class Seen:
    """Remembers the last line of each process that was drawn; a process made anew under its name begins anew."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}

    def add(self, entry: Entry) -> None:
        """Take in a line that is on the screen."""
        if entry.line.source in _REMARKS or entry.number < entry.store.first:
            return
        number, _ = self._last.get(entry.store.name, (-1, 0))
        if entry.number >= number:
            self._last[entry.store.name] = entry.number, entry.store.seen_upto(entry.number)

    def positions(self) -> dict[str, int]:
        """Return the position of the last line seen of each process."""
        return {name: position for name, (_, position) in self._last.items()}
