"""How much memory is left, as far as the system tells: on Linux, in /proc and in the kernel's control groups."""

import os
from collections.abc import Iterator

_MEMINFO = "/proc/meminfo"
_OWN_GROUP = "/proc/self/cgroup"
_GROUPS = "/sys/fs/cgroup"
_KIB = 1024


def available_memory() -> float:
    """Return how many bytes can be used without swapping; infinity where the system does not tell."""
    return min(_left_in_system(), *map(_left_in_group, _own_groups()), float("inf"))


def _left_in_system() -> float:
    """Return MemAvailable: what is free, and what the system would give up for it (proc_meminfo(5))."""
    kibibytes = _read_fields(_MEMINFO).get("MemAvailable:")
    return float("inf") if kibibytes is None else kibibytes * _KIB


def _own_groups() -> Iterator[str]:
    """Yield the folders of the control group that the kernel is in, and of those that this one is in (cgroups(7))."""
    for line in _read(_OWN_GROUP).splitlines():
        if line.startswith("0::/"):
            path = line.removeprefix("0::").rstrip("/")
            yield _GROUPS + path
            while path:  # a container's own group is the outermost that it sees
                path = path.rpartition("/")[0]
                yield _GROUPS + path


def _left_in_group(folder: str) -> float:
    """Return what a group may use yet, with the files in its memory that were not used lately."""
    most, now = _read(f"{folder}/memory.max").strip(), _read(f"{folder}/memory.current").strip()
    if not (most.isdecimal() and now.isdecimal()):
        return float("inf")
    return int(most) - int(now) + _read_fields(f"{folder}/memory.stat").get("inactive_file", 0)


def _read_fields(path: str) -> dict[str, int]:
    words = map(str.split, _read(path).splitlines())
    return {key: int(value) for key, value, *_ in words}


def _read(path: str) -> str:
    """Return a small file, or nothing where there is none."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(fd, 64 * _KIB).decode(errors="replace")
    finally:
        os.close(fd)
