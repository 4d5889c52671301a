"""Waiting for what no event tells."""

import time
from collections.abc import Callable
from typing import TypeVar

from support.wire import TIMEOUT

T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str, timeout: float = TIMEOUT) -> T:
    """Return the first true result of ``condition``; fail if there is none in time."""
    until = time.monotonic() + timeout
    while not (result := condition()):
        assert time.monotonic() < until, f"after {timeout} s still not so: {what}"
        time.sleep(0.005)
    return result
