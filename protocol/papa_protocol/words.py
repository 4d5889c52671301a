r"""A command line and its words, in both dialects.

Dialect 1 is papa 1.0's: a word ends at a space, and a word that ends in a backslash continues,
with a space, in the next one. It cannot carry an empty word, a line break or a final backslash.

Dialect 2 escapes: backslash-space, ``\\``, ``\n``, ``\r``, ``\t``, ``\xHH`` (a byte) and ``""``
for an empty word, so that every string without NUL makes the journey unchanged.

Text is UTF-8. Bytes that are not valid UTF-8 live in strings as surrogate escapes (PEP 383).
"""

import re
from collections.abc import Callable, Iterable
from enum import Enum

from papa_protocol.errors import CommandError, LocalProtocolError


class Dialect(Enum):
    """Which of the two ways of writing words a connection uses."""

    V1 = 1
    V2 = 2


EMPTY_WORD = '""'
# Words that would read as a prompt, as the mark of an error or as the empty word.
_RESERVED = frozenset({EMPTY_WORD, ">", "]", "Error:"})
_PLAIN = re.compile(r"[!-\[\]-~\u00a1-\u2027\u202f-\u2065\u2070-\ud7ff\ue000-\ufefe\uff00-\U0010ffff]+")
_SPECIAL = re.compile(
    r"[\x00-\x20\\\x7f-\xa0\u2028-\u202e\u2066-\u206f\ufeff\ud800-\udfff]",
)
_SHORT = {" ": "\\ ", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LETTERS = {" ": b" ", "\\": b"\\", "n": b"\n", "r": b"\r", "t": b"\t"}
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|.|$)", re.DOTALL)
_WORD_V2 = re.compile(rb"(?:[^ \\]|\\.|\\$)+", re.DOTALL)


def to_bytes(text: str) -> bytes:
    """Return the bytes that ``text`` stands for.

    Raises:
        LocalProtocolError: ``text`` holds a surrogate that stands for no byte.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"{text[error.start]!a} is not text and stands for no byte") from None


def to_text(data: bytes) -> str:
    """Return ``data`` as text; bytes that are not UTF-8 become surrogate escapes."""
    return data.decode("utf-8", "surrogateescape")


def _escape_character(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\0":
        raise LocalProtocolError("a NUL character cannot be sent: no name or argument can hold it")
    return _SHORT.get(character) or escape_bytes(to_bytes(character))


def escape_bytes(data: bytes) -> str:
    r"""Return every byte of ``data`` as ``\xHH``."""
    return "".join(f"\\x{byte:02x}" for byte in data)


def escape(text: str) -> str:
    r"""Return ``text`` as one dialect 2 word: printable, without spaces, never like a prompt.

    Control characters and those that reorder or break a line of a terminal are written as bytes.

    Raises:
        LocalProtocolError: ``text`` holds NUL or a surrogate that stands for no byte.
    """
    if not text:
        return EMPTY_WORD
    if text in _RESERVED:
        return escape_bytes(text[:1].encode()) + text[1:]
    if _PLAIN.fullmatch(text):
        return text
    return _SPECIAL.sub(_escape_character, text)


def _unescape_bytes(word: bytes) -> bytes:
    def replace(match: re.Match[bytes]) -> bytes:
        code = match[1]
        if len(code) == 3:
            return bytes.fromhex(code[1:].decode())
        known = _LETTERS.get(code.decode("latin-1"))
        if known is None:
            raise CommandError(
                f"Bad escape {to_text(match[0])} in the word {to_text(word)}: "
                r"expected backslash-space, \\, \n, \r, \t or \xHH"
            )
        return known

    return _ESCAPE.sub(replace, word)


def unescape(word: bytes) -> str:
    r"""Return the text that one dialect 2 word stands for.

    Raises:
        CommandError: an unknown escape, or a backslash at the end.
    """
    if word == b'""':
        return ""
    text = to_text(_unescape_bytes(word) if b"\\" in word else word)
    if "\0" in text:
        raise CommandError(f"The word {to_text(word)} holds a NUL character, which nothing can hold")
    return text


def _split_v1(line: bytes) -> list[str]:
    words: list[str] = []
    start = ""
    for word in filter(None, to_text(line).split(" ")):
        if word.endswith("\\"):
            start += word[:-1] + " "
        else:
            words.append(start + word)
            start = ""
    if start:
        words.append(start)
    return words


def _split_v2(line: bytes) -> list[str]:
    if b"\\" in line:
        return [unescape(word) for word in _WORD_V2.findall(line)]
    return [unescape(word) for word in line.split(b" ") if word]


def split_line(line: bytes, dialect: Dialect) -> list[str]:
    """Return the words of a command line (without its line end).

    Raises:
        CommandError: dialect 2 only, an escape that it does not know.
    """
    return _split_v1(line) if dialect is Dialect.V1 else _split_v2(line)


def _encode_v1(word: str) -> str:
    if not word:
        raise LocalProtocolError("an empty word cannot be sent to a papa 1.0 kernel")
    for character, name in (("\n", "line feed"), ("\r", "carriage return"), ("\0", "NUL")):
        if character in word:
            raise LocalProtocolError(f"{_shorten(word)} holds a {name}, which a papa 1.0 kernel cannot receive")
    if word.endswith("\\"):
        raise LocalProtocolError(f"{_shorten(word)} ends in a backslash, which a papa 1.0 kernel cannot receive")
    return word.replace(" ", "\\ ")


def _shorten(word: str, limit: int = 60) -> str:
    return repr(word if len(word) <= limit else word[:limit] + "…")


def join_words(words: Iterable[str], dialect: Dialect) -> bytes:
    """Return the command line, without a line end, that carries exactly these words.

    Raises:
        LocalProtocolError: a word that the dialect cannot carry.
    """
    encode: Callable[[str], str] = _encode_v1 if dialect is Dialect.V1 else escape
    return to_bytes(" ".join(map(encode, words)))


def show(text: str, dialect: Dialect) -> str:
    """Return ``text`` as a reply shows it where the row goes on after it.

    Dialect 1 shows text as it is, so only what would break the row or act on a terminal is escaped.
    """
    if dialect is Dialect.V2:
        return escape(text)
    return text if text.isprintable() else _CONTROL.sub(_escape_character, text)


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f]")
