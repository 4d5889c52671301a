"""Leaving descriptors with whoever started the kernel, for the one that is started after it: sd_notify(3), FDSTORE.

Each is left under a name that says what it is, and comes back under that name among those that are passed at the
start (sd_listen_fds(3)). A descriptor that the state names by its number gets that number again.

A service manager passes all names as one variable of the environment, which can have 128 KiB; were they longer, it
could start no kernel any more. So names are short, and no more descriptors are left than fit. Nor could it start one
that may not open another file because of those that are passed: not even its libraries would be loaded.
"""

import os
import resource
import select
import struct
from collections.abc import Callable, Iterable, Sequence

from papa_kernel.child import raise_limit
from papa_kernel.log import log
from papa_kernel.saved import StateError
from papa_protocol.hints import NamedTuple

OWN = "papa-"  # so begin all names
_DESCRIPTOR = f"{OWN}f"
# A file that lists further descriptors, one a line: its number and its name.
KEPT = f"{OWN}kept"
_JOURNAL = f"{OWN}j"
_PROCESS = f"{OWN}p"
# How a guardian tells of a process that has ended: its PID and its exit status, negative for a signal.
END = struct.Struct("@ii")
_PATIENCE_MILLISECONDS = 5000
# Where waiting was in vain it is not waited for as long again: meanwhile nobody is served.
_NO_PATIENCE_MILLISECONDS = 100
# Names of sockets of the manager's own need some of the 128 KiB as well.
_NAMES_BYTES = 120 * 1024
_JOURNALS = 2  # the new one is left before the old one is dropped
# How many descriptors a kernel needs at its start beside those that were left: standard streams, sockets of socket
# units, and the files from which it is loaded.
_FOR_THE_START = 64
_ATTEMPTS = 50  # of a tenth of a second each
_FULL = (
    "The service manager has %d descriptors, and no more can be left (FileDescriptorStoreMax=%d, LimitNOFILE=%d "
    "less %d, and %d KiB of names): what is made now will not outlast this kernel"
)
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

    @property
    def names(self) -> set[str]:
        """Under which they were left, but for the journals."""
        return {f"{_DESCRIPTOR}{fd}" for fd in self.numbers} | {f"{_PROCESS}{number}" for number in self.processes}

    @property
    def descriptors(self) -> list[int]:
        """What they are now."""
        return [*self.numbers, *self.journals.values(), *self.processes.values()]


