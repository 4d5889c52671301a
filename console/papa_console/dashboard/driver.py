"""Textual's driver for terminals, which survives being continued without having given the terminal up before.

SIGCONT does not come only after Ctrl-Z: debuggers, freezers and service managers send it too. Textual's own driver
then enters the terminal a second time, with a second thread that reads keys, and leaves it only once.
"""

import asyncio

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver


class Driver(LinuxDriver):
    """The driver.

    Args:
        app: the application.
        debug: whether Textual is to log what comes in.
        mouse: whether the mouse is used.
        size: the size of the terminal, None for what it says itself.
    """

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._has_terminal = False
        super().__init__(app, debug=debug, mouse=mouse, size=size)

    def start_application_mode(self) -> None:
        """Take the terminal."""
        before = self._writer_thread
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._has_terminal = self._writer_thread is not before  # in the background it is not taken

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self._has_terminal = False
        super().stop_application_mode()

    def _sigcont_application(self, *_: object) -> None:
        if not self._has_terminal:
            if self._must_signal_resume:
                super()._sigcont_application()
        elif self._auto_restart:
            self._loop.call_soon_threadsafe(self._take_again)

    def _take_again(self) -> None:
        """Set everything of the terminal anew, and have the screen drawn: another program may have used it."""
        if self._has_terminal:
            self.suspend_application_mode()
            self._must_signal_resume = True
            self.resume_application_mode()
