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
from functools import cache

from papa_protocol.errors import CommandError, LocalProtocolError


class Dialect(Enum):
    """Which of the two ways of writing words a connection uses."""

    V1 = 1
    V2 = 2


EMPTY_WORD = '""'
# Words that would read as a prompt, as the mark of an error or as the empty word.
_RESERVED = frozenset({EMPTY_WORD, ">", "]", "Error:"})
_NUL, _BACKSLASH = b"\0\\"
# Both are compiled when they are first needed, which for the kernel is later than its start.
_SPECIAL = r"[\x00-\x20\\\x7f-\xa0\u2028-\u202e\u2066-\u206f\ufeff\ud800-\udfff]"
_CONTROL = r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f]"
_LETTERS = {" ": " ", "\\": "\\", "\n": "n", "\r": "r", "\t": "t"}
_ESCAPE = re.compile(rb"\\(?:x[0-9a-fA-F]{2}|.|$)", re.DOTALL)


def escape_bytes(data: bytes) -> str:
    r"""Return every byte of ``data`` as ``\xHH``."""
    return "".join(f"\\x{byte:02x}" for byte in data)


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


@cache
def _escape_character(character: str) -> str:
    letter = _LETTERS.get(character)
    return "\\" + letter if letter else escape_bytes(to_bytes(character))


def _escape_match(match: re.Match[str]) -> str:
    return _escape_character(match[0])


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
    if text.isprintable() and " " not in text and "\\" not in text:  # the same, quicker
        return text
    if "\0" in text:
        raise LocalProtocolError("a NUL character cannot be sent: no name or argument can hold it")
    return re.sub(_SPECIAL, _escape_match, text)


_CHARACTERS = {b"\\" + letter.encode(): character.encode() for character, letter in _LETTERS.items()}


@cache
def _meaning(escape: bytes) -> bytes:
    """Return the bytes that an escape stands for, or raise KeyError."""
    return bytes((int(b"0" + escape[1:], 0),)) if len(escape) == 4 else _CHARACTERS[escape]


def _unescape_bytes(word: bytes) -> bytes:
    try:
        return _ESCAPE.sub(lambda match: _meaning(match[0]), word)
    except KeyError as error:
        raise CommandError(
            f"Bad escape {to_text(error.args[0])} in the word {shorten(to_text(word))}: "
            r"expected backslash-space, \\, \n, \r, \t or \xHH"
        ) from None


def unescape(word: bytes) -> str:
    r"""Return the text that one dialect 2 word stands for.

    Raises:
        CommandError: an unknown escape, or a backslash at the end.
    """
    if word == b'""':
        return ""
    text = to_text(_unescape_bytes(word) if _BACKSLASH in word else word)
    if "\0" in text:
        raise CommandError(f"The word {shorten(to_text(word))} holds a NUL character, which nothing can hold")
    return text


def _join_v1(pieces: Iterable[str]) -> list[str]:
    """Return the words of a dialect 1 line that was cut at its spaces."""
    words: list[str] = []
    start = ""
    for piece in pieces:
        if piece.endswith("\\"):
            start += piece[:-1] + " "
        else:
            words.append(start + piece)
            start = ""
    if start:
        words.append(start)
    return words


def split_escaped(line: bytes) -> list[bytes]:
    """Return the words of a dialect 2 line as they are written, still escaped."""
    words: list[bytes] = []
    pieces: list[bytes] = []
    for piece in line.split(b" "):
        pieces.append(piece)
        if (len(piece) - len(piece.rstrip(b"\\"))) % 2:
            continue  # the space after it is escaped
        words.append(b" ".join(pieces))
        pieces.clear()
    words.append(b" ".join(pieces))
    return list(filter(None, words))


def count_words(line: bytes) -> int:
    """Return about how many words a line has, at the cost of no memory; blanks side by side count."""
    return line.count(b" ") - line.count(b"\\ ") + 1


def split_line(line: bytes, dialect: Dialect) -> list[str]:
    """Return the words of a command line (without its line end).

    Raises:
        CommandError: a NUL character; in dialect 2 also an escape that it does not know.
    """
    if _NUL in line:
        raise CommandError("The line holds a NUL character, which no name and no argument can hold")
    if _BACKSLASH in line and dialect is Dialect.V2:
        return [unescape(word) for word in split_escaped(line)]
    words = to_text(line).split(" ")
    if "" in words:
        words = list(filter(None, words))
    if _BACKSLASH in line:
        return _join_v1(words)
    if EMPTY_WORD in words and dialect is Dialect.V2:
        return ["" if word == EMPTY_WORD else word for word in words]
    return words


_UNSENDABLE_V1 = {"\n": "a line feed", "\r": "a carriage return", "\0": "a NUL"}


def _encode_v1(word: str) -> str:
    if not word:
        raise LocalProtocolError("an empty word cannot be sent to a papa 1.0 kernel")
    for character, name in _UNSENDABLE_V1.items():
        if character in word:
            raise LocalProtocolError(f"{_quote(word)} holds {name}, which a papa 1.0 kernel cannot receive")
    if word.endswith("\\"):
        raise LocalProtocolError(f"{_quote(word)} ends in a backslash, which a papa 1.0 kernel cannot receive")
    if word != word.strip() or any(piece != piece.strip() for piece in word.split(" ")):
        raise LocalProtocolError(f"{_quote(word)} has blanks that a papa 1.0 kernel would strip")
    return word.replace(" ", "\\ ")


def shorten(text: str, limit: int = 60) -> str:
    """Return at most ``limit`` characters of ``text``, with an ellipsis where it goes on."""
    return text if len(text) <= limit else text[:limit] + "…"


def _quote(word: str) -> str:
    return repr(shorten(word))


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
    return text if text.isprintable() else re.sub(_CONTROL, _escape_match, text)


def show_name(name: str, dialect: Dialect) -> str:
    """Return a name as it begins a row or a record; one that dialect 1 cannot carry is shown escaped."""
    if dialect is Dialect.V2 or not name or name in _RESERVED:
        return escape(name)
    return show(name, dialect).replace(" ", "\\x20").replace("\t", "\\t")
