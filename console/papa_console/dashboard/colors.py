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
        light: whether the background is known to be light.
    """

    depth: Depth = Depth.TRUE
    light: bool = False

    @property
    def ansi(self) -> bool:
        """Whether the terminal's own sixteen colours are to be used, and none mixed: ``ansi_color`` of Textual."""
        return self.depth in (Depth.NONE, Depth.SIXTEEN)

    @property
    def theme(self) -> str:
        """The theme of the terminal's own colours."""
        return "ansi-light" if self.light else "ansi-dark"

    @property
    def any(self) -> bool:
        """Whether anything may be told by a colour."""
        return self.depth is not Depth.NONE


def colors(environ: Mapping[str, str]) -> Colors:
    """Return what the environment says: NO_COLOR, COLORTERM and TERM, in this order, and COLORFGBG."""
    # A pair such as "15;0", the numbers of the colours of text and background.
    light = environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
    return Colors(_depth(environ), light)


def _depth(environ: Mapping[str, str]) -> Depth:
    if environ.get("NO_COLOR"):
        return Depth.NONE
    term = environ.get("TERM", "")
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith(("-direct", "-truecolor")):
        return Depth.TRUE
    return Depth.MANY if "256" in term else Depth.SIXTEEN
