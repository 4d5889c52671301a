"""Leaving descriptors with whoever started the kernel, for the one that is started after it: sd_notify(3), FDSTORE.

Each is left under a name that says what it is, and comes back under that name among those that are passed at the
start (sd_listen_fds(3)). A descriptor that the state names by its number gets that number again.
"""

import fcntl
import os
import resource
import select
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from papa_kernel.child import raise_limit
from papa_kernel.log import log

OWN = "papa-"  # so begin all names
_DESCRIPTOR = f"{OWN}fd-"
# A file that lists further descriptors, one a line: its number and its name.
KEPT = f"{OWN}kept"
_JOURNAL = f"{OWN}journal-"
_PROCESS = f"{OWN}process-"
# How a guardian tells of a process that has ended: its PID and its exit status, negative for a signal.
END = struct.Struct("@ii")
_PATIENCE_MILLISECONDS = 5000
_ATTEMPTS = 50
# Sends a message with descriptors, tries so many times while nobody reads it, and tells whether it was taken.
Send = Callable[[str, Sequence[int], int], bool]


class Left(NamedTuple):
    """What the last kernel left.

    Args:
        numbers: the descriptors that its state names.
        journals: files with its state, by their own numbers.
        processes: pidfds of its processes, by their own numbers.
    """

    numbers: set[int]
    journals: dict[int, int]
    processes: dict[int, int]


class Store:
    """Keeps descriptors outside of the kernel.

    Args:
        send: sends a message to whoever keeps them.
        guarded: whether that is a guardian, who tells a successor how processes have ended.
    """

    def __init__(self, send: Send, *, guarded: bool) -> None:
        self._send = send
        self._gone = False
        self.guarded = guarded

    def keep(self, *fds: int) -> None:
        """Leave descriptors that the state names."""
        for fd in fds:
            self._keep(f"{_DESCRIPTOR}{fd}", fd)

    def keep_journal(self, number: int, fd: int) -> bool:
        """Leave the file with the state, in place of the one before; return whether it was taken."""
        taken = self._keep(f"{_JOURNAL}{number}", fd)
        if taken:
            self._drop(f"{_JOURNAL}{number - 1}")
        return taken

    def keep_process(self, number: int, pid: int) -> None:
        """Leave a pidfd of a process, which tells of its end also who is not its parent."""
        if self.guarded:
            return
        fd = os.pidfd_open(pid)
        self._keep(f"{_PROCESS}{number}", fd)
        os.close(fd)

    def drop(self, *fds: int) -> None:
        """Have descriptors closed that had been left."""
        for fd in fds:
            self._drop(f"{_DESCRIPTOR}{fd}")

    def drop_process(self, number: int) -> None:
        """Have the pidfd of a process closed."""
        if not self.guarded:
            self._drop(f"{_PROCESS}{number}")

    def settle(self) -> None:
        """Wait until everything has been done that was asked for."""
        reading, writing = os.pipe2(os.O_CLOEXEC)
        try:
            taken = self._try("BARRIER=1", [writing])
        finally:
            os.close(writing)
        if taken:
            poll = select.poll()
            poll.register(reading, 0)  # what is told without being asked for is that the other end was closed
            poll.poll(_PATIENCE_MILLISECONDS)
        os.close(reading)

    def give_up(self) -> None:
        """Leave nothing from now on: there is nobody any more."""
        self._gone = True

    def _keep(self, name: str, fd: int) -> bool:
        # Without FDPOLL a pipe would be thrown out once its writers have closed it, with what is in it.
        taken = self._try(f"FDSTORE=1\nFDNAME={name}\nFDPOLL=0", [fd])
        if not (taken or self._gone):
            log.warning("Descriptor %d could not be left with whoever started papa: a crash would lose it", fd)
        return taken

    def _drop(self, name: str) -> None:
        self._try(f"FDSTOREREMOVE=1\nFDNAME={name}", ())

    def _try(self, text: str, fds: Sequence[int]) -> bool:
        return not self._gone and self._send(text, fds, _ATTEMPTS)


def list_all(passed: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return what was passed, and what the file lists that was passed with it."""
    found: list[tuple[str, int]] = []
    for name, fd in passed:
        if name != KEPT:
            found.append((name, fd))
            continue
        os.lseek(fd, 0, os.SEEK_SET)
        with open(fd) as file:
            found += [(words[1], int(words[0])) for line in file if len(words := line.split()) == 2]
    return found


def sort_left(passed: Iterable[tuple[str, int]]) -> Left:
    """Give what was left back its numbers, and say what it is."""
    left = Left(set(), {}, {})
    for name, fd in passed:
        kind, _, number = name.rpartition("-")
        if f"{kind}-" == _JOURNAL:
            left.journals[int(number)] = fd
        elif f"{kind}-" == _PROCESS:
            left.processes[int(number)] = fd
        elif f"{kind}-" == _DESCRIPTOR:
            left.numbers.add(int(number))
    return left


def put_back(passed: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Move descriptors out of each other's way, and those that the state names to their numbers.

    Returns:
        The names, in order, and the descriptors as they are now.
    """
    passed = list(passed)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    numbers = [_number_of(name) for name, _ in passed]
    above = max([fd for _, fd in passed] + [number for number in numbers if number is not None], default=2) + 1
    if above + len(passed) > soft:
        raise_limit(soft, hard)
    moved = []
    for name, fd in passed:
        moved.append((name, fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, above)))
        os.close(fd)
    return [
        (name, fd if number is None else _move(fd, number)) for (name, fd), number in zip(moved, numbers, strict=True)
    ]


def _number_of(name: str) -> int | None:
    text = name.removeprefix(_DESCRIPTOR)
    return int(text) if name.startswith(_DESCRIPTOR) and text.isdecimal() else None


def _move(fd: int, number: int) -> int:
    os.dup2(fd, number, inheritable=False)
    os.close(fd)
    return number
