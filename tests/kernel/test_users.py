"""Whom uid= and gid= stand for, where the kernel is not root."""

import os
import sys
from collections.abc import Callable

import pytest

from papa_kernel.users import Identity, find_identity
from papa_protocol.errors import CommandError

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become others")
UID, GID = 12345, 12346


def as_another(look_up: Callable[[], Identity]) -> str:
    """Return what ``look_up`` says or raises in a process of the user UID."""
    reading, writing = os.pipe()
    if not os.fork():
        try:
            os.setgroups([])
            os.setgid(GID)
            os.setuid(UID)
            os.write(writing, repr(look_up()).encode())
        except CommandError as error:
            os.write(writing, str(error).encode())
        finally:
            sys.stdout.flush()
            os._exit(0)
    os.close(writing)
    os.wait()
    with open(reading) as pipe:
        return pipe.read()


@pytest.mark.parametrize(("uid", "gid", "expected"), [
    ("", "", repr(Identity())),
    (str(UID), "", repr(Identity())),
    (str(UID), str(GID), repr(Identity())),
    ("daemon", "", f"uid: the kernel runs as user {UID} and cannot start a process as 1"),
    ("0", "", f"uid: the kernel runs as user {UID} and cannot start a process as 0"),
    ("", "daemon", f"gid: the kernel runs with group {GID} and cannot start a process with 1"),
])  # fmt: skip
def test_a_kernel_that_is_not_root_starts_processes_as_itself_only(uid: str, gid: str, expected: str) -> None:
    assert as_another(lambda: find_identity(uid, gid)) == expected
