"""What somebody looks for: a text, or after ``~`` a regular expression, found in lines of bytes and in shown text.

Without a capital letter either case is found. A leading ``!`` turns a filter round; a backslash before ``!`` or ``~``
takes them as they are. A regular expression that takes too long is given up and finds nothing more.
"""

import re
import warnings
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar

from papa_console.dashboard.output.ansi import strip_lines
from papa_console.dashboard.output.patience import TooSlow, within

LOOKED_AT = 8192  # of a longer line no more is looked at with a regular expression
_PATIENCE = 0.25
_Found = TypeVar("_Found")


class BadPattern(ValueError):  # noqa: N818 - it is what it is called on the screen
    """Not a regular expression; the text says why."""


class Matcher:
    """What is looked for; made with ``parse``.

    Args:
        text: the text, or the regular expression.
        regular: which of these it is.
        inverted: whether lines without it are wanted.

    Attributes:
        too_slow: whether it was given up, because it took too long.
    """

    def __init__(self, text: str, *, regular: bool = False, inverted: bool = False) -> None:
        self.text = text
        self.regular = regular
        self.inverted = inverted
        self.too_slow = False

    @classmethod
    def parse(cls, text: str, *, invertible: bool = True) -> "Matcher":
        """Return what the user typed; ``invertible`` says whether ``!`` has a meaning.

        Raises:
            BadPattern: it is not a regular expression.
        """
        inverted = invertible and text.startswith("!")
        text = text[inverted:]
        regular = text.startswith("~")
        text = text[1:] if regular or text.startswith(("\\!", "\\~")) else text
        matcher = cls(text, regular=regular, inverted=inverted)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what another version of Python may make of it
                matcher._pattern  # noqa: B018 - compiled here, where the error is wanted
        except (re.error, OverflowError, RecursionError) as error:
            raise BadPattern(f"Not a regular expression: {error}") from None
        return matcher

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Matcher) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, bool, bool]:
        return self.text, self.regular, self.inverted

    def matches(self, data: bytes) -> bool:
        """Whether a line is wanted."""
        return bool(self.select([data]))

    def select(self, lines: Sequence[bytes]) -> list[int]:
        """Return the indices of the lines that are wanted."""
        if not self.text or not lines:
            return list(range(len(lines)))
        found = self._find_bytes(lines) if self._needle is not None else self._bounded(lambda: self._find(lines))
        if not self.inverted or self.too_slow:
            return found
        without = set(found)
        return [index for index in range(len(lines)) if index not in without]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where in a shown text something was found: from, to; nowhere where lines without it are wanted."""
        if not self.text or self.inverted:
            return []
        if self._needle is not None:
            return self._spans(text)
        return self._bounded(lambda: self._spans(text[:LOOKED_AT]))

    def _spans(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in self._pattern.finditer(text) if match.end() > match.start()]

    def _find_bytes(self, lines: Sequence[bytes]) -> list[int]:
        """Find a text by way of one large piece, so that most lines cost a split and little more."""
        needle = self._needle or b""
        blob = strip_lines(b"\n".join(lines))
        if self._folds:
            blob = blob.lower()
        if needle not in blob:
            return []
        return [index for index, line in enumerate(blob.split(b"\n")) if needle in line]

    def _find(self, lines: Sequence[bytes]) -> list[int]:
        blob = strip_lines(b"\n".join(line[:LOOKED_AT] for line in lines))
        search = self._pattern.search
        return [index for index, text in enumerate(blob.decode("utf-8", "replace").split("\n")) if search(text)]

    def _bounded(self, work: Callable[[], list[_Found]]) -> list[_Found]:
        if not self.too_slow:
            try:
                return within(_PATIENCE, work)
            except TooSlow:
                self.too_slow = True
        return []

    @cached_property
    def _folds(self) -> bool:
        plain = re.sub(r"\\.", "", self.text) if self.regular else self.text
        return plain == plain.lower()

    @cached_property
    def _needle(self) -> bytes | None:
        """The bytes to look for, where these do instead of a pattern."""
        if self.regular or (self._folds and not self.text.isascii()):
            return None
        return self.text.encode("utf-8", "surrogatepass")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        flags = re.IGNORECASE if self._folds else re.NOFLAG
        if self._needle is not None:
            flags |= re.ASCII  # as ``bytes.lower`` has it
        return re.compile(self.text if self.regular else re.escape(self.text), flags)
