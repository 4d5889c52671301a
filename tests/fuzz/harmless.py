"""Which lines may be sent to a kernel that runs with the rights of whoever runs the tests.

Random bytes could spell a command. So every line is read here as the kernel will read it, in either dialect, and only
what does no harm passes: programs that end at once, sockets in the test's folder or on a port that the system
chooses, nothing that takes the canary's output.
"""

import os
from collections.abc import Iterator, Sequence

from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Command
from papa_protocol.errors import CommandError
from papa_protocol.model import SocketSpec
from papa_protocol.names import matches
from papa_protocol.options import read_options
from papa_protocol.telnet import TelnetFilter
from papa_protocol.words import Dialect, split_line

CANARY = "canary"
PROGRAMS = ("/bin/true", "/bin/false", "/bin/echo", "/bin/nowhere", "/", "/etc/passwd")
SHELL_LINES = ("true", "exit 3", ":")
HOSTS = ("127.0.0.1", "127.0.0.2", "localhost", "nowhere", "127.0.0.1.1", "é", "::1")
INTERFACES = ("", "nowhere0")


class Guard:
    """Knows what may be sent.

    Args:
        folder: where sockets may be bound.
        canary: the PID of the process that hostile lines must leave alone.
    """

    def __init__(self, folder: str, canary: int) -> None:
        self.folder = folder
        self._canary = canary

    def allows(self, line: bytes) -> bool:
        """Whether a line does no harm, whichever dialect the connection has."""
        return all(self._allows_words(words) for words in _readings(line.removesuffix(b"\r")))

    def _allows_words(self, words: Sequence[str]) -> bool:
        try:
            command, rest = COMMANDS.resolve(words)
            match command.words:
                case ("make", "process"):
                    return _allows_process(command, rest)
                case ("make", "socket"):
                    return self._allows_socket(command, rest)
                case ("remove" | "watch" | "acknowledge", "processes"):
                    return not self._means_canary(rest)
                case ("upgrade",):
                    return False  # it has tests of its own
        except CommandError:
            pass  # and the kernel will say so
        return True

    def _allows_socket(self, command: Command, rest: Sequence[str]) -> bool:
        spec = SocketSpec(**read_options(command.options, rest[1:])[0])
        if spec.family == "unix":
            return os.path.dirname(os.path.normpath(spec.path)) == self.folder
        return spec.port == 0 and spec.host in HOSTS and spec.interface in INTERFACES

    def _means_canary(self, words: Sequence[str]) -> bool:
        return not words or any(matches(CANARY, word) or word.lstrip("0") == str(self._canary) for word in words)


def _readings(line: bytes) -> Iterator[list[str]]:
    for dialect in Dialect:
        try:
            words = split_line(line, dialect)
        except CommandError:
            continue
        if words:
            yield words


def _allows_process(command: Command, rest: Sequence[str]) -> bool:
    # What is called so that it stands for the canary could not be removed alone.
    if not rest or matches(CANARY, rest[0]):
        return False
    values, words = read_options(command.options, rest[1:])
    if values.get("shell"):
        return " ".join(words) in SHELL_LINES
    return not words or words[0] in PROGRAMS


class Censor:
    """Sees a connection's bytes as the kernel does, and says what may follow.

    Args:
        guard: judges lines.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._telnet = TelnetFilter()
        self._rest = b""
        self.lost = False  # it cannot be told any more what the kernel sees

    def passes(self, data: bytes) -> bool:
        """Whether ``data`` may be sent next, and the connection may end after it."""
        clean = self._telnet.receive(data)
        *lines, rest = (self._rest + clean).split(b"\n")
        if not self.lost and all(map(self._guard.allows, lines)) and self._guard.allows(rest):
            self._rest = rest
            return True
        # What is not sent must not have changed the filter, and what has no telnet in it passes as it is.
        self.lost = self.lost or clean is not data
        return False
