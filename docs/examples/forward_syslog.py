"""What processes print, to rsyslog: ``forward_syslog.py HOST:PORT|PATH [NAME|PATTERN…]``.

Messages are RFC 5424's, each after its length as RFC 6587 says, over TCP or a Unix stream socket. Syslog has no
answers: what counts as delivered is what the receiver's system has taken, which for TCP is asked of our own
(SIOCOUTQ). A batch is acknowledged then; when the connection fails, or this program is killed, papa has it still, and
it is sent again. What a receiver that crashes had taken, but not read, is lost.
"""

import fcntl
import logging
import os
import select
import socket
import struct
import sys
import termios
import time
from datetime import UTC, datetime

from papa import CommandFailedError, Error, Papa
from papa.logs import Line, read_lines

FACILITY = 1  # user-level messages
SEVERITIES = {logging.INFO: 6, logging.ERROR: 3}
RETRY_SECONDS = 0.5
LOOK_SECONDS = 0.001
TIMEOUT_SECONDS = 10.0


def encode(line: Line, host: str) -> bytes:
    """Return a message and the length before it."""
    moment = datetime.fromtimestamp(line.time, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    name = "".join(character if "!" <= character <= "~" else "_" for character in line.name)[:48]
    head = f"<{FACILITY * 8 + SEVERITIES[line.level]}>1 {moment} {host} {name} - - - "
    message = head.encode() + line.text.encode()
    return f"{len(message)} ".encode() + message


def connect(place: str) -> socket.socket:
    """Connect to a receiver: ``HOST:PORT``, or the path of a Unix socket."""
    if place.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(place)
    else:
        host, _, port = place.rpartition(":")
        connection = socket.create_connection((host, int(port)))
    connection.settimeout(TIMEOUT_SECONDS)
    return connection


def deliver(connection: socket.socket, data: bytes) -> None:
    """Send bytes, and return once the receiver's system has them.

    Raises:
        OSError: it has not, or not in time.
    """
    connection.sendall(data)
    until = time.monotonic() + TIMEOUT_SECONDS
    while unsent(connection):
        check_open(connection)
        if time.monotonic() > until:
            raise TimeoutError("the receiver takes nothing")
        time.sleep(LOOK_SECONDS)
    check_open(connection)


def unsent(connection: socket.socket) -> int:
    """Return how many bytes the receiver's system has not acknowledged; that of a Unix socket is our own."""
    if connection.family == socket.AF_UNIX:
        return 0
    (count,) = struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))
    return int(count)


def check_open(connection: socket.socket) -> None:
    """Fail where the receiver has closed the connection, since nobody may read what it was sent then."""
    readable, _, _ = select.select([connection], [], [], 0)
    if readable and not connection.recv(4096):
        raise ConnectionResetError("the receiver has closed the connection")


def forward(client: Papa, place: str, names: list[str]) -> None:
    """Send what processes print, until nothing is left to watch.

    Raises:
        OSError: a batch was not delivered; the kernel keeps it.
    """
    host = os.uname().nodename
    with connect(place) as connection, client.watch_processes(*names) as watcher:
        while watcher:
            deliver(connection, b"".join(encode(line, host) for line in read_lines(watcher.read_records())))


def main(place: str, names: list[str]) -> None:
    """Go on, whatever becomes of the receiver, until nothing is left to watch."""
    while True:
        try:
            with Papa(start=False) as client:
                return forward(client, place, names)
        except CommandFailedError as error:
            sys.exit(str(error))
        except (OSError, Error) as error:
            print(f"{place}: {error}; trying again", file=sys.stderr, flush=True)
            time.sleep(RETRY_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
