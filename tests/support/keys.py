"""What an application that is tested has been sent."""

import asyncio

from textual.app import App
from textual.message_pump import MessagePump

from support.wire import TIMEOUT


async def all_handed_on(app: App[None]) -> None:
    """Wait until every key has arrived: an application fails over one that comes while it ends.

    A key goes to the widget that has the focus, and from there up to the application where nobody takes it.
    """
    await _passed(app)
    for node in (app.focused or app.screen).ancestors_with_self:
        await _passed(node)


async def _passed(node: MessagePump) -> None:
    """Wait until what has been sent to a part of the application has been taken."""
    taken = asyncio.Event()
    if node.call_later(taken.set):
        await asyncio.wait_for(taken.wait(), TIMEOUT)
