"""The kernel as a whole: its state, its endpoints, its sessions, and how it ends."""

import os
import signal
import socket
import time
from collections.abc import Sequence

from papa_kernel import VERSION
from papa_kernel.access import Access
from papa_kernel.child import Launcher
from papa_kernel.drain import leave_drain
from papa_kernel.limits import CONNECTIONS, Limits
from papa_kernel.listener import Endpoint, Listener
from papa_kernel.loop import READ, Loop
from papa_kernel.processes import Processes
from papa_kernel.refusals import Refusals
from papa_kernel.service_manager import ServiceManager
from papa_kernel.session import Session
from papa_kernel.state import State
from papa_protocol.model import KernelInfo

# A peer that has vanished without a word is given up after two minutes: the system's own two hours would let many
# gather. After how many silent seconds it is asked whether it is there, at which intervals, and how often.
_KEEPALIVE = [
    (getattr(socket, name), number)
    for name, number in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 6))
    if hasattr(socket, name)
]
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Kernel:
    """Serves sessions on its endpoints until it is told to end.

    Args:
        endpoints: bound and listening.
        access: who may connect.
        limits: what is taken in and held at most.
        manager: who is told when it serves and when it ends.
        ends_with_last_connection: end once the last connection has closed, whatever is held.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        access: Access,
        limits: Limits,
        manager: ServiceManager,
        *,
        ends_with_last_connection: bool = False,
    ) -> None:
        self.loop = Loop()
        self._manager = manager
        launcher = Launcher()
        self.state = State(Processes(self.loop, launcher, limits), limits)
        self.refusals = Refusals()
        self._access = access
        self._sessions: set[Session] = set()
        self._started = time.time()
        self._clock = time.monotonic()
        self._ends_with_last_connection = ends_with_last_connection
        self._exit_requested = False
        self._listeners = [
            Listener(self.loop, endpoint, launcher, self.refusals, self._accepted) for endpoint in endpoints
        ]

    def run(self) -> None:
        """Serve until told to end; then unlink what is ours and leave the processes running."""
        self.loop.on_signal(signal.SIGCHLD, self.state.processes.reap)
        for number in ENDING_SIGNALS:
            # nohup(1) has SIGHUP ignored, and wants it so.
            if signal.getsignal(number) != signal.SIG_IGN or number != signal.SIGHUP:
                self.loop.on_signal(number, self.loop.stop)
        self._manager.ready(" and ".join(listener.endpoint.name for listener in self._listeners))
        self._manager.keep_alive(self.loop)
        self.loop.run()
        self._manager.stopping()
        self._end()

    def end_with(self, fd: int) -> None:
        """End when whoever holds the other end of the pipe ``fd`` closes it, or ends."""
        self.loop.watch(fd, READ, lambda _: self.loop.stop() if not os.read(fd, 4096) else None)

    def _end(self) -> None:
        for listener in self._listeners:
            listener.close()
        for session in list(self._sessions):
            session.close()
        self.state.sockets.close()
        leave_drain(self.state.processes.open_pipes())
        self.loop.close()
        self._manager.close()

    def _accepted(self, sock: socket.socket) -> None:
        refusal = self._access.refusal(sock) or self._fullness()
        if refusal is not None:
            self.refusals.turn_away(sock, refusal)
            return
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, number in _KEEPALIVE:
                sock.setsockopt(socket.IPPROTO_TCP, option, number)
            # telnet sends the second byte of its Synch as urgent data, which would be missing from the stream
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
        session = Session(sock, self, self._session_closed)
        self._sessions.add(session)
        session.begin()

    def _fullness(self) -> str | None:
        """Return why there is no room for another connection, or None where there is."""
        limits = self.state.limits
        return str(limits.error(CONNECTIONS)) if len(self._sessions) >= limits[CONNECTIONS] else None

    def _session_closed(self, session: Session) -> None:
        self._sessions.discard(session)
        if self._sessions:
            return
        if self._ends_with_last_connection or (self._exit_requested and self.state.idle):
            self.loop.stop()
        self._exit_requested = False

    def request_exit(self) -> None:
        """End with the last connection, if nothing is added meanwhile."""
        self._exit_requested = True

    def info(self) -> KernelInfo:
        """Tell about the kernel."""
        processes = self.state.processes
        output = processes.totals.read()
        return {
            "version": VERSION,
            "pid": os.getpid(),
            "started": self._started,
            "uptime": round(time.monotonic() - self._clock, 3),
            "endpoints": [listener.endpoint.name for listener in self._listeners],
            "connections": len(self._sessions),
            "sockets": len(self.state.sockets.by_name),
            "values": len(self.state.values),
            "processes": len(processes.by_name),
            "running": processes.running,
            "buffered": output.buffered,
            "dropped": output.dropped,
            "position": output.position,
            "changes": self.state.changes,
            "refused": self.refusals.count,
            "unsent": sum(session.unsent for session in self._sessions),
            "value_bytes": self.state.value_bytes,
            "limits": self.state.limits.by_key,
        }
