"""Running a program in a new process, in one of two ways.

posix_spawn(3) is the quickest, and its parent need not wait until the child has closed what it does not
pass on, which takes long where thousands of pipes are held. A child that must become another user, get
limits, know its own PID or close a descriptor at or above its limit is forked, and tells by a pipe if that fails.

The kernel has one thread, so it may change its own working directory, and what is inherited, for a moment.
"""

import contextlib
import errno
import os
import resource
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from papa_kernel.listen_fds import activation, place
from papa_protocol.errors import CommandError
from papa_protocol.hints import NamedTuple, NoReturn
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
        closed: descriptors that the child must have let go of when ``spawn`` returns. What is merely not passed on it
            closes a moment later: execve(2) lets the parent of a posix_spawn(3) go on before that.
        listen: descriptors by name that the child finds as sd_listen_fds(3) says.
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
    closed: Sequence[int] = ()
    listen: Mapping[str, int] = MappingProxyType({})


def spawn(launch: Launch, executable: str, null: int) -> int:
    """Start a program and return its PID, once its executable has been loaded.

    Args:
        launch: what to run.
        executable: the path of its executable.
        null: a descriptor for standard input.

    Raises:
        OSError: it cannot be started.
        ValueError: a word cannot be passed on.
        CommandError: the system refuses to start it so.
    """
    start = _run_as if _needs_fork(launch) else _run
    with passing_on(launch.sockets):
        return start(launch, executable, null)


def _needs_fork(launch: Launch) -> bool:
    """Whether something has to happen in the child that posix_spawn(3) knows nothing of."""
    changes_identity = launch.uid is not None or launch.gid is not None or launch.groups is not None
    if changes_identity or launch.limits or launch.listen:
        return True
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return soft != resource.RLIM_INFINITY and max(launch.closed, default=0) >= soft


@contextlib.contextmanager
def passing_on(fds: Sequence[int]) -> Iterator[None]:
    """Let programs that are executed meanwhile have descriptors."""
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
            file_actions=[
                *((os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate([null, *outputs])),
                *((os.POSIX_SPAWN_CLOSE, fd) for fd in launch.closed),
            ],
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
    reading, writing = os.pipe2(os.O_CLOEXEC)
    try:
        pid = fork(lambda: _become_and_run(launch, executable, null, writing))
    finally:
        os.close(writing)
        failure = os.read(reading, 100).decode()  # nothing, once the program runs
        os.close(reading)
    if failure:
        os.waitpid(pid, 0)
        _raise(launch, executable, failure)
    return pid


def fork(child: Callable[[], None]) -> int:
    """Call ``child``, which must not return, in a new process, where signals do what they do by default.

    A signal that the child caught would be told to the kernel, whose wake-up pipe it shares.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid:
            return pid
        for number in signal.valid_signals():
            if callable(signal.getsignal(number)) or number in _IGNORED_BY_PYTHON:
                signal.signal(number, signal.SIG_DFL)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    child()
    os._exit(127)


def _become_and_run(launch: Launch, executable: str, null: int, tell: int) -> None:
    """Turn this process into the program, or tell by a descriptor what fails and why."""
    step = "start"
    try:
        os.setsid()
        for number, fd in enumerate((null, launch.stdout, launch.stderr)):
            os.dup2(fd, number)
        for fd in launch.closed:
            os.close(fd)
        tell = place(list(launch.listen.values()), tell)
        if launch.working_dir:
            step = "working_dir"
            os.chdir(launch.working_dir)
        step = "limits"  # before identity, since only the kernel's user may be allowed to raise them
        for limit, (soft, hard) in launch.limits.items():
            resource.setrlimit(limit, (_real(soft), _real(hard)))
        step = "identity"
        _become(launch)
        step = "start"
        env = {**launch.env, **activation(launch.listen, os.getpid())}
        os.execve(executable, list(launch.words), env)  # noqa: S606
    except (OSError, ValueError, MemoryError) as error:
        code = getattr(error, "errno", errno.ENOMEM if isinstance(error, MemoryError) else errno.EINVAL)
        os.write(tell, f"{step} {code}".encode())


def _raise(launch: Launch, executable: str, failure: str) -> NoReturn:
    step, _, code = failure.partition(" ")
    reason = os.strerror(int(code))
    if step == "limits":
        raise CommandError(f"{launch.words[0]}: the system refuses to start it with these limits")
    if step == "identity":
        raise CommandError(f"{launch.words[0]}: the system does not let it become that user: {reason.lower()}")
    raise OSError(int(code), reason, launch.working_dir if step == "working_dir" else executable)


def _real(value: int) -> int:
    return resource.RLIM_INFINITY if value == UNLIMITED else value


def _become(launch: Launch) -> None:
    if launch.groups is not None:
        os.setgroups(launch.groups)
    if launch.gid is not None:
        os.setregid(launch.gid, launch.gid)
    if launch.uid is not None:
        os.setreuid(launch.uid, launch.uid)
