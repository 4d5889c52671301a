"""What colours the terminal has, told from the environment before the first of them is drawn. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Depth(Enum):
    """How many colours there are."""

    NONE = "none"
    SIXTEEN = "16"
    MANY = "256"
    TRUE = "truecolor"


@dataclass(frozen=True, slots=True)
class Colors:
    """The colours of a terminal.

    Args:
        depth: how many there are.
    """

    depth: Depth = Depth.TRUE

    @property
    def ansi(self) -> bool:
        """Whether the terminal's own sixteen colours are to be used, and none mixed: ``ansi_color`` of Textual."""
        return self.depth in (Depth.NONE, Depth.SIXTEEN)

    @property
    def any(self) -> bool:
        """Whether anything may be told by a colour."""
        return self.depth is not Depth.NONE


def colors(environ: Mapping[str, str]) -> Colors:
    """Return what the environment says: NO_COLOR, COLORTERM and TERM, in this order."""
    if environ.get("NO_COLOR"):
        return Colors(Depth.NONE)
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Colors(Depth.TRUE)
    term = environ.get("TERM", "")
    if term.endswith(("-direct", "-truecolor")):
        return Colors(Depth.TRUE)
    return Colors(Depth.MANY if "256" in term else Depth.SIXTEEN)
