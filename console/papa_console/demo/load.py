"""Load for the demonstration: clients that ask all the time and count every answer."""

import http.client
import threading
from collections import Counter

from papa_console.demo.deploy import fetch_generation


class Load:
    """Several clients, each with a new connection for every request.

    Args:
        port: the web server's.
        clients: how many ask at the same time.
    """

    def __init__(self, port: int, clients: int = 4) -> None:
        self.served: Counter[str] = Counter()
        self.failures: list[str] = []
        self._port = port
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _ask(self) -> None:
        while not self._stopping.is_set():
            try:
                generation = fetch_generation(self._port)
            except (OSError, http.client.HTTPException) as error:
                self._count("", f"{type(error).__name__}: {error}")
            else:
                self._count(generation, "")

    def _count(self, generation: str, failure: str) -> None:
        with self._changed:
            if failure:
                self.failures.append(failure)
            else:
                self.served[generation] += 1
            self._changed.notify_all()

    def wait_for(self, generation: str, more: int) -> None:
        """Return once a generation has answered ``more`` requests from now on.

        Raises:
            RuntimeError: it did not within 30 s.
        """
        with self._changed:
            wanted = self.served[generation] + more
            if not self._changed.wait_for(lambda: self.served[generation] >= wanted, timeout=30):
                raise RuntimeError(f"generation {generation} did not answer {more} requests within 30 s")

    def stop(self) -> None:
        """Let the clients finish their requests."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
