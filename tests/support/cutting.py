"""A wire that is cut: it passes bytes between a client and a real kernel, and breaks at a line that a test names."""

import select
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

from support.wire import TIMEOUT


class CutWire:
    """Listens on a path and connects each client to a kernel, until a line begins with ``at``.

    Args:
        path: where it listens.
        kernel: the kernel's path.
        at: how the line begins after which the client's connection is closed.
        times: how often to cut; later lines like it pass.
        delivers: whether the kernel gets the line.
    """

    def __init__(self, path: Path, kernel: str, at: bytes, *, times: int = 1, delivers: bool = True) -> None:
        self.path = str(path)
        self.lines: list[bytes] = []
        self.connections = 0
        self._kernel = kernel
        self._at = at
        self._times = times
        self._delivers = delivers
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(TIMEOUT)
        self._listener.close()

    def sent(self, start: bytes) -> int:
        """Return how many lines that begin so have been sent."""
        return sum(line.startswith(start) for line in self.lines)

    def _serve(self) -> None:
        threads: list[threading.Thread] = []
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                break
            self.connections += 1
            threads.append(threading.Thread(target=self._pass, args=(client,), daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join(TIMEOUT)

    def _pass(self, client: socket.socket) -> None:
        with suppress(ConnectionError), client, socket.socket(socket.AF_UNIX) as kernel:
            kernel.connect(self._kernel)
            while True:
                ready = select.select([client, kernel], [], [])[0]
                if kernel in ready and not self._copy(kernel, client):
                    return
                if client in ready and not self._copy_lines(client, kernel):
                    return

    def _copy(self, source: socket.socket, target: socket.socket) -> bool:
        data = source.recv(65536)
        target.sendall(data)
        return bool(data)

    def _copy_lines(self, client: socket.socket, kernel: socket.socket) -> bool:
        data = client.recv(65536)
        lines = data.splitlines()
        self.lines += lines
        if self._times and any(line.startswith(self._at) for line in lines):
            self._times -= 1
            if self._delivers:
                kernel.sendall(data)
                kernel.recv(65536)  # the reply, so that the command has run
            return False
        kernel.sendall(data)
        return bool(data)
