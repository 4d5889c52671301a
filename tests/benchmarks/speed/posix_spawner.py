"""The limit of starting processes: os.posix_spawn with two pipes and a session of its own.

Run as a script with a count, how many sleepers to hold and their command; it prints processes a second.
"""

import os
import signal
import sys
import time
from collections import deque


def spawn(arguments: list[str]) -> tuple[int, int, int]:
    """Start a process; return its PID and the ends of its pipes to read from."""
    out, out_end = os.pipe()
    err, err_end = os.pipe()
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, out_end, 1),
        (os.POSIX_SPAWN_DUP2, err_end, 2),
    ]
    pid = os.posix_spawn(arguments[0], arguments, {}, file_actions=actions, setsid=True)
    os.close(out_end)
    os.close(err_end)
    return pid, out, err


def collect(running: deque[tuple[int, int, int]], options: int) -> None:
    """Collect those that have ended, the oldest first, and close their pipes."""
    while running and os.waitpid(running[0][0], options)[0]:
        _, out, err = running.popleft()
        os.close(out)
        os.close(err)


def rate(count: int) -> float:
    running: deque[tuple[int, int, int]] = deque()
    started = time.perf_counter()
    for _ in range(count):
        running.append(spawn(["/bin/true"]))
        collect(running, os.WNOHANG)
    collect(running, 0)
    return count / (time.perf_counter() - started)


def main() -> None:
    count, held = int(sys.argv[1]), int(sys.argv[2])
    sleepers = [spawn(sys.argv[3:]) for _ in range(held)]
    rate(count // 10)
    print(rate(count), flush=True)
    for pid, _, _ in sleepers:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
