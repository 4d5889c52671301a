"""What processes print, to rsyslog: ``forward_syslog.py HOST:PORT [NAME|PATTERN…]``.

Messages are RFC 5424's, sent by RELP (rsyslog's module ``imrelp``), which answers each message once rsyslog has it.
Plain syslog has no answers: what a receiver has not read from its connection when it is stopped would be lost. A batch
is acknowledged once all of it has been answered; when the connection fails, or this program is killed, papa has it
still, and it is sent again.
"""

import logging
import os
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime

from papa import CommandFailedError, Error, Papa
from papa.logs import Line, read_lines

FACILITY = 1  # user-level messages
SEVERITIES = {logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}
OFFER = b"relp_version=0\nrelp_software=papa\ncommands=syslog"
LAST_NUMBER = 999_999_999  # RELP counts from 1 again after it
WINDOW = 128  # messages under way at once
RETRY_SECONDS = 0.5
TIMEOUT_SECONDS = 10.0


def encode(line: Line, host: str) -> bytes:
    """Return a message."""
    moment = datetime.fromtimestamp(line.time, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    name = "".join(character if "!" <= character <= "~" else "_" for character in line.name)[:48]
    head = f"<{FACILITY * 8 + SEVERITIES[line.level]}>1 {moment} {host} {name} - - - "
    return head.encode() + line.text.encode()


class Receiver:
    """A session with rsyslog. What it sends is ``NUMBER COMMAND LENGTH DATA``, and a line end; so are its answers.

    Args:
        place: ``HOST:PORT``.
    """

    def __init__(self, place: str) -> None:
        host, _, port = place.rpartition(":")
        self._connection = socket.create_connection((host, int(port)), TIMEOUT_SECONDS)
        self._answers = self._connection.makefile("rb")
        self._number = 0
        self._carry_out("open", [OFFER])

    def deliver(self, messages: Sequence[bytes]) -> None:
        """Send messages, and return once the receiver has them.

        Raises:
            OSError: it does not have all of them, or not in time.
        """
        for start in range(0, len(messages), WINDOW):
            self._carry_out("syslog", messages[start : start + WINDOW])

    def _carry_out(self, command: str, texts: Sequence[bytes]) -> None:
        """Send a command with each text, and await as many answers."""
        self._connection.sendall(b"".join(self._frame(command, text) for text in texts))
        for _ in texts:
            self._read_answer()

    def _frame(self, command: str, data: bytes) -> bytes:
        return f"{self._next_number()} {command} {len(data)} ".encode() + data + b"\n"

    def _next_number(self) -> int:
        self._number = self._number % LAST_NUMBER + 1
        return self._number

    def _read_answer(self) -> None:
        """Read ``NUMBER rsp LENGTH 200 …``; anything else means that the message is not taken."""
        line = self._answers.readline()
        _, command, length, data = (*line.split(b" ", 3), b"", b"", b"", b"")[:4]
        if command != b"rsp" or not data.startswith(b"200"):
            raise ConnectionResetError(f"the receiver says {line!r}" if line else "the receiver is gone")
        self._answers.read(int(length) + 1 - len(data))

    def close(self) -> None:
        """End the session; whatever is to be delivered has been answered."""
        with suppress(OSError):  # the receiver may have gone before
            self._connection.sendall(f"{self._next_number()} close 0\n".encode())
            self._connection.shutdown(socket.SHUT_WR)
            self._answers.read()
        self._answers.close()
        self._connection.close()


def forward(client: Papa, place: str, names: list[str]) -> None:
    """Send what processes print, until nothing is left to watch.

    Raises:
        OSError: a batch was not delivered; the kernel keeps it.
    """
    host = os.uname().nodename
    with closing(Receiver(place)) as receiver, client.watch_processes(*names) as watcher:
        while watcher:
            receiver.deliver([encode(line, host) for line in read_lines(watcher.read_records())])


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
