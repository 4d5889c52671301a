"""Users and groups: what ``uid=`` and ``gid=`` stand for."""

import grp
import os
import pwd

from papa_kernel.access import read_id
from papa_protocol.errors import CommandError
from papa_protocol.hints import NamedTuple


class Identity(NamedTuple):
    """Whom a process runs as; None leaves what the kernel has."""

    uid: int | None = None
    gid: int | None = None
    groups: list[int] | None = None


def _user(text: str) -> tuple[int, pwd.struct_passwd | None]:
    number = read_id(text)
    if number is not None:
        try:
            return number, pwd.getpwuid(number)
        except KeyError:
            return number, None
    try:
        entry = pwd.getpwnam(text)
    except (KeyError, ValueError):
        raise CommandError(f'uid: there is no user "{text}"') from None
    return entry.pw_uid, entry


def _group(text: str) -> int:
    number = read_id(text)
    if number is not None:
        return number
    try:
        return grp.getgrnam(text).gr_gid
    except (KeyError, ValueError):
        raise CommandError(f'gid: there is no group "{text}"') from None


def find_identity(uid: str, gid: str) -> Identity:
    """Return whom ``uid=`` and ``gid=``, names or numbers or empty, stand for.

    A user brings its group and supplementary groups; a group alone drops the kernel's supplementary groups.

    Raises:
        CommandError: there is no such user or group, or the kernel may not become it.
    """
    number, entry = _user(uid) if uid else (None, None)
    group = _group(gid) if gid else entry.pw_gid if entry else None
    if os.geteuid() != 0:
        _check_own(number, group)
        return Identity()
    if entry is not None and group is not None:
        return Identity(number, group, os.getgrouplist(entry.pw_name, group))
    groups = None if number is group is None else [] if group is None else [group]
    return Identity(number, group, groups)


def _check_own(uid: int | None, gid: int | None) -> None:
    if uid not in (None, os.geteuid()):
        raise CommandError(f"uid: the kernel runs as user {os.geteuid()} and cannot start a process as {uid}")
    if gid not in (None, os.getegid()):
        raise CommandError(f"gid: the kernel runs with group {os.getegid()} and cannot start a process with {gid}")