class Store:
    """Keeps descriptors outside of the kernel.

    Args:
        send: sends a message to whoever keeps them.
        guarded: whether that is a guardian, who tells a successor how processes have ended.
        most: how many there can be.
    """

    def __init__(self, send: Send, *, guarded: bool, most: int) -> None:
        self._send = send
        self._gone = False
        self._busy = False  # whoever keeps them did not take the last message
        self._late = False  # nor did they do in time what was waited for
        self._full = False
        self._size = 0  # of all names
        self.names: set[str] = set()  # of all but the journals
        self.lacking: set[str] = set()  # what was to be left and could not be
        self._offered = self._most = most
        self._files = most
        self.guarded = guarded

    def fit(self, files: int) -> None:
        """Leave no more than can be passed to a program that may have so many files open, its soft limit."""
        self._files = files
        if files != resource.RLIM_INFINITY:
            self._most = min(self._offered, max(files - _FOR_THE_START, 0))

    def go_on(self, names: Iterable[str]) -> None:
        """Take note of what has been left already."""
        for name in names:
            if name not in self.names:
                self.names.add(name)
                self._size += _size_of(name)

    @property
    def room(self) -> int | None:
        """For how many names there is room, None where nobody says."""
        return None if self.guarded else max(self._most - _JOURNALS, 0)

    def keep(self, *fds: int) -> None:
        """Leave descriptors that the state names, all or none."""
        names = [f"{_DESCRIPTOR}{fd}" for fd in fds]
        self.lacking.update(names)
        if self._has_room(names):
            for name, fd in zip(names, fds, strict=True):
                self._keep(name, fd)

    def lacks(self, fd: int) -> bool:
        """Whether a descriptor has not been left."""
        return f"{_DESCRIPTOR}{fd}" not in self.names

    def keep_journal(self, number: int, fd: int) -> bool:
        """Leave the file with the state, in place of the one before; return whether it was taken."""
        taken = self._leave(f"{_JOURNAL}{number}", fd)
        if taken:
            self.drop_journal(number - 1)
        return taken

    def drop_journal(self, number: int) -> None:
        """Have a file with the state closed."""
        self._drop(f"{_JOURNAL}{number}")

    def keep_process(self, number: int, pid: int) -> None:
        """Leave a pidfd of a process, which tells of its end also who is not its parent."""
        name = f"{_PROCESS}{number}"
        if self.guarded:
            return
        self.lacking.add(name)
        if not self._has_room([name]):
            return
        try:
            fd = os.pidfd_open(pid)
        except OSError as error:
            log.warning("How process %d ends would not be known after a crash: %s", pid, error.strerror)
            return
        self._keep(name, fd)
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
        """Wait until everything has been done that was asked for, where there are descriptors to wait with."""
        try:
            reading, writing = os.pipe2(os.O_CLOEXEC)
        except OSError:
            return
        try:
            taken = self._try("BARRIER=1", [writing])
        finally:
            os.close(writing)
        if taken:
            poll = select.poll()
            poll.register(reading, 0)  # what is told without being asked for is that the other end was closed
            self._late = not poll.poll(_NO_PATIENCE_MILLISECONDS if self._late else _PATIENCE_MILLISECONDS)
        os.close(reading)

    def give_up(self) -> None:
        """Leave nothing from now on: there is nobody any more."""
        self._gone = True
        self.lacking |= self.names
        self.names.clear()

    def clear(self) -> None:
        """Have everything closed but a journal."""
        for name in list(self.names):
            self._drop(name)

    def _has_room(self, names: Sequence[str]) -> bool:
        """Whether more descriptors can be left under these names; the first time that they cannot, say so."""
        if self.guarded:
            return True
        new = [name for name in names if name not in self.names]
        count = len(self.names) + len(new) + _JOURNALS
        room = count <= self._most and self._size + sum(map(_size_of, new)) <= _NAMES_BYTES
        if not (room or self._full):
            self._full = True
            reasons = self._offered, self._files, _FOR_THE_START, _NAMES_BYTES // 1024
            log.warning(_FULL, len(self.names), *reasons)
        return room

    def _keep(self, name: str, fd: int) -> None:
        if self._leave(name, fd):
            self.lacking.discard(name)
            self.go_on([name])

    def _leave(self, name: str, fd: int) -> bool:
        # Without FDPOLL a pipe would be thrown out once its writers have closed it, with what is in it.
        taken = self._try(f"FDSTORE=1\nFDNAME={name}\nFDPOLL=0", [fd])
        if not (taken or self._gone):
            log.warning("Descriptor %d could not be left with whoever started papa: a crash would lose it", fd)
        return taken

    def _drop(self, name: str) -> None:
        self.lacking.discard(name)
        if name in self.names:
            self.names.remove(name)
            self._size -= _size_of(name)
        self._try(f"FDSTOREREMOVE=1\nFDNAME={name}", ())

    def _try(self, text: str, fds: Sequence[int]) -> bool:
        if self._gone:
            return False
        taken = self._send(text, fds, 1 if self._busy else _ATTEMPTS)
        self._busy = not taken
        return taken


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
        if (number := _number_in(name, _JOURNAL)) is not None:
            left.journals[number] = fd
        elif (number := _number_in(name, _PROCESS)) is not None:
            left.processes[number] = fd
        elif (number := _number_in(name, _DESCRIPTOR)) is not None:
            left.numbers.add(number)
    return left


def put_back(passed: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Move descriptors that the state names to their numbers, and others out of the way, with one to spare.

    Returns:
        The names, in order, and the descriptors as they are now.

    Raises:
        StateError: the system does not let this process have those numbers.
    """
    names, fds = map(list, zip(*passed, strict=True))
    numbers = [_number_in(name, _DESCRIPTOR) for name in names]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if max(*fds, *(number or 0 for number in numbers)) + 1 >= soft:
        raise_limit(hard)
    try:
        _move(fds, numbers)
    except OSError as error:
        raise StateError(f"there are too few descriptors for it (ulimit -n): {error.strerror}") from None
    return list(zip(names, fds, strict=True))


def _move(fds: list[int], numbers: Sequence[int | None]) -> None:
    """Move each descriptor to its number, if it has one."""
    places = {fd: index for index, fd in enumerate(fds)}
    for index, number in enumerate(numbers):
        fd = fds[index]
        if number in (None, fd):
            os.set_inheritable(fd, False)
            continue
        if number in places:
            other = places.pop(number)
            fds[other] = os.dup(number)
            places[fds[other]] = other
        fds[index] = os.dup2(fd, number, inheritable=False)
        os.close(fd)
        del places[fd]
        places[number] = index


def _size_of(name: str) -> int:
    return len(name) + len(":")


def _number_in(name: str, kind: str) -> int | None:
    """Return the number that follows the beginning of a name of one kind; None for other names."""
    text = name.removeprefix(kind)
    return int(text) if name.startswith(kind) and text.isdecimal() else None
