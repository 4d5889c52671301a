"""The one clock of the screen: everything that is drawn without a key being pressed is drawn in its turns."""

import asyncio
from collections.abc import Callable
from time import thread_time

from textual.app import App

from papa_console.dashboard.pace import Pace


def frames_waiting(app: App[None]) -> int:
    """Return how many frames wait for the terminal; 0 where Textual does not say."""
    writer = getattr(app._driver, "_writer_thread", None)  # noqa: SLF001 - no public name; measured: 30 frames block
    queue = getattr(writer, "_queue", None)
    return queue.qsize() if queue is not None else 0


class Ticker:
    """Calls a function in every period.

    Args:
        app: whose terminal may be slow; what the function raises is the app's to report.
        take_in: called in every turn.
        draw: called in every turn in which the terminal is ready for another frame.
    """

    def __init__(self, app: App[None], take_in: Callable[[], None], draw: Callable[[], None]) -> None:
        self.pace = Pace()
        self._app = app
        self._take_in = take_in
        self._draw = draw
        self._next: asyncio.TimerHandle | None = None
        self._began = False  # whether the app was running in a turn; the first ones may come before
        self._used_before = 0.0  # processor time, until the last drawing

    def start(self) -> None:
        """Begin; the first turn is at once."""
        self._next = asyncio.get_running_loop().call_later(self.pace.period, self._turn)
        self._draw()

    def stop(self) -> None:
        """End."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _turn(self) -> None:
        if self._began and not self._app.is_running:  # it is leaving: its widgets go one after the other
            self.stop()
            return
        self._began = self._app.is_running
        self._next = asyncio.get_running_loop().call_later(self.pace.period, self._turn)
        try:
            self._take_in()
            used = thread_time() - self._used_before
            if self.pace.may_draw(frames_waiting(self._app)) and not self.pace.rests(used):
                self._used_before += used
                self._draw()
        except Exception as error:  # noqa: BLE001 - the loop would only log it
            self.stop()
            self._app._handle_exception(error)  # noqa: SLF001 - as Textual's own timers do
