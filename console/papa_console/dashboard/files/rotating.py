"""A file that is appended to and begun anew when it is full; the newest few are kept, each with a receipt."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from papa_console.dashboard.files.receipt import Subject, receipt_for
from papa_console.dashboard.files.records import Tally, data_of
from papa_console.dashboard.files.writing import fresh_file, sync_folder, write_all
from papa_protocol.watch import Record

LIMIT, FILES = 10 * 2**20, 4
_BUT_THE_END = "the end of the process is not acknowledged"


class RotatingFile:
    """Output on the disk.

    Args:
        folder: where the files are.
        name: what their names begin with.
        subject: whose output it is, for the receipts.
        clock: tells the time in seconds since 1970.
        limit: how many bytes a file may have, unless one piece has more.
    """

    def __init__(
        self, folder: Path, name: str, subject: Subject, clock: Callable[[], float], limit: int = LIMIT
    ) -> None:
        self.files: deque[Path] = deque()
        self.deleted = 0
        self._folder = folder
        self._name = name
        self._subject = subject
        self._clock = clock
        self._limit = limit
        self._fd: int | None = None
        self._begun = 0
        self._tally = Tally()

    @property
    def path(self) -> Path | None:
        """The file that is written to."""
        return self.files[-1] if self.files else None

    def append(self, records: Sequence[Record], acknowledged: int | None = None) -> None:
        """Write records; they are on the disk at return.

        Args:
            records: what to write.
            acknowledged: the position up to which the kernel was told, for the receipt of a file that is full.

        Raises:
            OSError: they may not be, and count as not written.
        """
        data = data_of(records)
        if self._fd is None or (self._tally.size and self._tally.size + len(data) > self._limit):
            self.write_receipt(acknowledged)
            self._begin()
        assert self._fd is not None
        try:
            write_all(self._fd, data)
            os.fsync(self._fd)
        except OSError:
            os.ftruncate(self._fd, self._tally.size)  # the file has what its receipt tells of, and nothing else
            raise
        self._tally.add(records)

    def _begin(self) -> None:
        self.close()
        self._begun += 1
        path, self._fd = fresh_file(self._folder, f"{self._name}-{self._begun:03}", ".log")
        self._tally = Tally()
        self.files.append(path)
        while len(self.files) > FILES:
            oldest = self.files.popleft()
            for gone in (oldest, Path(f"{oldest}.json")):
                with suppress(FileNotFoundError):  # the user may have moved it
                    gone.unlink()
            self.deleted += 1
        sync_folder(self._folder)

    def write_receipt(self, acknowledged: int | None) -> None:
        """Write the receipt of the file that is written to.

        Args:
            acknowledged: the position up to which the kernel was told.

        Raises:
            OSError: it cannot be written.
        """
        tally = self._tally
        if self.path is None or tally.to_position is None:
            return
        ended = tally.exit_status is not None
        done = acknowledged is not None and acknowledged >= tally.to_position - ended
        receipt = receipt_for(self.path, tally, self._subject, self._clock())
        replace(receipt, acknowledged=done, problem=_BUT_THE_END if done and ended else "").write()

    def close(self) -> None:
        """Close the file that is written to."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
