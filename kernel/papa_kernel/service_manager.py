"""Telling the program that started the kernel how it is: sd_notify(3), which systemd and others understand.

A message is one datagram to the socket that NOTIFY_SOCKET names. The variable stays in the environment, for an image
that replaces this one; processes do not get it, as they get nothing of the kernel's environment.
"""

import os
import socket
import struct
import time
from collections.abc import Mapping, MutableMapping, Sequence

from papa_kernel.log import log
from papa_kernel.loop import Loop
from papa_protocol.words import Dialect, show

# A manager that is too busy to read is waited for, but not for long: meanwhile nobody else is served.
_PATIENCE = struct.pack("@ll", 0, 100_000)  # seconds and microseconds
_MICROSECONDS = 1_000_000


class ServiceManager:
    """Whoever started the kernel and wants to know how it is; maybe nobody.

    Args:
        environ: the kernel's environment. What says that the watchdog is meant for this very process is taken out of
            it, since the kernel may go on in the background, with another PID.
        guardian: a socket that a guardian is connected to, who passes on what it is told; -1 where there is none.
    """

    def __init__(self, environ: MutableMapping[str, str], guardian: int = -1) -> None:
        self.guardian = socket.socket(fileno=guardian) if guardian >= 0 else None
        self._address = None if self.guardian else _read_address(environ.get("NOTIFY_SOCKET", ""))
        self._socket = self.guardian or (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if self._address else None)
        self._interval = _read_watchdog(environ) / 2 if self._socket else 0.0
        self._heard = True  # the last message was taken
        if self._socket is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _PATIENCE)

    @property
    def descriptors(self) -> list[int]:
        """What must stay open for messages to be sent."""
        return [] if self._socket is None else [self._socket.fileno()]

    def ready(self, endpoints: str) -> None:
        """Tell that the kernel serves, at its start and after ``reloading``."""
        self.send(f"READY=1\nSTATUS=Listens on {show(endpoints, Dialect.V1)}")

    def reloading(self) -> None:
        """Tell that the kernel is about to be replaced; ``ready`` must follow."""
        self.send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Tell that the kernel ends."""
        self.send("STOPPING=1")

    def goes_on_as(self, pid: int) -> None:
        """Tell that another process goes on in the place of this one."""
        self.send(f"MAINPID={pid}")

    def keep_alive(self, loop: Loop) -> None:
        """Tell from the loop that it turns, twice in the time after which the manager would give the kernel up."""
        if self._interval:
            self.send("WATCHDOG=1")
            loop.call_at(time.monotonic() + self._interval, lambda: self.keep_alive(loop))

    def send(self, text: str, fds: Sequence[int] = (), attempts: int = 1) -> bool:
        """Send a message, with descriptors; return whether it was taken. That it was not is no reason to fail.

        Args:
            text: lines of names and values.
            fds: descriptors.
            attempts: how many times to try while nobody reads it.
        """
        if self._socket is None:
            return False
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack(f"{len(fds)}i", *fds))] if fds else []
        try:
            self._socket.sendmsg([text.encode(errors="backslashreplace")], rights, 0, self._address)
        except OSError as error:
            if isinstance(error, BlockingIOError) and attempts > 1:
                return self.send(text, fds, attempts - 1)
            if self._heard:
                log.warning("The service manager was not told %s: %s", text.partition("\n")[0], error.strerror or error)
            self._heard = False
            return False
        self._heard = True
        return True

    def close(self) -> None:
        """Release the socket that messages are sent by."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def store_size(environ: Mapping[str, str]) -> int:
    """Return how many descriptors the manager keeps for the next kernel (sd_notify(3), FDSTORE); 0 where it does not.

    Systemd tells from version 254 on.
    """
    most = environ.get("FDSTORE", "")
    return int(most) if environ.get("NOTIFY_SOCKET") and most.isdecimal() else 0


def _read_address(text: str) -> str | bytes:
    """Return the address of a socket: a path, or a name in the abstract namespace, which @ begins."""
    if text.startswith("@"):
        return b"\0" + os.fsencode(text[1:])
    if text and not text.startswith("/"):
        log.warning("NOTIFY_SOCKET=%s is neither an absolute path nor an abstract name", text)
        return ""
    return text


def _read_watchdog(environ: MutableMapping[str, str]) -> float:
    """Return how many seconds the manager waits for a message before it gives the kernel up, or 0 where it waits on."""
    interval = environ.get("WATCHDOG_USEC", "")
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()) or not interval.isdecimal():
        return 0.0
    environ.pop("WATCHDOG_PID", None)
    return int(interval) / _MICROSECONDS
