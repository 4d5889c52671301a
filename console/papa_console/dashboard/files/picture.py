"""Pictures of the screen, as SVG files."""

from pathlib import Path

from papa_console.dashboard.files.writing import fresh_file, stamp, write_new
from papa_console.folders import state_folder


def save_picture(drawn: str, now: float, folder: Path | None = None) -> Path:
    """Write a picture to a new file and return where it is.

    Args:
        drawn: SVG.
        now: the time, in seconds since 1970, for the file's name.
        folder: where to; None takes ``$XDG_STATE_HOME/papa/pictures``.

    Raises:
        OSError: it cannot be written.
    """
    path, fd = fresh_file(folder or state_folder() / "pictures", f"papa-console-{stamp(now)}", ".svg")
    write_new(path, fd, drawn.encode("utf-8", "replace"))
    return path
