"""A program that answers everybody who connects to a socket that it has inherited.

``answerer.py FILENO NAME`` says NAME to each, and closes; on SIGTERM it tells how many there were, and ends.
"""

import os
import signal
import socket
import sys


def main() -> None:
    count = 0

    def end(*_: object) -> None:
        os.write(1, b"%d\n" % count)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        while True:
            connection, _ = listener.accept()
            count += 1
            connection.sendall(f"{sys.argv[2]}\n".encode())
            connection.close()


if __name__ == "__main__":
    main()
