"""Going on after a kernel that ended without a word, from its journal and the descriptors that it left."""

import os

from papa_kernel.process import Process
from papa_kernel.replay import Replay
from papa_kernel.store import Left
from papa_kernel.unfinished import find_started


def tidy(replay: Replay, left: Left, guardian: int) -> None:
    """Bring what a journal tells in line with what was left.

    A pipe that was let go of right before the end may still be named; and of a process that was about to be started it
    is not known whether it was.

    Args:
        replay: the journal.
        left: what was left.
        guardian: the PID of the guardian, 0 where there is none.
    """
    for name, saved in list(replay.sockets.items()):
        if saved["fd"] not in left.numbers:
            del replay.sockets[name]
    for process in list(replay.processes.values()):
        process.pipes = {fd: kind for fd, kind in process.pipes.items() if fd in left.numbers}
        if not process.pid:
            _find_started(process, replay, guardian)


def _find_started(process: Process, replay: Replay, guardian: int) -> None:
    known = {each.pid for each in replay.processes.values()}
    process.pid = find_started(replay.begun[process.number], process.pipes, known, guardian)
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
