"""The lists of what the kernel holds: processes, sockets and values."""

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.containers import Vertical

from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Snapshot


class HeldList(Vertical):
    """A list in its pane. The table inside, ``table``, has the focus; ``focus()`` gives it to it."""

    kind: ClassVar[str] = ""
    related: set[str]

    @property
    def selected(self) -> str | None:
        """What the cursor is on; a pattern for a folded namespace."""
        return None

    @property
    def marks(self) -> list[str]:
        """What is marked, in the order of marking."""
        return []

    def show(self, snapshot: Snapshot, history: History, vitals: Mapping[str, Any], now: float) -> None:
        """Show what the kernel holds."""

    def end_filter(self) -> bool:
        """End filtering; whether there was a filter to end."""
        return False

    def select(self, name: str) -> bool:
        """Move the cursor to a row; whether there is such a row."""
        return False


class ProcessList(HeldList):
    """The processes."""

    kind = "processes"


class SocketList(HeldList):
    """The sockets."""

    kind = "sockets"


class ValueList(HeldList):
    """The values."""

    kind = "values"
