"""Which regions a screen of some size shows. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

LEAST_WIDTH, LEAST_HEIGHT = 60, 15
_MID_WIDTH, _WIDE_WIDTH, _TALL = 100, 160, 30
LISTS = ("processes", "sockets", "values")
OUTPUTS = ("output", "pinned")


class Size(Enum):
    """How much room there is; the value is the class that the screen gets."""

    TINY = "-tiny"
    NARROW = "-narrow"
    MID = "-mid"
    WIDE = "-wide"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asked for.

    Args:
        current: the list to show where there is room for one only.
        zoomed: the pane that has the whole screen, if any.
        pinned: whether a second output is shown.
        inspect: whether the details are shown; None where they are shown if there is room.
        heat: the same of the strip of activity.
    """

    current: str = "processes"
    zoomed: str | None = None
    pinned: bool = False
    inspect: bool | None = None
    heat: bool | None = None


def size_of(width: int, height: int) -> Size:
    """Return how much room a terminal of so many columns and rows gives."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return Size.TINY
    if width < _MID_WIDTH:
        return Size.NARROW
    return Size.MID if width < _WIDE_WIDTH else Size.WIDE


def inspects(size: Size, wishes: Wishes) -> bool:
    """Whether the details are shown."""
    return size is Size.WIDE if wishes.inspect is None else wishes.inspect


def warms(height: int, size: Size, wishes: Wishes) -> bool:
    """Whether the strip of activity is shown."""
    return (height >= _TALL and size is not Size.NARROW) if wishes.heat is None else wishes.heat


def arrange(width: int, height: int, wishes: Wishes) -> frozenset[str]:
    """Return the ids of the regions that are shown."""
    size = size_of(width, height)
    if size is Size.TINY:
        return frozenset({"small"})
    return frozenset({"body", *_panes(size, wishes), *({"heat"} if warms(height, size, wishes) else ())})


def _panes(size: Size, wishes: Wishes) -> Iterator[str]:
    if wishes.zoomed is not None:
        yield wishes.zoomed
        yield "lists" if wishes.zoomed in LISTS else "right"
        return
    yield from ("lists", "right", "output")
    yield from LISTS if size is not Size.NARROW else (wishes.current,)
    if wishes.pinned:
        yield "pinned"
    if inspects(size, wishes):
        yield "inspector"
    if size is not Size.NARROW:
        yield "divider"


def panes(width: int, height: int, wishes: Wishes) -> list[str]:
    """Return the panes that are shown, in the order in which Tab visits them."""
    shown = arrange(width, height, wishes)
    return [name for name in (*LISTS, *OUTPUTS, "inspector") if name in shown]
