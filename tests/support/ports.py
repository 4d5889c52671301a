"""Ports for tests that name one themselves, or expect one to be free again: nobody else is given them by chance."""

import itertools
import os
import socket
from pathlib import Path

_FIRST = 10_000
_numbers = itertools.count(os.getpid() * 101)


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens, another one each time.

    The system hands out ports of a range of its own, to every socket on the machine; these are below it, and processes
    begin at different places.
    """
    beyond = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    return next(port for port in (_FIRST + number % (beyond - _FIRST) for number in _numbers) if is_free(port))


def is_free(port: int) -> bool:
    """Whether a port of 127.0.0.1 can be listened on."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
