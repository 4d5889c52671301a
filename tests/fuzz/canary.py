"""A process that writes all the time, and a watcher that acknowledges all of it, while others attack the kernel."""

import sys
import threading
from pathlib import Path

from fuzz.harmless import CANARY
from papa import Papa
from support.wire import TIMEOUT

_STATUS = 7
_PROGRAM = """
import os, sys, time
number = 0
while not os.path.exists(sys.argv[1]):
    os.write(1, b"".join(b"%d\\n" % each for each in range(number, number + 100)))
    os.write(2, b"%d\\n" % number)
    number += 100
    time.sleep(0.003)
os._exit(7)
"""


def _numbers(end: int, step: int) -> bytes:
    return b"".join(b"%d\n" % number for number in range(0, end, step))


class Canary:
    """The process and its watcher, in a thread of its own.

    Args:
        endpoint: the kernel's.
        stop: a file that does not exist; once it does, the process ends.
    """

    def __init__(self, endpoint: str, stop: Path) -> None:
        self._client = Papa(endpoint)
        self._stop = stop
        words = ["-I", "-S", "-c", _PROGRAM, str(stop)]
        self.pid = self._client.make_process(CANARY, sys.executable, words, bufsize="64m")["pid"]
        self.out, self.err, self.lost = bytearray(), bytearray(), 0
        self.statuses: list[int] = []
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        with self._client, self._client.watch_processes(CANARY) as watcher:
            for batch in watcher:
                self.out += b"".join(piece.data for piece in batch[0])
                self.err += b"".join(piece.data for piece in batch[1])
                self.statuses += [end.data for end in batch[2]]
                self.lost += sum(batch.lost.values())

    def end(self) -> None:
        """Let it end, and wait until everything has been seen."""
        self._stop.touch()
        self._thread.join(TIMEOUT)

    def check(self) -> None:
        """Fail unless every byte has come, in order, and the end after it."""
        assert not self._thread.is_alive()
        assert self.lost == 0
        assert self.statuses == [_STATUS]
        end = self.err.count(b"\n") * 100
        assert self.err == _numbers(end, 100)
        assert self.out == _numbers(end, 1)
