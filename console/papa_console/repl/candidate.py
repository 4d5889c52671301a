"""One way to complete a line, and what several of them share."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to go on.

    Args:
        text: what takes the place of the line from ``start`` on.
        start: where it begins.
        help: a few words about it.
        display: how a menu shows it; the text where empty.
        space: whether the word is then complete.
    """

    text: str
    start: int
    help: str = ""
    display: str = ""
    space: bool = True


def common_start(candidates: Iterable[Candidate]) -> str:
    """Return what the texts of all candidates begin with; no escape is cut in two at its backslash."""
    texts = [candidate.text for candidate in candidates]
    low, high = min(texts), max(texts)
    same = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    cut = low[:same]
    return cut[:-1] if (len(cut) - len(cut.rstrip("\\"))) % 2 else cut
