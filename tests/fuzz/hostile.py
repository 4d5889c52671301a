"""Makes hostile input: random bytes, commands with odd words, telnet's bytes, lines of any length."""

import random
from collections.abc import Callable, Sequence

from fuzz.fragments import FRAGMENTS, PARTS, STARTS
from fuzz.harmless import HOSTS, INTERFACES, PROGRAMS, SHELL_LINES
from papa_protocol.command_table import PROCESS_OPTIONS, SOCKET_OPTIONS
from papa_protocol.errors import ProtocolError
from papa_protocol.words import Dialect, join_words
from support.texts import NASTY

_ENDS = (b"\n", b"\n", b"\n", b"\r\n", b"\r\0\n", b" \n")
_VERBS = (
    "list processes", "list sockets", "list values", "remove sockets", "remove values", "remove processes",
    "tail processes", "watch processes", "acknowledge processes", "get", "set", "help", "info", "protocol",
)  # fmt: skip
_VALUES = (
    "",
    "1",
    "0",
    "2m",
    "-1",
    "x",
    "9" * 19,
    "9" * 30,
    "unlimited",
    "1:2",
    "0o77",
    "stdout",
    "eof",
    "é",
    "\udcff",
)
_LIMITS = ("nofile=10", "as=1g", "core=0:0", "x=1", "cpu=unlimited", "nofile=2:1")
_LONG = 8 * 1024 * 1024 + 100


class Hostile:
    """An endless source of input, the same for the same seed.

    Args:
        seed: of the random numbers.
        folder: where Unix sockets are made.
    """

    def __init__(self, seed: str, folder: str) -> None:
        self._random = random.Random(seed)
        self._folder = folder
        kinds: dict[Callable[[], bytes], float] = {
            self._set: 300,
            self._get: 300,
            self._noise: 150,
            self._fragments: 150,
            self._blank: 60,
            self._command: 25,
            self._socket: 10,
            self._stream: 2,
            self._process: 4,
            self._clean: 3,
            self._big: 1,
            self._quit: 0.2,
            self._too_long: 0.01,
        }
        self._kinds, self._weights = list(kinds), list(kinds.values())

    def pieces(self, count: int) -> list[bytes]:
        """Return pieces, each one line or several, or a part of one."""
        return [kind() for kind in self._random.choices(self._kinds, self._weights, k=count)]

    def _any(self, choices: Sequence[str]) -> str:
        return self._random.choice(choices)

    def _name(self) -> str:
        if self._random.random() < 0.1:
            return self._any(NASTY)
        return f"h.{self._random.randrange(40)}"

    def _line(self, words: Sequence[str]) -> bytes:
        """Return a line in either dialect, or one that neither has."""
        try:
            line = join_words(words, self._random.choice((Dialect.V1, Dialect.V2)))
        except ProtocolError:
            line = " ".join(words).encode("utf-8", "replace")
        return line + self._random.choice(_ENDS)

    def _noise(self) -> bytes:
        return self._random.randbytes(self._random.randrange(1, 60)) + b"\n"

    def _fragments(self) -> bytes:
        start = self._random.choice(STARTS) if self._random.random() < 0.3 else b""
        parts = self._random.choices(FRAGMENTS if self._random.random() < 0.5 else PARTS, k=self._random.randrange(6))
        return start + self._random.choice((b" ", b"")).join(parts) + self._random.choice(_ENDS)

    def _blank(self) -> bytes:
        return self._random.choice((b"\n", b"\r\n", b" \n", b"\n\n\n", b"\xff\xf4\xff\xfd\x06\n"))

    def _set(self) -> bytes:
        return self._line(["set", self._name(), self._any(NASTY), "x" * self._random.randrange(80)])

    def _get(self) -> bytes:
        return b"%s h.%d\n" % (self._random.choice((b"get", b"g", b"GET", b"ge")), self._random.randrange(60))

    def _command(self) -> bytes:
        verb = self._any(_VERBS)
        words = [word[: self._random.randrange(1, 12)] for word in verb.split(" ")]
        return self._line([*words, *(self._name() for _ in range(self._random.randrange(4))), *self._options()])

    def _options(self) -> list[str]:
        keys = [option.key for option in (*SOCKET_OPTIONS, *PROCESS_OPTIONS)]
        return [f"{self._any(keys)}={self._any(_VALUES)}" for _ in range(self._random.randrange(2))]

    def _socket(self) -> bytes:
        path = f"path={self._folder}/{self._any(('a', 'b', 'é', 'c d', 'x' * 200))}"
        internet = [f"host={self._any(HOSTS)}", f"interface={self._any(INTERFACES)}", "port=0", "reuseport=1"]
        options = [path] if self._random.random() < 0.3 else self._random.sample(internet, self._random.randrange(4))
        return self._line(["make", "socket", self._name(), *options, *self._options()])

    def _process(self) -> bytes:
        options = [f"rlimit.{self._any(_LIMITS)}", "env.A=$(socket.h.1.port)", f"uid={self._any(('nobody', '0', 'x'))}"]
        options += ["watch=1", "stdout=0", f"linger={self._any(('exit', 'eof'))}", "working_dir=/", *self._options()]
        chosen = self._random.sample(options, self._random.randrange(3))
        program = [self._any(PROGRAMS), *self._random.choices([*NASTY, "$(socket.h.2.fileno)"], k=2)]
        if self._random.random() < 0.2:
            program = ["shell=1", *self._any(SHELL_LINES).split(" ")]
        return self._line(["make", "process", self._name(), *chosen, *program])

    def _stream(self) -> bytes:
        verb = self._any(("watch", "tail"))
        return self._line([verb, "processes", f"h.{self._random.randrange(40)}", "h.*"]) + b"\n" * 3 + b"q\n"

    def _clean(self) -> bytes:
        kind, name = self._any(("processes", "sockets", "values")), f"h.{self._random.randrange(10)}"
        return self._line(["remove", kind, self._any(("h.*", "h.1*", name))])

    def _big(self) -> bytes:
        start = self._random.choice((b"set h.big ", b"", b"get "))
        unit = self._random.choice((b"x" * 10, b"x ", b"\\ "))
        return start + unit * self._random.randrange(100, 20_000) + b"\n"

    def _quit(self) -> bytes:
        return self._random.choice((b"quit\n", b"Q\r\n", b"exit-if-idle\n"))

    def _too_long(self) -> bytes:
        return b"set h.long " + b"x" * _LONG + b"\n"
