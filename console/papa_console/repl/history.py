"""The history of typed lines: a private file that many sessions append to at once.

One line of the file is one entry. An entry is appended by one ``write`` under a lock, so none is ever split or
lost, however long. A session that starts replaces a file that holds too much by its newest entries; who waits for
the lock meanwhile finds another file under the name, and opens that.
"""

import fcntl
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import History

from papa_console.folders import state_folder
from papa_console.masking import mask_secrets

LIMIT = 5000


def history_path() -> Path:
    """Return where the history is kept."""
    return state_folder() / "history"


def newest(entries: Iterable[str], limit: int = LIMIT) -> list[str]:
    """Return the newest of ``entries``, which are ordered by age, each once, where it came last."""
    latest = dict.fromkeys(reversed(list(entries)))
    return list(latest)[:limit][::-1]


class HistoryFile:
    """The file.

    Args:
        path: where; the folder is made when the first entry is added.
        limit: how many entries are kept.
    """

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        self.path = path
        self.limit = limit

    def read(self) -> list[str]:
        """Return the newest entries, oldest first; none where there is no file.

        Raises:
            OSError: it cannot be read.
        """
        return newest(self._lines(), self.limit)

    def _lines(self) -> list[str]:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return []
        return [line for line in data.decode("utf-8", "surrogateescape").split("\n") if line]

    def append(self, entry: str) -> None:
        """Add an entry, which holds no line end.

        Raises:
            OSError: it cannot be written.
        """
        fd = self._open_locked()
        try:
            size = os.fstat(fd).st_size
            whole = not size or os.pread(fd, 1, size - 1) == b"\n"
            data = ("" if whole else "\n").encode() + entry.encode("utf-8", "surrogateescape") + b"\n"
            if os.write(fd, data) < len(data):
                raise OSError(None, "the disk is full")
        finally:
            os.close(fd)

    def _open_locked(self) -> int:
        """Return a descriptor of the file that is under the name now, locked until it is closed."""
        with suppress(FileExistsError):  # where it is no folder, opening the file tells more
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(fd, fcntl.LOCK_EX)
            try:
                if os.path.samestat(os.fstat(fd), self.path.stat()):
                    return fd
            except FileNotFoundError:
                pass
            os.close(fd)

    def shrink(self) -> None:
        """Drop what is beyond the bound, and all but the last of equal entries.

        Raises:
            OSError: it cannot be written.
        """
        if len(self._lines()) == len(self.read()):
            return
        fd = self._open_locked()
        try:
            self._replace("".join(f"{entry}\n" for entry in self.read()))
        finally:
            os.close(fd)

    def _replace(self, text: str) -> None:
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        fresh.replace(self.path)


class FullHistory(History):
    """What was typed, in full words, for prompt_toolkit.

    Args:
        file: where it is kept.
        full_form: turns a typed line into the one to keep.
        warn: told once, in one line, where the file cannot be used; the session then remembers by itself.
    """

    def __init__(self, file: HistoryFile, full_form: Callable[[str], str], warn: Callable[[str], None]) -> None:
        super().__init__()
        self._file: HistoryFile | None = file
        self._full_form = full_form
        self._warn = warn

    def _try(self, action: Callable[[HistoryFile], None]) -> None:
        if self._file is None:
            return
        try:
            action(self._file)
        except OSError as error:
            path, self._file = self._file.path, None
            self._warn(f"{path}: {error.strerror}; this session's lines are not kept")

    def load_history_strings(self) -> Iterable[str]:
        """Return what the file holds, newest first."""
        entries: list[str] = []
        self._try(lambda file: file.shrink())
        self._try(lambda file: entries.extend(file.read()))
        return reversed(entries)

    def append_string(self, string: str) -> None:
        """Remember what was typed, each line of a paste by itself; lines that begin with a space are not kept."""
        for line in string.splitlines():
            if line.strip() and not line.startswith(" "):
                self._remember(self._full_form(line).rstrip(" "))

    def _remember(self, entry: str) -> None:
        if self._loaded_strings[:1] == [entry]:
            return
        if entry in self._loaded_strings:
            self._loaded_strings.remove(entry)
        self._loaded_strings.insert(0, entry)
        self.store_string(entry)

    def store_string(self, string: str) -> None:
        """Add an entry to the file; values that look secret stay in memory only."""
        self._try(lambda file: file.append(mask_secrets(string)))
