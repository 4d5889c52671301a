"""What an application that is tested has been sent."""

import asyncio

from textual.app import App

from support.wire import TIMEOUT


async def all_handed_on(app: App[None]) -> None:
    """Wait until the application has handed on every key: it fails over one that comes while it ends."""
    handed_on = asyncio.Event()
    app.call_later(handed_on.set)
    await asyncio.wait_for(handed_on.wait(), TIMEOUT)
