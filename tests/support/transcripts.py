"""Conversations with a kernel, written down as a terminal shows them, and replayed.

``> `` and ``] `` are the kernel's prompts, what follows them is typed; other lines are what the kernel
sends. A prompt at the end, or before a line that begins with
``#``, is typed nothing. Placeholders stand for what differs from run to
run: ``<pid>``, ``<port>``, ``<fileno>``, ``<number>``, ``<time>``, ``<version>``, ``<path>``, ``<text>`` (the
rest of a line), each also with a suffix (``<pid-web>``), and ``<lines>`` for any lines. A typed
placeholder is what it stood for last; ``<folder>`` is a folder of the test's own. Lines that begin with
``#`` tell what happens meanwhile; any other than these is a comment:

    # NAME has ended                    # NAME has written N bytes
    # on connection N                   # the client sends no more
    # the kernel closes the connection  # the client types LINE   (without having been prompted)
"""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from pathlib import Path

from support.kernels import KernelProcess
from support.wire import Wire

_KINDS = {
    "pid": r"\d+",
    "port": r"\d+",
    "fileno": r"\d+",
    "number": r"\d+",
    "time": r"\d+(?:\.\d+)?",
    "version": r"\d[\w.]*",
    "path": r"/\S+",
    "text": r".*",
}
_PLACEHOLDER = re.compile(rf"<({'|'.join(_KINDS)})(-\w+)?>|<lines>\n")
_NAMED = re.compile(r"<([\w-]+)>")
# In a tail the kernel goes on after its prompt without being asked.
_GOES_ON = re.compile(r"\] (out|err|closed|lost):|\] Nothing left")


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that happens on a connection: output that is expected, then a line that is typed, or an event."""

    connection: int
    expected: str = ""
    typed: str | None = None
    event: str = ""


def read_transcript(text: str) -> list[Turn]:
    """Return what happens in a transcript, in order."""
    turns: list[Turn] = []
    expected = ""
    connection = 1
    lines = text.splitlines()
    for line, following in zip_longest(lines, lines[1:], fillvalue="#"):
        if line.startswith("#"):
            turns.append(Turn(connection, expected, event=line[2:]))
            switch = re.fullmatch(r"# on connection (\d+)", line)
            connection = int(switch[1]) if switch else connection
            expected = ""
        elif line[:1] in (">", "]") and line[1:2] in ("", " ") and not _GOES_ON.match(line):
            types_nothing = not line[2:] and following.startswith("#")
            turns.append(Turn(connection, f"{expected}{line[0]} ", None if types_nothing else line[2:]))
            expected = ""
        else:
            expected += line + "\n"
    return [*turns, Turn(connection, expected)]


class Replay:
    """Plays a transcript to a kernel.

    Args:
        kernel: whom to talk to.
        folder: what ``<folder>`` stands for.
        unix: whether to connect by path.
        dialect: which one connections begin with.
    """

    def __init__(self, kernel: KernelProcess, folder: Path, *, unix: bool = False, dialect: int = 1) -> None:
        self._kernel = kernel
        self._unix = unix
        self._dialect = dialect
        self._connections: dict[int, Wire] = {}
        self._known = {"folder": str(folder)}
        self._events: list[tuple[str, Callable[..., None]]] = [
            (r"(\S+) has ended", self._wait_for_end),
            (r"(\S+) has written (\d+) bytes", self._wait_for_output),
            (r"the client types ?(.*)", self._type),
            (r"the client sends no more", self._half_close),
            (r"the kernel closes the connection", self._expect_close),
        ]

    def play(self, text: str) -> None:
        """Type what is typed, and check that everything comes as written."""
        try:
            for turn in read_transcript(text):
                self._play(turn)
            assert not [wire.buffer for wire in self._connections.values() if wire.buffer]
        finally:
            for wire in self._connections.values():
                wire.close()

    def _play(self, turn: Turn) -> None:
        if turn.expected:
            self._expect(turn)
        if turn.typed is not None:
            self._type(turn, turn.typed)
        for pattern, act in self._events:
            if match := re.fullmatch(pattern, turn.event):
                act(turn, *match.groups())

    def _type(self, turn: Turn, line: str) -> None:
        typed = _NAMED.sub(lambda match: self._known.get(match[1], match[0]), line)
        self._wire(turn).send(typed + "\n")

    def _wire(self, turn: Turn) -> Wire:
        return self._connections[turn.connection]

    def _expect(self, turn: Turn) -> None:
        if turn.connection not in self._connections:
            self._connect(turn)
            if turn.expected == "> ":
                return
        pattern, names = self._pattern(turn.expected)
        wire = self._wire(turn)
        received = ""
        while not (match := pattern.match(received)):
            data = b"" if _is_over(received, turn.expected) else _receive(wire)
            assert data, f"expected:\n{turn.expected}\nreceived:\n{received}"
            received += data.decode("utf-8", "surrogateescape")
        wire.buffer = received[match.end() :].encode("utf-8", "surrogateescape")
        self._known |= dict(zip(names, match.groups(), strict=True))

    def _connect(self, turn: Turn) -> None:
        greeted = turn.expected == "> "
        wire = Wire(self._kernel.path if self._unix else self._kernel.port, greeted=greeted)
        self._connections[turn.connection] = wire
        if self._dialect != 1:
            assert wire.command(f"protocol {self._dialect}") == f"protocol {self._dialect}"

    def _pattern(self, text: str) -> tuple[re.Pattern[str], list[str]]:
        parts: list[str] = []
        names: list[str] = []
        start = 0
        for match in _PLACEHOLDER.finditer(text):
            parts.append(self._literal(text[start : match.start()]))
            parts.append(f"({_KINDS[match[1]]})" if match[1] else r"(?:.*\n)*?")
            names += [match[0][1:-1]] if match[1] else []
            start = match.end()
        return re.compile("".join(parts) + self._literal(text[start:])), names

    def _literal(self, text: str) -> str:
        return re.escape(text.replace("<folder>", self._known["folder"]))

    def _wait_for_end(self, _: Turn, name: str) -> None:
        self._wait(name, lambda header: header.startswith("closed:"))

    def _wait_for_output(self, _: Turn, name: str, count: str) -> None:
        self._wait(name, partial(_reaches, position=int(count)))

    def _wait(self, name: str, enough: Callable[[str], bool]) -> None:
        with self._kernel.connect() as wire:
            wire.send(f"tail processes {name}\n")
            assert wire.read_until(b"\n") == b"Tailing 1\n"
            while True:
                record = wire.record()
                if record != "] " and enough(record[0]):
                    return
                assert isinstance(record, tuple) or record == "] ", record

    def _half_close(self, turn: Turn) -> None:
        self._wire(turn).socket.shutdown(socket.SHUT_WR)

    def _expect_close(self, turn: Turn) -> None:
        assert self._wire(turn).read_to_end() == b""


def _reaches(header: str, position: int) -> bool:
    return int(header.rpartition(":")[2]) >= position


def _is_over(received: str, expected: str) -> bool:
    """Whether the prompt that ends what is expected has come, with something else before it."""
    prompt = expected[-2:]
    return prompt in ("> ", "] ") and expected.count(prompt) == 1 and received.endswith(prompt)


def _receive(wire: Wire) -> bytes:
    try:
        return wire.receive()
    except TimeoutError:
        return b""
