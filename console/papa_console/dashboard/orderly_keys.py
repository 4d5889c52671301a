"""Keys one after the other: the next is looked at only when what the one before does has been done.

Textual hands each key at once to the widget that has the focus, and finds out only later what it does. Of what is
typed in one go, on a busy machine or a slow link, all that follows a key that moves the focus would go astray. Here a
message follows each key through the same queues, and then what the key has made others say; when it has arrived at the
application, and nobody is busy any more with what the key has asked, the next key is due.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen

from papa_console.dashboard.widgets.busy import Busy

_LAPS = 2  # what the key does is done behind the first, what that makes others say is heard before the second is over
_LOOK_AGAIN = 0.05
_ASK_AGAIN = 0.01
_PATIENCE = 2.0  # a deed that holds up its widget for longer does not hold up the keys


class KeyPassed(Message, verbose=True):
    """Comes after a key through every widget that might answer it.

    Args:
        lap: how many times it has been sent.
    """

    def __init__(self, lap: int) -> None:
        super().__init__()
        self.lap = lap


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
        if not self._waiting or not self._app.screen_stack:
            return
        self._screen = self._app.screen
        self._until = monotonic() + _PATIENCE
        self._passing = KeyPassed(0)
        await self._press(self._waiting.popleft())
        self._follow(1)

    def _follow(self, lap: int) -> None:
        """Send a message the way that the key has gone."""
        self._passing = passing = KeyPassed(lap)
        if self._awaits(passing):
            (self._app.focused or self._app.screen).post_message(passing)
            self._look_later(passing)

    def _awaits(self, passing: KeyPassed) -> bool:
        """Whether this is the message that the next key waits for, of an application that is not being left."""
        return passing is self._passing and self._app.is_running and bool(self._app.screen_stack)

    def _look_later(self, passing: KeyPassed) -> None:
        asyncio.get_running_loop().call_later(_LOOK_AGAIN, self._look, passing)

    def _look(self, passing: KeyPassed) -> None:
        """Go on where the message has been lost: with a screen that was left, or in a widget that is busy."""
        if not self._awaits(passing):
            return
        if monotonic() > self._until or self._screen not in self._app.screen_stack:
            self._app.call_later(self._go_on, passing)
        else:
            self._look_later(passing)

    @property
    def _is_busy(self) -> bool:
        asked = (self._app.focused or self._app.screen).ancestors_with_self
        return any(isinstance(node, Busy) and node.is_busy for node in asked)

    def passed(self, passing: KeyPassed) -> None:
        """Press the next key; where another screen is on top by now, once that is ready."""
        if not self._awaits(passing):
            return
        if self._app.screen is not self._screen:
            self._app.screen.call_after_refresh(self._app.call_later, self._go_on, passing)
        elif passing.lap < _LAPS:
            self._follow(passing.lap + 1)
        else:
            # not at once: a widget that asked for the focus gets it by a call like this
            self._app.call_later(self._go_on, passing)

    async def _go_on(self, passing: KeyPassed) -> None:
        if not self._awaits(passing):
            return
        if self._is_busy and monotonic() < self._until:
            asyncio.get_running_loop().call_later(_ASK_AGAIN, self._app.call_later, self._go_on, passing)
            return
        self._passing = None
        await self._next()
