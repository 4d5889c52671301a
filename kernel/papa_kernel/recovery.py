"""Going on after a kernel that ended without a word, from its journal and the descriptors that it left."""

import os

from papa_kernel.adoption import find_writer
from papa_kernel.process import Process
from papa_kernel.replay import Replay
from papa_kernel.store import Left


def tidy(replay: Replay, left: Left) -> None:
    """Bring what a journal tells in line with what was left.

    A pipe that was let go of right before the end may still be named; and of a process that was about to be started it
    is not known whether it was.
    """
    for name, saved in list(replay.sockets.items()):
        if saved["fd"] not in left.numbers:
            del replay.sockets[name]
    for process in list(replay.processes.values()):
        process.pipes = {fd: kind for fd, kind in process.pipes.items() if fd in left.numbers}
        if not process.pid:
            _find_started(process, replay)


def _find_started(process: Process, replay: Replay) -> None:
    process.pid = find_writer(process.pipes)
    if process.pid:
        replay.listed.add(process.number)
    else:
        del replay.processes[process.number]


def close_forgotten(replay: Replay, left: Left, endpoints: set[int]) -> list[int]:
    """Close the descriptors that were left and that nothing needs; return which."""
    needed = {saved["fd"] for saved in replay.sockets.values()} | endpoints
    for process in replay.processes.values():
        needed.update(process.pipes)
    forgotten = sorted(left.numbers - needed)
    for fd in forgotten:
        os.close(fd)
    return forgotten
