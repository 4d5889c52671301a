"""Sends hostile input over many connections at once, cut at random places, to a kernel that must not mind."""

import random
import selectors
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from fuzz.harmless import Censor, Guard
from fuzz.hostile import Hostile
from support.wire import TIMEOUT

_CONNECTIONS = 48
_PIECES = 60
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


@dataclass
class Figures:
    """What was sent and what came back."""

    lines: int = 0
    connections: int = 0
    cut_off: int = 0
    withheld: int = 0
    sent: int = 0
    received: int = 0
    prompts: int = 0

    def __str__(self) -> str:
        return (
            f"{self.lines:,} lines in {self.sent:,} bytes over {self.connections:,} connections, of which the kernel "
            f"ended {self.cut_off:,}; about {self.prompts:,} replies in {self.received:,} bytes; "
            f"{self.withheld:,} pieces were too harmful to send"
        )


class Attacker:
    """One connection: sends some pieces, reads what comes back, some slowly, and ends with notice or without.

    Args:
        endpoint: the kernel's port or path.
        seed: of its input and of how that is cut.
        guard: says what may be sent.
        figures: counts.
    """

    def __init__(self, endpoint: int | str, seed: str, guard: Guard, figures: Figures) -> None:
        self.socket = _connect(endpoint)
        self._hostile = Hostile(f"input {seed}", guard.folder)
        self._random = random.Random(f"cuts {seed}")
        self._censor = Censor(guard)
        self._figures = figures
        self._waiting = b""
        self._rounds = self._random.randrange(1, 16)
        self._most = 200 if self._random.random() < 0.1 else 1 << 18  # bytes to read at once
        self._leaves = self._random.random() < 0.1
        self.over = False
        figures.connections += 1

    @property
    def mask(self) -> int:
        """What it waits for."""
        return _READ | _WRITE if self._sends else _READ

    @property
    def _sends(self) -> bool:
        return bool(self._waiting or self._rounds)

    def on_ready(self, mask: int) -> None:
        """Do one bounded piece of work."""
        try:
            if mask & _READ:
                self._receive()
            if mask & _WRITE and not self.over:
                self._send()
        except OSError:  # the kernel has closed it
            self._figures.cut_off += 1
            self.over = True

    def _receive(self) -> None:
        data = self.socket.recv(self._most)
        self._figures.received += len(data)
        self._figures.prompts += data.count(b"> ")
        if not data:
            self._figures.cut_off += self._sends
            self.over = True

    def _send(self) -> None:
        if not self._waiting:
            self._waiting = b"".join(self._next_pieces())
        try:
            sent = self.socket.send(self._waiting[: self._cut()])
        except BlockingIOError:
            return
        self._figures.sent += sent
        self._figures.lines += self._waiting.count(b"\n", 0, sent)
        self._waiting = self._waiting[sent:]
        if not self._sends:
            self._end()

    def _cut(self) -> int:
        """Return how many bytes to send at once."""
        return self._random.randrange(1, 30 if self._random.random() < 0.2 else 20_000)

    def _next_pieces(self) -> Sequence[bytes]:
        self._rounds -= 1
        pieces = self._hostile.pieces(_PIECES)
        if not self._rounds:  # the last line has no end
            pieces[-1] = pieces[-1][: self._random.randrange(len(pieces[-1]))]
        passed = list(filter(self._censor.passes, pieces))
        self._figures.withheld += len(pieces) - len(passed)
        if self._censor.lost:
            self._rounds = 0
        return passed

    def _end(self) -> None:
        if self._leaves:
            self.over = True
        else:
            self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.socket.close()


def _connect(endpoint: int | str) -> socket.socket:
    if isinstance(endpoint, int):
        connected = socket.create_connection(("127.0.0.1", endpoint), TIMEOUT)
    else:
        connected = socket.socket(socket.AF_UNIX)
        connected.settimeout(TIMEOUT)
        connected.connect(endpoint)
    connected.setblocking(False)
    return connected


def attack(endpoints: Sequence[int | str], seed: str, guard: Guard, lines: int) -> Figures:
    """Send at least so many lines, and return once all connections have ended.

    What each connection sends, and how it is cut, depends on the seed alone; how they interleave does not.
    """
    figures = Figures()
    with selectors.DefaultSelector() as selector:
        while figures.lines < lines or selector.get_map():
            while figures.lines < lines and len(selector.get_map()) < _CONNECTIONS:
                number = figures.connections
                attacker = Attacker(endpoints[number % len(endpoints)], f"{seed}.{number}", guard, figures)
                selector.register(attacker.socket, attacker.mask, attacker)
            ready = selector.select(TIMEOUT)
            assert ready, f"nothing has happened for {TIMEOUT} s: {figures}"
            for key, mask in ready:
                _serve(selector, key.data, mask)
    return figures


def _serve(selector: selectors.BaseSelector, attacker: Attacker, mask: int) -> None:
    attacker.on_ready(mask)
    if attacker.over:
        selector.unregister(attacker.socket)
        attacker.close()
    elif selector.get_key(attacker.socket).events != attacker.mask:
        selector.modify(attacker.socket, attacker.mask, attacker)
