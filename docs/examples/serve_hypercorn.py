"""hypercorn, retired without a request that fails: ``serve_hypercorn.py MODULE:APPLICATION`` on descriptor 3.

Told to end, hypercorn closes connections of which it has not read a request yet. Here it first stops accepting, and
reads what it has accepted.
"""

import asyncio
import importlib
import signal
import sys

from hypercorn.asyncio import serve
from hypercorn.config import Config

LISTENING = 3  # where `make process … listen=NAME` puts the socket
DRAINING_SECONDS = 1.0  # for clients that have connected, but are yet to ask


async def drained() -> None:
    """Wait for SIGTERM; then accept no more, and give whoever has connected time to ask."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    loop.remove_reader(LISTENING)
    await asyncio.sleep(DRAINING_SECONDS)


if __name__ == "__main__":
    module, _, name = sys.argv[1].partition(":")
    config = Config()
    config.bind = [f"fd://{LISTENING}"]
    asyncio.run(serve(getattr(importlib.import_module(module), name), config, shutdown_trigger=drained))
