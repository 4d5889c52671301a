"""Sessions that stay: idle, with half a line typed, with nonsense; and strangers who are shown out."""

from typing import ClassVar

from soak.accounts import DiffersError, expect
from soak.actor import Actor
from soak.stage import Stage
from support.wire import Wire

_MOST = 40
_FOREIGN = (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"\x16\x03\x01\x02\x00", b"Host: x\n")
_BAD = ("bogus", "make", "get", "list nothing", "set", "watch processes no.such", "make socket x host=bogus")
_PAUSE = 0.02


class Crowd(Actor):
    """Keeps sessions open for long: each must still know where it was."""

    kind: ClassVar[str] = "crowd"

    def __init__(self, stage: Stage, name: str, seed: str) -> None:
        super().__init__(stage, name, seed)
        self._halves: dict[Wire, str] = {}  # what each session has yet to send of its line

    def act(self) -> None:
        # Long sessions are what it is for, not load.
        self.stage.stop.wait(_PAUSE)
        if len(self._halves) < _MOST and self.chance(0.2):
            self._halves[self.stage.wire(self.random)] = ""
        elif self._halves:
            wire = self.random.choice(list(self._halves))
            self.random.choice((self._type, self._type, self._type, self._blunder, self._knock, self._quit))(wire)

    def finish(self) -> None:
        for wire in list(self._halves):
            self._quit(wire)

    def _type(self, wire: Wire) -> None:
        """Type half a line, or the other half."""
        if self._halves[wire]:
            self._complete(wire)
            return
        line = f"set {self.name} {self.random.random()}\n"
        at = self.random.randint(1, len(line) - 1)
        wire.send(line[:at])
        self._halves[wire] = line[at:]

    def _complete(self, wire: Wire) -> None:
        if rest := self._halves[wire]:
            wire.send(rest)
            expect(wire.read_until(b"> "), b"\n> ", "the reply to a line sent in halves")
            self._halves[wire] = ""
            self.bytes += len(rest)

    def _blunder(self, wire: Wire) -> None:
        """Send what is no command: an error, and the session goes on."""
        self._complete(wire)
        line = self.random.choice(_BAD)
        reply = wire.command(line)
        if not reply.startswith("Error: "):
            raise DiffersError(f"the reply to {line!r} is {reply!r}, expected an error")
        expect(wire.command(f"set {self.name} x"), "", "the reply to a command after an error")

    def _knock(self, _: Wire) -> None:
        """Speak another protocol: the connection closes without a word."""
        with self.stage.wire(self.random) as stranger:
            stranger.send(self.random.choice(_FOREIGN))
            try:
                said = stranger.read_to_end()
            except ConnectionResetError:  # what followed the first line was not read
                return
            expect(said, b"", "what another protocol is answered")

    def _quit(self, wire: Wire) -> None:
        self._complete(wire)
        self._remove(wire)
        wire.send("quit\n")
        expect(wire.read_to_end(), b"ok\n", "the reply to quit")
        wire.close()
        del self._halves[wire]

    def _remove(self, wire: Wire) -> None:
        expect(wire.command(f"remove values {self.name}"), "", "the reply to remove")
