"""Which sockets a new process gets, and the numbers that placeholders stand for."""

import os
import socket
from collections.abc import Sequence

from papa_kernel.listen_fds import FIRST, out_of_the_way
from papa_kernel.sockets import HeldSocket, Sockets
from papa_protocol.errors import CommandError
from papa_protocol.hints import Self
from papa_protocol.placeholders import substitute


class Wiring:
    """Replaces placeholders and collects the sockets that a new process inherits.

    Args:
        sockets: those that are held.
        listen: the names of those that get the numbers from 3 on.
    """

    def __init__(self, sockets: Sockets, listen: Sequence[str]) -> None:
        self._sockets = sockets
        self._fresh: dict[str, socket.socket] = {}
        self._moved: dict[int, int] = {}
        self._listen = listen
        self.inherited: list[int] = []

    def listening(self) -> dict[str, int]:
        """Return the descriptors of the sockets that get the numbers from 3 on, by name.

        Raises:
            CommandError: one of them is not there, or cannot be made anew.
        """
        return {name: self._fileno(self._find(name, "listen=")) for name in self._listen}

    def fill(self, text: str) -> str:
        """Return a text with every placeholder replaced.

        Raises:
            CommandError: one of them names no socket, or a port that there is not.
        """
        return substitute(text, self._lookup)

    def _find(self, name: str, what: str) -> HeldSocket:
        held = self._sockets.by_name.get(name)
        if held is None:
            raise CommandError(f"There is no socket {name}, which {what} names")
        return held

    def _lookup(self, name: str, field: str) -> int:
        held = self._find(name, f"$(socket.{name}.{field})")
        if field == "fileno":
            return FIRST + self._listen.index(name) if name in self._listen else self._inherit(held)
        if held.port is None:
            raise CommandError(f"The socket {name} has a path and no port: $(socket.{name}.fileno) can name it")
        return held.port

    def _inherit(self, held: HeldSocket) -> int:
        fileno = self._beside_listening(held.name, self._fileno(held))
        if fileno not in self.inherited:
            self.inherited.append(fileno)
        return fileno

    def _fileno(self, held: HeldSocket) -> int:
        if held.name not in self._fresh:
            fresh = held.for_child()
            if fresh is None:
                return held.fileno
            self._fresh[held.name] = fresh
        return self._fresh[held.name].fileno()

    def _beside_listening(self, name: str, fd: int) -> int:
        """Return a number for a descriptor that no socket of ``listen`` gets."""
        if fd >= FIRST + len(self._listen):
            return fd
        if fd not in self._moved:
            try:
                self._moved[fd] = out_of_the_way(fd, len(self._listen))
            except OSError as error:
                raise CommandError(f"The socket {name} cannot be passed on: {error.strerror}") from None
        return self._moved[fd]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for fresh in self._fresh.values():
            fresh.close()
        for fd in self._moved.values():
            os.close(fd)
