"""Running a program in a new process, in one of two ways.

posix_spawn(3) is the quickest, and its parent need not wait until the child has closed what it does not
pass on, which takes long where thousands of pipes are held. A child that must become another user or get
limits is started by ``subprocess``.

The kernel has one thread, so it may change its own working directory, and what is inherited, for a moment.
"""

import contextlib
import os
import resource
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from papa_protocol.options import UNLIMITED

# Python ignores these; a program expects them as they are at the start of a session.
_IGNORED_BY_PYTHON = [signal.SIGPIPE, signal.SIGXFSZ]


class Launch(NamedTuple):
    """What to run, with everything resolved.

    Args:
        words: the executable and its arguments.
        env: the whole environment.
        stdout: a descriptor for standard output.
        stderr: a descriptor for standard error.
        sockets: descriptors that keep their numbers in the child.
        working_dir: a directory, or empty for the kernel's own.
        uid: a user's number, or None.
        gid: a group's number, or None.
        groups: supplementary groups, or None for the kernel's own.
        limits: soft and hard values by resource number.
    """

    words: Sequence[str]
    env: Mapping[str, str]
    stdout: int
    stderr: int
    sockets: Sequence[int] = ()
    working_dir: str = ""
    uid: int | None = None
    gid: int | None = None
    groups: Sequence[int] | None = None
    limits: Mapping[int, tuple[int, int]] = MappingProxyType({})


def spawn(launch: Launch, executable: str, null: int) -> int:
    """Start a program and return its PID, once its executable has been loaded.

    Args:
        launch: what to run.
        executable: the path of its executable.
        null: a descriptor for standard input.

    Raises:
        OSError: it cannot be started.
        ValueError: a word cannot be passed on.
        SubprocessError: the system refuses to start it so.
    """
    changes_identity = launch.uid is not None or launch.gid is not None or launch.groups is not None
    start = _run_as if changes_identity or launch.limits else _run
    with _passing_on(launch.sockets):
        return start(launch, executable, null)


@contextlib.contextmanager
def _passing_on(fds: Sequence[int]) -> Iterator[None]:
    """Let children inherit descriptors meanwhile."""
    for fd in fds:
        os.set_inheritable(fd, True)
    try:
        yield
    finally:
        for fd in fds:
            os.set_inheritable(fd, False)


def _run(launch: Launch, executable: str, null: int) -> int:
    with contextlib.ExitStack() as stack:
        # posix_spawn knows no number at or above the limit, and duplicates get the lowest ones.
        outputs = [os.dup(fd) for fd in (launch.stdout, launch.stderr)]
        for fd in outputs:
            stack.callback(os.close, fd)
        if launch.working_dir:
            stack.enter_context(_inside(launch.working_dir))
        return os.posix_spawn(
            executable,
            list(launch.words),
            launch.env,
            file_actions=[(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate([null, *outputs])],
            setsid=True,
            setsigdef=_IGNORED_BY_PYTHON,
        )


@contextlib.contextmanager
def _inside(folder: str) -> Iterator[None]:
    """Work in a folder meanwhile."""
    # A descriptor, since the kernel's own folder may have no name any more.
    here = os.open(".", getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC)
    try:
        os.chdir(folder)
        try:
            yield
        finally:
            os.fchdir(here)
    finally:
        os.close(here)


def _run_as(launch: Launch, executable: str, null: int) -> int:
    process = subprocess.Popen(
        launch.words,
        executable=executable,
        env=launch.env,
        stdin=null,
        stdout=launch.stdout,
        stderr=launch.stderr,
        close_fds=False,
        cwd=launch.working_dir or None,
        start_new_session=True,
        **_identity(launch),
    )
    # The kernel reaps; Popen must not remember a child that it thinks is running.
    process.returncode = 0
    return process.pid


def _real(value: int) -> int:
    return resource.RLIM_INFINITY if value == UNLIMITED else value


def _identity(launch: Launch) -> dict[str, Any]:
    """Return what makes Popen run the child as someone, within limits.

    Limits go first, since only the kernel's user may be allowed to raise them.
    """
    if not launch.limits:
        return {"user": launch.uid, "group": launch.gid, "extra_groups": launch.groups}
    pairs = [(number, (_real(soft), _real(hard))) for number, (soft, hard) in launch.limits.items()]

    def change() -> None:
        for number, pair in pairs:
            resource.setrlimit(number, pair)
        _become(launch)

    return {"preexec_fn": change}


def _become(launch: Launch) -> None:
    if launch.groups is not None:
        os.setgroups(launch.groups)
    if launch.gid is not None:
        os.setregid(launch.gid, launch.gid)
    if launch.uid is not None:
        os.setreuid(launch.uid, launch.uid)
