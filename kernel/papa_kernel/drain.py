"""What outlives the kernel: a reader of the pipes that its processes still write to.

When the kernel ends, its processes go on. Without a reader the next write to standard output would kill
them by SIGPIPE, so a small child reads their pipes and throws the output away until the last one closes.
"""

import os
import selectors
import signal
from collections.abc import Sequence

from papa_kernel.daemon import close_all_but, redirect_standard_streams

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD)


def leave_drain(pipes: Sequence[int]) -> None:
    """Leave a process that reads ``pipes`` to their ends; do nothing where there are none."""
    if not pipes or os.fork():
        return
    try:
        _keep_only(pipes)
        _drain(pipes)
    finally:
        os._exit(0)


def _keep_only(pipes: Sequence[int]) -> None:
    os.setsid()
    os.chdir("/")
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)  # a kernel that could not go on has held them back
    redirect_standard_streams()
    close_all_but(pipes)


def _drain(pipes: Sequence[int]) -> None:
    selector = selectors.DefaultSelector()
    for fd in pipes:
        selector.register(fd, selectors.EVENT_READ)
    while selector.get_map():
        for key, _ in selector.select():
            try:
                if os.read(key.fd, 64 * 1024):
                    continue
            except BlockingIOError:
                continue
            selector.unregister(key.fd)
            os.close(key.fd)
