"""Pieces of input that mean something to one parser or another: what fuzzers put together."""

from collections.abc import Sequence

from papa_protocol.command_table import COMMANDS, PROCESS_OPTIONS, SOCKET_OPTIONS
from support.texts import NASTY

_COMMANDS = [command.text for command in COMMANDS.commands]
_OPTIONS = [f"{option.key}{'x' * option.is_family}=" for option in (*SOCKET_OPTIONS, *PROCESS_OPTIONS)]
_VALUES = ["1", "0", "64k", "9" * 30, "-1", "unlimited", "1:2", "0o77", "stdout", "/x", "unix", "inet6"]
_STARTS = ["make process a ", "make socket a ", "acknowledge processes a ", "help "]
_WORDS = [
    " ",
    "\\ ",
    '""',
    "\\n",
    "\\x3d",
    "\\x00",
    "\\",
    "=",
    "*",
    "a",
    "l p",
    "m p x ",
    "p 2",
    "upto=",
    "²",
    "\u212a",
]
_ROWS = ["a pid=1 running=True args=b c", "pid=", "args=", "\nendpoint ", "\nendpoints ", "\nlimit a 1", "\nlimits "]
_RECORDS = ["out:a:1.5:3:9\nabc\n", "out:a:1:0\n\n", "closed:a:1.5:-9:9\n", "lost:a:1.5:7:9\n", "] ", "> ", "\n> "]
_FOREIGN = ["GET / HTTP/1.1\r\n", "Host: a", "SSH-2.0-a", "\x16"]
_PLACEHOLDERS = ["$(socket.", ".fileno)", ".port)", "$(socket.a.port)"]
_TELNET = (b"\xff", b"\xff\xfd\x06", b"\xff\xfb\x01", b"\xff\xfa", b"\xff\xf0", b"\xff\xf4", b"\xff\xff")
_TEXTS = (*_COMMANDS, *_STARTS, *_OPTIONS, *_VALUES, *_WORDS, *_ROWS, *_RECORDS, *_FOREIGN, *_PLACEHOLDERS, *NASTY)


def _encode(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(text.encode("utf-8", "surrogateescape") for text in texts)


FRAGMENTS = (*_encode(_TEXTS), *_TELNET)
# How lines of commands begin that words follow, and parts of those words.
STARTS = _encode([*_STARTS, *(f"{command} " for command in _COMMANDS)])
EXAMPLES = _encode([*(line for command in COMMANDS.commands for line in command.examples), *_ROWS, *_RECORDS])
PARTS = _encode([*_OPTIONS, *_VALUES, *_WORDS, *_PLACEHOLDERS])
