"""Characters that are drawn as shapes, so that borders meet and bars stand without gaps, whatever the font."""

from collections.abc import Iterator
from itertools import groupby

_LIGHT, _HEAVY = 1.2, 2.6
# How thick the arms are: left, up, right, down.
_ARMS = {
    "─": (1, 0, 1, 0), "│": (0, 1, 0, 1), "┌": (0, 0, 1, 1), "┐": (1, 0, 0, 1), "└": (0, 1, 1, 0), "┘": (1, 1, 0, 0),
    "├": (0, 1, 1, 1), "┤": (1, 1, 0, 1), "┬": (1, 0, 1, 1), "┴": (1, 1, 1, 0), "┼": (1, 1, 1, 1), "╴": (1, 0, 0, 0),
    "╵": (0, 1, 0, 0), "╶": (0, 0, 1, 0), "╷": (0, 0, 0, 1),
    "━": (2, 0, 2, 0), "┃": (0, 2, 0, 2), "┏": (0, 0, 2, 2), "┓": (2, 0, 0, 2), "┗": (0, 2, 2, 0), "┛": (2, 2, 0, 0),
    "┣": (0, 2, 2, 2), "┫": (2, 2, 0, 2), "┳": (2, 0, 2, 2), "┻": (2, 2, 2, 0), "╋": (2, 2, 2, 2), "╸": (2, 0, 0, 0),
    "╹": (0, 2, 0, 0), "╺": (0, 0, 2, 0), "╻": (0, 0, 0, 2),
}  # fmt: skip
# Which way the two arms of a round corner go: right or left, down or up.
_ARCS = {"╭": (1, 1), "╮": (-1, 1), "╰": (1, -1), "╯": (-1, -1)}
# The part of the cell that a block fills: x, y, width, height.
_BLOCKS = {
    **{char: (0.0, 1 - count / 8, 1.0, count / 8) for count, char in enumerate("▁▂▃▄▅▆▇█", 1)},
    **{char: (0.0, 0.0, count / 8, 1.0) for count, char in enumerate("▏▎▍▌▋▊▉", 1)},
    "▀": (0.0, 0.0, 1.0, 0.5),
    "▔": (0.0, 0.0, 1.0, 0.125),
    "▐": (0.5, 0.0, 0.5, 1.0),
    "▕": (0.875, 0.0, 0.125, 1.0),
}
SHAPES = frozenset({*_ARMS, *_ARCS, *_BLOCKS})


def draw_shapes(text: str, left: float, top: float, cell: tuple[float, float], colour: str) -> Iterator[str]:
    """Yield the shapes among the characters of ``text``, which begins at ``left``."""
    wide, high = cell
    column = 0
    for char, group in groupby(text):
        count = len(list(group))
        if char in "─━█▔▁":  # neighbours are one
            yield from _draw(char, left + column * wide, top, (count * wide, high), colour)
        elif char in SHAPES:
            for index in range(column, column + count):
                yield from _draw(char, left + index * wide, top, cell, colour)
        column += count


def _draw(char: str, left: float, top: float, cell: tuple[float, float], colour: str) -> Iterator[str]:
    wide, high = cell
    if char in _BLOCKS:
        x, y, part, tall = _BLOCKS[char]
        yield _rectangle(left + x * wide, top + y * high, part * wide, tall * high, colour)
    elif char in _ARMS:
        yield from _arms(char, left, top, cell, colour)
    else:
        yield _arc(char, left, top, cell, colour)


def _arms(char: str, left: float, top: float, cell: tuple[float, float], colour: str) -> Iterator[str]:
    wide, high = cell
    middle, centre = left + wide / 2, top + high / 2
    widths = [(0.0, _LIGHT, _HEAVY)[weight] for weight in _ARMS[char]]
    half = max(widths) / 2
    for arm, thick in enumerate(widths):
        if not thick:
            continue
        if arm in (0, 2):
            x = left if arm == 0 else middle - half
            yield _rectangle(x, centre - thick / 2, wide / 2 + half + 0.2, thick, colour)  # no gap to the next
        else:
            y = top if arm == 1 else centre - half
            yield _rectangle(middle - thick / 2, y, thick, high / 2 + half, colour)


def _arc(char: str, left: float, top: float, cell: tuple[float, float], colour: str) -> str:
    wide, high = cell
    across, down = _ARCS[char]
    middle, centre = left + wide / 2, top + high / 2
    radius = wide / 2
    return (
        f'<path d="M{middle:.2f} {centre + down * high / 2:.2f}V{centre + down * radius:.2f}'
        f'Q{middle:.2f} {centre:.2f} {middle + across * radius:.2f} {centre:.2f}" '
        f'fill="none" stroke="{colour}" stroke-width="{_LIGHT}"/>'
    )


def _rectangle(x: float, y: float, wide: float, high: float, colour: str) -> str:
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{wide:.2f}" height="{high:.2f}" fill="{colour}"/>'
