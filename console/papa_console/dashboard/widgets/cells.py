"""Lines in columns of a terminal: which characters a window shows, and styles laid over one another.

Lines may be 64 KiB long, and a screen is redrawn twenty times a second, so nothing here looks at more of a line than
the window needs, except to find where a window begins in a line with wide characters.
"""

from collections.abc import Iterable, Sequence

from rich.style import Style

from papa_console.dashboard.output.columns import columns_of

Run = tuple[str, Style]  # text in one style
Span = tuple[int, int, Style]  # from where, to where, the style


def window(text: str, left: int, columns: int) -> tuple[int, int, int]:
    """Return which characters the ``columns`` from ``left`` show.

    Returns:
        the index of the first, the index after the last, and how many columns are blank before the first, where a wide
        character is cut.
    """
    if text.isascii():
        return left, min(left + columns, len(text)), 0
    start, column = 0, 0
    while start < len(text) and column < left:
        column += columns_of(text[start])
        start += 1
    blank, end = column - left, start
    right = left + columns
    while end < len(text):
        column += columns_of(text[end])
        if column > right:
            break
        end += 1
    return start, end, max(blank, 0)


def runs(text: str, spans: Sequence[Span], start: int, end: int, base: Style) -> list[Run]:
    """Return ``text[start:end]`` in runs of one style; ``spans`` are in order and do not overlap."""
    found: list[Run] = []
    at = start
    for first, last, style in spans:
        first, last = max(first, at), min(last, end)  # noqa: PLW2901 - clipped to the window
        if first >= last:
            continue
        if first > at:
            found.append((text[at:first], base))
        found.append((text[first:last], base + style))
        at = last
    if at < end:
        found.append((text[at:end], base))
    return found


def overlay(found: Iterable[Run], start: int, spans: Sequence[Span]) -> list[Run]:
    """Return runs that begin at ``start`` with the styles of ``spans``, which are in order, added where these are."""
    result: list[Run] = []
    at, index = start, 0
    for text, below in found:
        done, end = at, at + len(text)
        while index < len(spans) and spans[index][0] < end:
            first, last, style = spans[index]
            low, high = max(first, done), min(last, end)
            if low < high:
                if done < low:
                    result.append((text[done - at : low - at], below))
                result.append((text[low - at : high - at], below + style))
                done = high
            if last > end:
                break
            index += 1
        if done < end:
            result.append((text[done - at :], below))
        at = end
    return result
