"""Going on in the place of another kernel: what its state describes is taken over, or only tried.

What a trial could do may fail when it counts: by then there may be no memory or no descriptor left. Nothing is let go
of then: the installed code is executed once more, with the same state and descriptors, until it succeeds or is told to
end. Meanwhile processes wait with full pipes, and clients for their answers.
"""

import contextlib
import os
import signal
import socket
import stat
from collections.abc import Callable, Sequence
from itertools import chain

from papa_kernel.arguments import RESUME_OPTION
from papa_kernel.drain import leave_drain
from papa_kernel.kernel import ENDING_SIGNALS, Kernel
from papa_kernel.log import log
from papa_kernel.saved import Record, StateError, read
from papa_kernel.service_manager import store_size
from papa_kernel.spawn import passing_on
from papa_kernel.upgrade import own_command

_PAUSE_SECONDS = 1.0
# Returns a kernel that holds nothing.
Make = Callable[[], Kernel]


def check(state: int, make: Make) -> str:
    """Try to go on as another kernel, as far as that can be done without its descriptors; return why that fails.

    Args:
        state: the file with its state, without the bytes of outputs.
        make: returns a kernel, once its descriptors stand in for those of the other.
    """
    try:
        records = read(state)
        first = next(records)
        _stand_in_for(first)
        make().restore(chain([first], records))
    except StateError as error:
        return f"the state of the running kernel: {error}"
    except Exception as error:  # noqa: BLE001 - whatever fails here would fail there, where it is too late
        return f"the state of the running kernel cannot be read: {type(error).__name__}: {error}"
    return ""


def _stand_in_for(first: Record) -> None:
    """Open something under each number that the first record of a state says is open, so that it can be restored.

    Duplicates of the real descriptors would keep open what the kernel closes meanwhile.
    """
    ours, theirs = socket.socketpair()
    for fd in first.fields["descriptors"]:
        os.dup2(ours.fileno(), fd)
    ours.detach()
    theirs.detach()


def go_on(state: int, make: Make, arguments: Sequence[str], inherited: Sequence[int]) -> Kernel | None:
    """Return a kernel that holds what the one held that has made way for it; None where it was told to end instead.

    Args:
        state: the file with its state, closed once it has been read.
        make: returns a kernel.
        arguments: those of the ``papa`` command.
        inherited: the descriptors that were passed on.
    """
    try:
        import json  # noqa: F401, PLC0415 - `read` needs it, and the kernel may leave no descriptor to load it by

        kernel = make()
        kernel.restore(read(state))
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing must be let go of
        # What has been restored must not be closed, so the exception is kept until the end.
        log.exception("papa cannot go on yet: %s; it tries again", type(error).__name__)
        _try_again([*arguments, RESUME_OPTION, str(state)], inherited)
        return None
    os.close(state)
    return kernel


def open_descriptors() -> list[int]:
    """Return all descriptors above the standard ones: just after the start, those that were passed on."""
    return [fd for fd in map(int, os.listdir("/dev/fd")) if fd > 2 and _is_open(fd)]


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:  # the one that listed them
        return False
    return True


def _try_again(arguments: Sequence[str], passed: Sequence[int]) -> None:
    """Start over in a while; return, and leave somebody who reads the pipes, when a signal asks to end."""
    while signal.sigtimedwait(ENDING_SIGNALS, _PAUSE_SECONDS) is None:
        with contextlib.suppress(OSError), passing_on(passed):
            command = own_command(arguments)
            os.execv(command[0], command)  # noqa: S606
    if store_size(os.environ):  # the next kernel has them
        return
    log.warning("papa ends without having gone on; its processes go on, and nobody reads their output")
    leave_drain([fd for fd in passed if stat.S_ISFIFO(os.fstat(fd).st_mode)])
