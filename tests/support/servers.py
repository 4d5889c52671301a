"""The ASGI counterpart of the demonstration's application: each answer tells which generation gave it."""

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from papa_console.demo.app import GENERATION_HEADER

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Answer every request, and take part in the start and the end (ASGI)."""
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": f"{(await receive())['type']}.complete"})
        return
    header = (GENERATION_HEADER.lower().encode(), os.environ["GENERATION"].encode())
    await send({"type": "http.response.start", "status": 200, "headers": [header]})
    await send({"type": "http.response.body", "body": b"hello\n"})
