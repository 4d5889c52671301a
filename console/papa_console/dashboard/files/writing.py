"""Writing files so that they are whole: never over another file, or else in one step; on the disk before it is said."""

import os
import re
import time
from pathlib import Path

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80


def file_name(name: str) -> str:
    """Return what a file may be called after a process: letters, digits and ``._-`` stay."""
    return _UNFIT.sub("_", name)[:_LONGEST].lstrip(".") or "output"


def stamp(now: float) -> str:
    """Return a time as names of files have it: ``20251123-152030``, of this machine's time zone."""
    return time.strftime("%Y%m%d-%H%M%S", time.localtime(now))


def make_folder(folder: Path) -> Path:
    """Return a folder that is there, made for this user alone where it was not.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def fresh_folder(folder: Path, name: str) -> Path:
    """Make a folder in ``folder``, which need not be there, under a name that is free.

    Raises:
        OSError: it cannot be made.
    """
    make_folder(folder)
    number = 1
    while True:
        made = folder / (name if number == 1 else f"{name}-{number}")
        try:
            made.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return made


def fresh_file(folder: Path, name: str, suffix: str) -> tuple[Path, int]:
    """Make a private file in ``folder``, which need not be there, under a name that is free.

    Returns:
        Its path, and a descriptor to write to.

    Raises:
        OSError: it cannot be made.
    """
    make_folder(folder)
    number = 1
    while True:
        path = folder / f"{name}{'' if number == 1 else f'-{number}'}{suffix}"
        try:
            return path, new_file(path)
        except FileExistsError:
            number += 1


def new_file(path: Path) -> int:
    """Make a private file and return a descriptor to write to.

    Raises:
        FileExistsError: there is such a file.
        OSError: it cannot be made.
    """
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def write_all(fd: int, data: bytes) -> None:
    """Write all of ``data``.

    Raises:
        OSError: the disk is full, or worse.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def write_new(path: Path, fd: int, data: bytes) -> None:
    """Write all of a file that was just made, and close it; on the disk at return.

    Raises:
        OSError: it cannot be written; then there is none.
    """
    try:
        try:
            write_all(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """See that the names in a folder are on the disk.

    Raises:
        OSError: they may not be.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, or replace it, in one step: whoever reads finds all of it or what was there; on the disk at return.

    Raises:
        OSError: it cannot be written; what was there stays.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    write_new(fresh, fd, data)
    try:
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def reason(error: OSError) -> str:
    """Return a sentence for people: the file, and what the system said."""
    what = error.strerror or str(error)
    return f"{error.filename}: {what}" if error.filename else what
