"""A program that writes what a plan says, and ends as it says.

``writer.py SEED OUT ERR LATE ENDING`` writes so many bytes to standard output and standard error, in pieces of random
sizes, and leaves a child behind that holds both open and writes LATE more bytes to standard output. It exits with the
status ENDING, or by the signal -ENDING.
"""

import os
import sys
import time
from random import Random

_LATEST_SECONDS = 0.5
_MOST_PIECES = 300


def content(seed: int, fd: int, size: int) -> bytes:
    """Return what is written to a descriptor."""
    return Random(f"{seed} {fd}").randbytes(size)


def _write(fd: int, data: memoryview) -> None:
    while data:
        data = data[os.write(fd, data) :]


def _write_in_turns(left: dict[int, memoryview], random: Random) -> None:
    """Write everything, a piece of one stream or the other at a time."""
    size = max(random.choice((64, 4096, 65536)), sum(map(len, left.values())) // _MOST_PIECES)
    while left := {fd: data for fd, data in left.items() if data}:
        fd = random.choice(list(left))
        piece = random.randint(1, size)
        _write(fd, left[fd][:piece])
        left[fd] = left[fd][piece:]


def _linger(late: memoryview, random: Random) -> None:
    """Leave a child behind that writes later."""
    if os.fork() == 0:
        time.sleep(random.random() * _LATEST_SECONDS)
        _write(1, late)
        os._exit(0)


def main() -> None:
    seed, out, err, late, ending = map(int, sys.argv[1:])
    random = Random(seed)
    data = memoryview(content(seed, 1, out + late))
    _write_in_turns({1: data[:out], 2: memoryview(content(seed, 2, err))}, random)
    if late:
        _linger(data[out:], random)
    if ending < 0:
        os.kill(os.getpid(), -ending)
    os._exit(ending)


if __name__ == "__main__":
    main()
