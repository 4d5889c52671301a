"""Keys one after the other: the next is looked at only when what the one before does has been done.

Textual hands each key at once to the widget that has the focus, and finds out only later what it does. Of what is
typed in one go, on a busy machine or a slow link, all that follows a key that moves the focus would go astray. Here a
message follows each key through the same queues; when it has arrived at the application, the next key is due.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen

_LOOK_AGAIN = 0.05
_PATIENCE = 2.0  # a deed that holds up its widget for longer does not hold up the keys


class KeyPassed(Message, verbose=True):
    """Comes after a key through every widget that might answer it."""


class OrderlyKeys:
    """The keys that wait for the one before them.

    Args:
        app: whose keys they are.
        press: does what a key does as far as the application itself knows.
    """

    def __init__(self, app: App[int], press: Callable[[events.Key], Awaitable[None]]) -> None:
        self._app = app
        self._press = press
        self._waiting: deque[events.Key] = deque()
        self._passing: KeyPassed | None = None
        self._screen: Screen[object] | None = None  # the one on top when the key was pressed
        self._until = 0.0

    async def take(self, key: events.Key) -> None:
        """Press a key, or keep it until it is due."""
        self._waiting.append(key)
        if self._passing is None:
            await self._next()

    async def _next(self) -> None:
        if not self._waiting:
            return
        self._screen = self._app.screen
        self._passing = passing = KeyPassed()
        self._until = monotonic() + _PATIENCE
        await self._press(self._waiting.popleft())
        (self._app.focused or self._app.screen).post_message(passing)
        self._look_later(passing)

    def _look_later(self, passing: KeyPassed) -> None:
        asyncio.get_running_loop().call_later(_LOOK_AGAIN, self._look, passing)

    def _look(self, passing: KeyPassed) -> None:
        """Go on where the message has been lost: with a screen that was left, or in a widget that is busy."""
        if passing is not self._passing or not self._app.is_running:
            return
        if monotonic() > self._until or self._screen not in self._app.screen_stack:
            self._app.call_later(self._go_on, passing)
        else:
            self._look_later(passing)

    def passed(self, passing: KeyPassed) -> None:
        """Press the next key; where another screen is on top by now, once that is ready."""
        if self._app.screen is self._screen:
            # not at once: a widget that asked for the focus gets it by a call like this
            self._app.call_later(self._go_on, passing)
        else:
            self._app.screen.call_after_refresh(self._app.call_later, self._go_on, passing)

    async def _go_on(self, passing: KeyPassed) -> None:
        if passing is self._passing:
            self._passing = None
            await self._next()
