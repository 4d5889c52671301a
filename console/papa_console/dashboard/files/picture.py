"""A picture of the screen, as a file."""

import os
from pathlib import Path

from papa_console.dashboard.files.writing import fresh_file, stamp, write_all
from papa_console.folders import state_folder


def save_picture(drawn: str, now: float, folder: Path | None = None) -> Path:
    """Write a picture under a name that is free, and return where it is.

    Args:
        drawn: the screen as SVG.
        now: the time, in seconds since 1970.
        folder: where it goes; None takes ``$XDG_STATE_HOME/papa/pictures``.

    Raises:
        OSError: it cannot be written.
    """
    path, fd = fresh_file(folder or state_folder() / "pictures", f"console-{stamp(now)}", ".svg")
    try:
        write_all(fd, drawn.encode())
    finally:
        os.close(fd)
    return path
