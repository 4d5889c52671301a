"""waitress on descriptor 3, retired without a request that fails: ``serve_waitress.py MODULE:APPLICATION``.

waitress takes sockets from Python only, and has no graceful end of its own. Here it stops accepting at SIGTERM, answers
whoever has connected, and ends.
"""

import importlib
import signal
import socket
import sys

import waitress

LISTENING = 3  # where `make process … listen=NAME` puts the socket
DRAINING_SECONDS = 1  # for clients that have connected, but are yet to ask or to read


def main() -> None:
    """Serve until SIGTERM."""
    module, _, name = sys.argv[1].partition(":")
    application = getattr(importlib.import_module(module), name)
    server = waitress.create_server(application, sockets=[socket.socket(fileno=LISTENING)])

    def drain(*_: object) -> None:
        server.del_channel()  # of the socket that listens
        signal.alarm(DRAINING_SECONDS)

    signal.signal(signal.SIGTERM, drain)
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(0))
    server.run()


if __name__ == "__main__":
    main()
