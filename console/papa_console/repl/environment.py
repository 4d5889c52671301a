"""What this machine has that a line can name: programs, files, users, groups, interfaces, variables, limits."""

import grp
import os
import pwd
import resource
import socket
import stat
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

KERNEL_PATH = "/bin:/usr/bin"
_MOST = 5000


def users() -> list[tuple[str, str]]:
    """Return the names of users, each with a line about it."""
    return sorted((entry.pw_name, f"uid {entry.pw_uid}") for entry in pwd.getpwall())


def groups() -> list[tuple[str, str]]:
    """Return the names of groups, each with a line about it."""
    return sorted((entry.gr_name, f"gid {entry.gr_gid}") for entry in grp.getgrall())


def interfaces() -> list[tuple[str, str]]:
    """Return the network interfaces, each with a line about it."""
    return [(name, f"interface {number}") for number, name in socket.if_nameindex()]


def variables() -> list[tuple[str, str]]:
    """Return our own environment."""
    return sorted(os.environ.items())


def limits() -> list[tuple[str, str]]:
    """Return the names of resource limits, each with our own soft and hard value."""
    names = sorted(name for name in dir(resource) if name.startswith("RLIMIT_"))
    return [(name.removeprefix("RLIMIT_").lower(), _limit(getattr(resource, name))) for name in names]


def _limit(number: int) -> str:
    try:
        values = resource.getrlimit(number)
    except (OSError, ValueError):
        return ""
    return ":".join("unlimited" if value == resource.RLIM_INFINITY else str(value) for value in values)


@cache
def programs(search: str) -> Sequence[tuple[str, str]]:
    """Return the programs in the folders of ``search``, which is written as PATH is: name and full path."""
    found: dict[str, str] = {}
    for folder in filter(None, search.split(":")):
        for entry in _entries(folder):
            if entry.name not in found and _is_program(entry):
                found[entry.name] = entry.path
    return sorted(found.items())


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        return


def _is_program(entry: os.DirEntry[str]) -> bool:
    try:
        mode = entry.stat().st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and bool(mode & 0o111)


def files(typed: str, *, base: str = "", programs_only: bool = False, folders_only: bool = False) -> Iterator[str]:
    """Return the paths that begin with ``typed``; folders end in ``/``.

    Args:
        typed: the beginning of a path.
        base: what a relative path is relative to; the current directory where empty.
        programs_only: leave out files that cannot be executed.
        folders_only: leave out all but folders.
    """
    folder, slash, start = typed.rpartition("/")
    where = Path(base, folder + slash)
    paths = []
    for entry in _entries(str(where)):
        if not entry.name.startswith(start) or (entry.name.startswith(".") and not start.startswith(".")):
            continue
        if _is_folder(entry):
            paths.append(folder + slash + entry.name + "/")
        elif not folders_only and not (programs_only and not _is_program(entry)):
            paths.append(folder + slash + entry.name)
        if len(paths) > _MOST:
            break
    yield from sorted(paths)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
