"""Paths in folders that a group can write in: where each user has a group of their own, the mask is 002 (umask(2))."""

import os
import pwd
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from papa_kernel.access import find_members
from support.command import finish
from support.kernels import REPOSITORY

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
# The tests' own Python may be out of another user's reach, so the system's runs the kernel.
COMMAND = ["/usr/bin/python3", "-m", "papa_kernel", "--end-with-input", "-u"]
ENVIRONMENT = {"PYTHONPATH": f"{REPOSITORY}/kernel:{REPOSITORY}/protocol", "PYTHONDONTWRITEBYTECODE": "1"}
# An access control list (acl(5)) by which user 65534 may write, as Linux keeps it in an attribute.
MAY_WRITE = [
    (0x01, 7, 0xFFFFFFFF),
    (0x02, 7, 65534),
    (0x04, 5, 0xFFFFFFFF),
    (0x10, 7, 0xFFFFFFFF),
    (0x20, 5, 0xFFFFFFFF),
]
ACL = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in MAY_WRITE)


@pytest.fixture
def somebody() -> pwd.struct_passwd:
    """A user whose group has the user's name, and nobody else in it."""
    for user in pwd.getpwall():
        if user.pw_uid and user.pw_gid and _members(user.pw_name) == {user.pw_uid}:
            return user
    pytest.skip("no user here has a group of their own")


def _members(group: str) -> frozenset[int]:
    try:
        return find_members(group)
    except KeyError:
        return frozenset()


@pytest.fixture
def folder(somebody: pwd.struct_passwd) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="papa-test-", dir="/tmp"))
    (made / "own").mkdir(0o700)
    for each in (made, made / "own"):
        os.chown(each, somebody.pw_uid, somebody.pw_gid)
    yield made
    shutil.rmtree(made)


def listen(somebody: pwd.struct_passwd, path: Path) -> tuple[int, str]:
    """Return the status and the errors of a kernel that the user starts and whose input is at its end."""
    kernel = subprocess.Popen(
        [*COMMAND, str(path)], env=ENVIRONMENT, user=somebody.pw_uid, group=somebody.pw_gid, extra_groups=[], cwd="/",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    status, _, err = finish(kernel)
    return status, err


@pytest.mark.parametrize("where", ["papa", "own/papa"])
def test_a_group_that_has_nobody_but_its_user_is_nobody_else(
    somebody: pwd.struct_passwd, folder: Path, where: str
) -> None:
    folder.chmod(0o775)

    assert listen(somebody, folder / where) == (0, "")


@pytest.mark.parametrize("where", ["papa", "own/papa"])
@pytest.mark.parametrize("others", ["another group", "everybody", "a list"])
def test_whoever_else_may_write_there_is_found(
    somebody: pwd.struct_passwd, folder: Path, where: str, others: str
) -> None:
    folder.chmod(0o777 if others == "everybody" else 0o775)
    if others == "another group":
        os.chown(folder, somebody.pw_uid, 0)
    if others == "a list":
        try:
            os.setxattr(folder, "system.posix_acl_access", ACL)
        except OSError:
            pytest.skip("this file system keeps no lists")

    status, err = listen(somebody, folder / where)

    assert status == 1
    assert err == f"papa: {folder}/{where}: others can write in {folder}, and could put another socket there\n"


@pytest.mark.parametrize(("members", "status"), [("{0}", 0), ("{0},elsewhere", 1)])
def test_a_group_that_names_somebody_whom_no_list_of_users_has_is_not_private(
    somebody: pwd.struct_passwd, folder: Path, tmp_path: Path, members: str, status: int
) -> None:
    """A directory on another machine often lists nobody, but has them."""
    folder.chmod(0o775)
    groups = tmp_path / "group"
    name, uid, gid = somebody.pw_name, somebody.pw_uid, somebody.pw_gid
    groups.write_text(f"{name}:x:{gid}:{members.format(name)}\n")
    become = f"exec setpriv --reuid={uid} --regid={gid} --clear-groups"

    kernel = subprocess.run(
        ["unshare", "-m", "sh", "-c", f'mount --bind {groups} /etc/group || exit 99; {become} "$@"', "sh",
         *COMMAND, f"{folder}/papa"],
        env=ENVIRONMENT, cwd="/", input="", capture_output=True, text=True, check=False,
    )  # fmt: skip

    if kernel.returncode == 99:
        pytest.skip("nothing can be mounted here")
    assert kernel.returncode == status, kernel.stderr
    assert kernel.stderr.partition(": others can write in ")[1] == ": others can write in " * status
