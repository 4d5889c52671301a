"""Starting a program: everything between the words of a command and a running child.

The kernel raises its own limit of open descriptors. A child must not inherit that, so the limit is lowered
around the start. Meanwhile a few descriptors below the old limit are needed, which the kernel keeps in reserve.
"""

import contextlib
import errno
import os
import resource
from collections.abc import Callable, Mapping

from papa_kernel.spawn import Launch, spawn
from papa_protocol.errors import CommandError
from papa_protocol.options import UNLIMITED

_SPARES = 4
_NOFILE = resource.RLIMIT_NOFILE
# The soft limit of open descriptors that this program was started with, before anything raises it.
_STARTED_WITH = resource.getrlimit(_NOFILE)[0]
# Where the system's own words say too little.
_REASONS = {
    errno.EAGAIN: "the system starts no more processes for the kernel's user, or at all (ulimit -u, pids.max)",
    errno.E2BIG: "its words and its environment are longer than the system passes on",
}
LIMITS: Mapping[str, int] = {
    name.removeprefix("RLIMIT_").lower(): getattr(resource, name)
    for name in dir(resource)
    if name.startswith("RLIMIT_") and name != "RLIMIT_OFILE"
}


def find_limit(name: str) -> int:
    """Return the number of the resource limit called ``name`` (``nofile``).

    Raises:
        CommandError: the platform has no such limit.
    """
    try:
        return LIMITS[name.lower().removeprefix("rlimit_")]
    except KeyError:
        raise CommandError(f'Unknown limit "{name}": expected one of {", ".join(LIMITS)}') from None


class Launcher:
    """Starts programs with the limit of open descriptors that the kernel was started with."""

    def __init__(self) -> None:
        _keep_to_itself()
        self.null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        self._spares = [os.dup(self.null) for _ in range(_SPARES)]
        # What the kernel was started with, and what children get.
        self.soft = _STARTED_WITH
        raise_limit(resource.getrlimit(_NOFILE)[1])

    def start(self, launch: Launch) -> int:
        """Start a program and return its PID, once its executable has been loaded.

        Raises:
            CommandError: it cannot be started; it says why.
        """
        self._release_spares()
        raised, hard = resource.getrlimit(_NOFILE)  # somebody may have changed them: prlimit(1)
        resource.setrlimit(_NOFILE, (_lower(self.soft, hard), hard))
        try:
            return self._start(launch)
        finally:
            resource.setrlimit(_NOFILE, (raised, hard))
            self._reserve_spares()

    def lend_spare(self) -> Callable[[], None]:
        """Free one descriptor for a moment; the result takes it back."""
        self._release_spares()
        return self._reserve_spares

    def _release_spares(self) -> None:
        while self._spares:
            os.close(self._spares.pop())

    def _reserve_spares(self) -> None:
        while len(self._spares) < _SPARES:
            try:
                self._spares.append(os.dup(self.null))
            except OSError:
                return

    def _start(self, launch: Launch) -> int:
        try:
            return spawn(launch, _find_executable(launch), self.null)
        except (OSError, ValueError) as error:
            raise CommandError(_explain(error, launch)) from None


def _keep_to_itself() -> None:
    """Let no child have what the kernel was started with beyond the standard streams."""
    for name in os.listdir("/dev/fd"):
        if int(name) > 2:
            with contextlib.suppress(OSError):  # the one that listed them is closed by now
                os.set_inheritable(int(name), False)


def raise_limit(hard: int) -> None:
    """Raise the soft limit of open descriptors to the hard one, where the system allows it."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(_NOFILE, (hard, hard))


def _lower(one: int, other: int) -> int:
    return min((each for each in (one, other) if each != resource.RLIM_INFINITY), default=resource.RLIM_INFINITY)


def _find_executable(launch: Launch) -> str:
    """Return the path of a bare name in the PATH that is passed; a name with a slash is a path."""
    name = launch.words[0]
    if "/" in name:
        return name
    denied = ""
    folders = os.get_exec_path(launch.env)
    for folder in folders:
        path = os.path.join(launch.working_dir, folder or ".", name)
        if os.path.isfile(path):
            if os.access(path, os.X_OK):
                return path
            denied = denied or path
    if denied:
        raise CommandError(f"{denied}: not executable")
    raise CommandError(f"{name}: no such executable in {os.pathsep.join(folders)}; write its path, or set env.PATH")


def find_limits(given: Mapping[str, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Return resource limits by number, checked as far as that can be done before the fork.

    Raises:
        CommandError: a limit is unknown or given twice, above its hard limit, or soft above hard.
    """
    limits: dict[int, tuple[int, int]] = {}
    for name, values in given.items():
        number = find_limit(name)
        if number in limits:
            raise CommandError(f"rlimit.{name}: given twice; leave one out")
        _check_limit(name, number, values)
        limits[number] = values
    return limits


def _check_limit(name: str, number: int, values: tuple[int, int]) -> None:
    soft, hard = values
    ceiling = resource.getrlimit(number)[1]
    if hard != UNLIMITED and (soft > hard or soft == UNLIMITED):
        raise CommandError(f"rlimit.{name}: the soft limit {_shown(soft)} is above the hard limit {hard}")
    above = ceiling != resource.RLIM_INFINITY and (hard == UNLIMITED or hard > ceiling)
    if above and os.geteuid() != 0:
        raise CommandError(f"rlimit.{name}: {_shown(hard)} is above the hard limit {ceiling} of the kernel's user")


def _shown(limit: int) -> int | str:
    return "unlimited" if limit == UNLIMITED else limit


def _explain(error: Exception, launch: Launch) -> str:
    """Return why a program did not start, naming the word that was wrong."""
    if not isinstance(error, OSError):
        return f"{launch.words[0]}: cannot be started: {error}"
    if launch.working_dir and error.filename == launch.working_dir and not _can_enter(launch.working_dir):
        return f"working_dir: {launch.working_dir}: {_reason(error)}"
    if isinstance(error, FileNotFoundError) and os.path.exists(launch.words[0]):
        return f"{launch.words[0]}: its interpreter does not exist"
    if isinstance(error, PermissionError) and os.path.isdir(launch.words[0]):
        return f"{launch.words[0]}: a folder, not a program"
    if (
        isinstance(error, PermissionError)
        and os.path.isfile(launch.words[0])
        and not os.access(launch.words[0], os.X_OK)
    ):
        return f"{launch.words[0]}: not executable"
    return f"{launch.words[0]}: {_REASONS.get(error.errno or 0) or _reason(error)}"


def _can_enter(folder: str) -> bool:
    return os.path.isdir(folder) and os.access(folder, os.X_OK)


def _reason(error: OSError) -> str:
    text = (error.strerror or str(error)).strip()
    return text[:1].lower() + text[1:]
