"""uvicorn, retired without a request that fails: ``serve_uvicorn.py MODULE:APPLICATION``.

It serves on the socket at descriptor 3. Told to end, uvicorn closes connections of which it has
not read a request yet. Here it first stops accepting, and reads what it has accepted.
"""

import asyncio
import socket
import sys

import uvicorn

LISTENING = 3  # where `make process … listen=NAME` puts the socket
DRAINING_SECONDS = 1.0  # for clients that have connected, but are yet to ask


class Server(uvicorn.Server):
    """A server that is patient at its end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, answer whoever has connected, and end."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(DRAINING_SECONDS)
        await super().shutdown(sockets)


if __name__ == "__main__":
    Server(uvicorn.Config(sys.argv[1], fd=LISTENING)).run()
