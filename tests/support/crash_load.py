"""Clients that work while kernels crash: each knows what it has been promised, and finds out whether it was kept."""

import random
import socket
import threading
from collections.abc import Sequence
from pathlib import Path

from papa_protocol.words import Dialect, join_words
from support.guarded import Caller
from support.ports import free_port, is_free
from support.wire import TIMEOUT, Wire


class Actor(threading.Thread):
    """Works until it is told to stop; what goes wrong is in ``failure``."""

    def __init__(self, endpoint: int | str, seed: int) -> None:
        super().__init__()
        self.endpoint = endpoint
        self.caller = Caller(endpoint)
        self.random = random.Random(seed)
        self.done = 0
        self.failure: BaseException | None = None
        self._stop_asked = threading.Event()

    def step(self) -> None:
        """Do one piece of work."""
        raise NotImplementedError

    def run(self) -> None:
        try:
            while not self._stop_asked.is_set():
                self.step()
                self.done += 1
        except BaseException as error:  # noqa: BLE001 - the test's own thread raises it
            self.failure = error

    def finish(self) -> None:
        self._stop_asked.set()
        self.join(3 * TIMEOUT)
        assert not self.is_alive(), f"{self} hangs"
        if self.failure is not None:
            raise self.failure
        self.close()

    def close(self) -> None:
        self.caller.close()


class Setter(Actor):
    """Sets values; whatever was answered must hold."""

    def step(self) -> None:
        name = f"v{self.random.randrange(20)}"
        value = f"{self.done} {'x' * self.random.choice([1, 100, 20_000])}"
        assert self.caller.command(f"set {name} {value}") == ""
        assert self.caller.command(f"get {name}") == value


class Binder(Actor):
    """Makes and removes sockets: the port of one that was made answers, of one that was removed is free."""

    def step(self) -> None:
        name = f"s{self.random.randrange(5)}"
        port = free_port()
        row = self.caller.command(f"make socket {name} port={port}")
        socket.create_connection(("127.0.0.1", port), TIMEOUT).close()
        assert self.caller.command(f"list sockets {name}") == row
        while True:
            reply = self.caller.command(f"remove sockets {name}")
            if not reply or "There is no socket" in reply:  # it was removed, but that could not be told
                break
        assert is_free(port), port


class Connector(Actor):
    """Connects; nobody is refused."""

    def step(self) -> None:
        with Wire(self.endpoint, greeted=False) as wire:
            try:
                wire.receive()
            except ConnectionResetError:  # of a kernel that has been killed meanwhile
                return


class Maker(Actor):
    """Makes processes that end with various statuses, each of which is to run once.

    Args:
        folder: where each leaves a line.
    """

    def __init__(self, endpoint: int | str, seed: int, folder: Path) -> None:
        super().__init__(endpoint, seed)
        self.folder = folder
        self.expected: dict[str, int] = {}

    def step(self) -> None:
        name, status = f"e{self.ident}x{self.done}", self.random.choice([0, 3, 77, -9])
        pause = self.random.choice(["", "sleep 0.0$(($$ % 10)); ", "exec >&- 2>&-; "])
        end = "kill -9 $$" if status < 0 else f"exit {status}"
        script = f"echo x >> {self.folder}/{name}; {pause}{end}"
        options = self.random.choice([[], ["bufsize=0"], ["linger=eof"]])
        line = join_words(["make", "process", name, *options, "/bin/sh", "-c", script], Dialect.V1)
        reply = self.caller.command(line)
        assert reply.startswith(f"{name} pid="), reply
        self.expected[name] = status

    @property
    def runs(self) -> dict[str, int]:
        """Return how often each has run."""
        return {name: (self.folder / name).read_text().count("x") for name in self.expected}


class Reader(Actor):
    """Watches a process and acknowledges what it has, until its end.

    Nothing is missing, and only what may not have been acknowledged comes again.
    """

    def __init__(self, endpoint: int | str, seed: int, name: str) -> None:
        super().__init__(endpoint, seed)
        self.name = name
        self.status: int | None = None
        self.repeats = 0
        self._records: list[tuple[str, bytes]] = []
        self._position = 0
        self._last_batch = (0, 0)  # where it begins: its position, and in the list
        self._wire: Wire | None = None

    def read(self, kind: str) -> bytes:
        """Return all that came of a stream."""
        return b"".join(data for header, data in self._records if header.startswith(kind))

    def step(self) -> None:
        try:
            fresh = self._wire is None
            wire = self._wire or self._begin()
            self._take(wire.batch(), fresh=fresh)
            wire.send("\n")
        except ConnectionRefusedError:
            raise
        except (ConnectionError, AssertionError) as error:
            if isinstance(error, AssertionError) and "connection closed" not in str(error):
                raise
            self.close()

    def _begin(self) -> Wire:
        wire = self._wire = Wire(self.endpoint, greeted=False)
        wire.read_until(b"\n> ")
        wire.command("protocol 2")
        wire.send(f"watch processes {self.name}\n")
        wire.read_until(b"\n")
        return wire

    def close(self) -> None:
        super().close()
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _take(self, records: Sequence[tuple[str, bytes]], *, fresh: bool) -> None:
        begin = _position(records[0][0]) - max(len(records[0][1]), records[0][0].startswith("closed"))
        if fresh and begin != self._position:
            assert begin == self._last_batch[0], f"{begin} comes after {self._position}"
            del self._records[self._last_batch[1] :]
            self._position = begin
            self.repeats += 1
        self._last_batch = begin, len(self._records)
        for header, data in records:
            self._add(header, data)

    def _add(self, header: str, data: bytes) -> None:
        kind = header.partition(":")[0]
        assert kind in ("out", "err", "closed"), header
        assert _position(header) == self._position + len(data) + (kind == "closed"), f"{header} after {self._position}"
        self._position = _position(header)
        self._records.append((header, data))
        if kind == "closed":
            self.status = int(header.split(":")[3])
            self._stop_asked.set()


def _position(header: str) -> int:
    return int(header.split(":")[4])
