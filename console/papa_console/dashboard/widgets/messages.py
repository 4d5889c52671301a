"""What the lists tell the screen: which row the cursor is on, which one the user opened, which ones are marked."""

from collections.abc import Sequence

from textual.message import Message


class Selected(Message):
    """The cursor came to another row, or there are no rows any more.

    Args:
        kind: "processes", "sockets" or "values".
        name: what the row is about, a pattern for a folded namespace; None where there is no row.
    """

    def __init__(self, kind: str, name: str | None) -> None:
        super().__init__()
        self.kind = kind
        self.name = name


class Opened(Message):
    """The user double-clicked a row.

    Args:
        kind: "processes", "sockets" or "values".
        name: what the row is about, a pattern for a folded namespace.
    """

    def __init__(self, kind: str, name: str) -> None:
        super().__init__()
        self.kind = kind
        self.name = name


class MarksChanged(Message):
    """Rows were marked or unmarked, or marked ones went.

    Args:
        kind: "processes", "sockets" or "values".
        names: what is marked now, in the order of marking; patterns for folded namespaces.
    """

    def __init__(self, kind: str, names: Sequence[str]) -> None:
        super().__init__()
        self.kind = kind
        self.names = list(names)
