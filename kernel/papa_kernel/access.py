"""Who may connect: the kernel's own user and root, and whom the options add."""

import grp
import os
import pwd
import socket
from collections.abc import Iterable
from functools import lru_cache

from papa_kernel.credentials import Credentials, UnknownPeerError

ROOT = 0
# The number above it stands for none (chown(2)).
_LARGEST = 2**32 - 2
# Looking up a name may mean to ask another machine, and the kernel waits for it; so it is done once for each user.
_MOST_NAMES = 256


def read_id(text: str) -> int | None:
    """Return the number of a user or group that a text is; None where it is another text, or too large for one."""
    if text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST)) and int(text) <= _LARGEST:
        return int(text)
    return None


def find_user(text: str) -> int:
    """Return the number of the user called ``text``, or that number itself.

    Raises:
        KeyError: there is no such user.
    """
    number = read_id(text)
    return pwd.getpwnam(text).pw_uid if number is None else number


def find_members(text: str) -> frozenset[int]:
    """Return the numbers of the users who are in the group called ``text`` now.

    Raises:
        KeyError: there is no such group.
    """
    number = read_id(text)
    group = grp.getgrnam(text) if number is None else grp.getgrgid(number)
    named = set(group.gr_mem)
    return frozenset(entry.pw_uid for entry in pwd.getpwall() if entry.pw_gid == group.gr_gid or entry.pw_name in named)


class Access:
    """Decides who gets a session.

    Args:
        guests: numbers of users who may connect besides the kernel's own and root.
        anyone: whether everybody may, and nobody is asked.
    """

    def __init__(self, guests: Iterable[int] = (), *, anyone: bool = False) -> None:
        self._allowed = frozenset((os.geteuid(), ROOT, *guests))
        self._credentials = None if anyone else Credentials()
        self._name_of = lru_cache(_MOST_NAMES)(name_of)

    def refusal(self, sock: socket.socket) -> str | None:
        """Return why whoever has just connected gets no session, or None where they do."""
        if self._credentials is None:
            return None
        try:
            uid = self._credentials.peer_uid(sock)
        except UnknownPeerError as error:
            return f"It cannot be told who you are: {error}"
        if uid in self._allowed:
            return None
        return f"User {self._name_of(os.geteuid())} runs this kernel, and does not let user {self._name_of(uid)} in"


def name_of(uid: int) -> str:
    """Return a user's name, or number where there is none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
