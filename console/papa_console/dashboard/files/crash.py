"""What goes wrong in the console itself is written to a file: no traceback ever reaches a user."""

import logging
import os
import sys
import threading
from datetime import datetime
from pathlib import Path
from types import TracebackType

from papa_console.dashboard.files.writing import make_folder, reason, write_all
from papa_console.folders import state_folder

_LARGEST = 2**20


def crash_path() -> Path:
    """Return the file."""
    return state_folder() / "console-crash.txt"


def report_crash(details: str, path: Path | None = None) -> str:
    """Append the details of a fault to the file, and return a sentence for the user.

    Args:
        details: a traceback.
        path: the file; None takes ``crash_path()``.
    """
    file = path or crash_path()
    try:
        _append(file, f"--- {datetime.now().astimezone().isoformat(' ', 'seconds')}\n{details.rstrip()}\n")
    except OSError as error:
        return f"papa-console has a fault and had to end; the details could not be written: {reason(error)}"
    return f"papa-console has a fault and had to end; the details are in {file}"


def _append(file: Path, text: str) -> None:
    make_folder(file.parent)
    fd = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(fd).st_size > _LARGEST:
            os.ftruncate(fd, 0)
        write_all(fd, text.encode("utf-8", "backslashreplace"))
    finally:
        os.close(fd)


class _ToFile(logging.Handler):
    """Writes what libraries and the interpreter complain of."""

    def emit(self, record: logging.LogRecord) -> None:
        report_crash(self.format(record))


def keep_complaints_off_the_terminal() -> None:
    """Send warnings, the log and what is thrown where nobody catches it to the file."""
    log = logging.getLogger()
    log.addHandler(_ToFile(logging.WARNING))
    logging.captureWarnings(True)

    def thrown(
        kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None, where: object
    ) -> None:
        if error is not None:
            log.error("in %s", where, exc_info=(kind, error, traceback))

    sys.unraisablehook = lambda seen: thrown(seen.exc_type, seen.exc_value, seen.exc_traceback, seen.object)
    threading.excepthook = lambda seen: thrown(seen.exc_type, seen.exc_value, seen.exc_traceback, seen.thread)
