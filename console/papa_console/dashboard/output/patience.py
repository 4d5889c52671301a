"""A bound on the time that a regular expression may take, because some take for ever on a short line.

While ``re`` is at work nothing else of the program runs; but it lets signals be answered, and those of a timer that
counts the program's own time end it. Signals reach the main thread only: in others there is no bound.
"""

import signal
import threading
from collections.abc import Callable
from typing import TypeVar

_Result = TypeVar("_Result")


class TooSlow(Exception):  # noqa: N818 - it is what it is called on the screen
    """The time is over."""


def _give_up(_number: int, _frame: object) -> None:
    raise TooSlow


def within(seconds: float, work: Callable[[], _Result]) -> _Result:
    """Return what ``work`` returns.

    Raises:
        TooSlow: it took longer.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    before = signal.signal(signal.SIGVTALRM, _give_up)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        return work()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
