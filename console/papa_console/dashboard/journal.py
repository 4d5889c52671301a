"""What the user has been told: toasts pass, this stays."""

from collections import deque
from dataclasses import dataclass
from typing import Literal

Severity = Literal["information", "warning", "error"]
_KEPT = 500


@dataclass(frozen=True, slots=True)
class Told:
    """One message: when, in seconds since 1970, how grave, and what."""

    time: float
    severity: Severity
    text: str


class Journal:
    """The messages, oldest first; a bounded number of them."""

    def __init__(self) -> None:
        self.messages: deque[Told] = deque(maxlen=_KEPT)

    def add(self, now: float, text: str, severity: Severity) -> None:
        """Keep a message."""
        self.messages.append(Told(now, severity, text))
