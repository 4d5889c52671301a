"""What somebody looks for: a text, or after ``~`` a regular expression, found in lines of bytes and in shown text.

Without a capital letter either case is found. A leading ``!`` turns a filter round; a backslash before ``!`` or ``~``
takes them as they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from papa_console.dashboard.output.ansi import strip_lines

LOOKED_AT = 8192  # of a longer line no more is looked at with a regular expression, which may be slow


class BadPattern(ValueError):  # noqa: N818 - it is what it is called on the screen
    """Not a regular expression; the text says why."""


@dataclass(frozen=True)
class Matcher:
    """What is looked for; made with ``parse``.

    Args:
        text: the text, or the regular expression.
        regular: which of these it is.
        inverted: whether lines without it are wanted.
    """

    text: str
    regular: bool = False
    inverted: bool = False

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
        matcher = cls(text, regular, inverted)
        try:
            matcher._pattern  # noqa: B018 - compiled here, where the error is wanted
        except (re.error, OverflowError, RecursionError) as error:
            raise BadPattern(f"Not a regular expression: {error}") from None
        return matcher

    def matches(self, data: bytes) -> bool:
        """Whether a line is wanted."""
        return bool(self.select([data]))

    def select(self, lines: Sequence[bytes]) -> list[int]:
        """Return the indices of the lines that are wanted."""
        if not self.text:
            return list(range(len(lines)))
        found = self._find(lines)
        if not self.inverted:
            return found
        without = set(found)
        return [index for index in range(len(lines)) if index not in without]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where in a text that is shown something was found: from, to; nothing where the text is unwanted."""
        if not self.text or self.inverted:
            return []
        if self.regular:
            text = text[:LOOKED_AT]
        return [match.span() for match in self._pattern.finditer(text) if match.end() > match.start()]

    def _find(self, lines: Sequence[bytes]) -> list[int]:
        """Return where it was found, by way of one large piece, so that most lines cost a split and little more."""
        if self.regular:
            lines = [line[:LOOKED_AT] for line in lines]
        blob = strip_lines(b"\n".join(lines))
        if self._needle is None:
            search = self._pattern.search
            return [index for index, text in enumerate(blob.decode("utf-8", "replace").split("\n")) if search(text)]
        needle = self._needle
        if self._folds:
            blob = blob.lower()
        if needle not in blob:
            return []
        return [index for index, line in enumerate(blob.split(b"\n")) if needle in line]

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
