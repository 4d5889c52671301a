"""The reader of the demonstration: it watches every generation and acknowledges what it has counted."""

import threading
from collections import Counter

import papa


class Reader:
    """Consumes the output of the processes that a pattern stands for, until the last has ended.

    Args:
        endpoint: the kernel's.
        pattern: whom to watch; at least one such process must be there.
    """

    def __init__(self, endpoint: str, pattern: str) -> None:
        self.lines: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.exit_status: dict[str, int] = {}
        self._client = papa.Papa(endpoint, start=False)
        self._watcher = self._client.watch_processes(pattern)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        with self._client, self._watcher:
            for out, err, ends in self._watcher:
                for output in (*out, *err):
                    self.lines[output.name] += output.data.count(b"\n")
                    self.requests[output.name] += output.data.count(b"GET / HTTP/1.1 200")
                self.exit_status.update((end.name, end.data) for end in ends)

    def join(self) -> None:
        """Wait until everything has been read."""
        self._thread.join(30)
