"""All sessions: who gets one, and what they have in common."""

import socket
from collections.abc import Callable, Iterator, Mapping

from papa_kernel.access import Access
from papa_kernel.limits import CONNECTIONS
from papa_kernel.process import Process
from papa_kernel.refusals import Refusals
from papa_kernel.saved import Record, Writer
from papa_kernel.session import Kernel, Session

SESSION = "session"
# A peer that has vanished without a word is given up after two minutes: the system's own two hours would let many
# gather. After how many silent seconds it is asked whether it is there, at which intervals, and how often.
_KEEPALIVE = [
    (getattr(socket, name), number)
    for name, number in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 6))
    if hasattr(socket, name)
]


class Sessions:
    """The open sessions.

    Args:
        kernel: whom commands act on.
        access: who may connect.
        refusals: turns away who may not.
        all_closed: called whenever the last one has closed.
    """

    def __init__(self, kernel: Kernel, access: Access, refusals: Refusals, all_closed: Callable[[], None]) -> None:
        self._kernel = kernel
        self._access = access
        self._refusals = refusals
        self._all_closed = all_closed
        self._open: set[Session] = set()

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Session]:
        """Go through those that are open now, which may close meanwhile."""
        return iter(list(self._open))

    @property
    def unsent(self) -> int:
        """How many bytes all peers have yet to take."""
        return sum(session.unsent for session in self._open)

    def accept(self, sock: socket.socket) -> None:
        """Begin a session with whoever has just connected, or turn them away."""
        refusal = self._access.refusal(sock) or self._fullness()
        if refusal is not None:
            self._refusals.turn_away(sock, refusal)
            return
        session = Session(sock, self._kernel, self._closed)
        self._open.add(session)
        try:
            if sock.family != socket.AF_UNIX:
                _set_options(sock)
            session.begin()
        except (OSError, MemoryError) as error:
            self._open.discard(session)
            self._kernel.loop.unwatch(sock.fileno())
            self._refusals.turn_away(sock, f"The kernel cannot wait for you: {_reason(error)}")

    def _fullness(self) -> str | None:
        """Return why there is no room for another connection, or None where there is."""
        limits = self._kernel.state.limits
        return str(limits.error(CONNECTIONS)) if len(self._open) >= limits[CONNECTIONS] else None

    def _closed(self, session: Session) -> None:
        self._open.discard(session)
        if not self._open:
            self._all_closed()

    def save(self, writer: Writer) -> None:
        """Write what ``restore`` needs, but for the processes."""
        for session in self._open:
            writer.add(SESSION, session.saved, session.unsent_pieces)

    def restore(self, record: Record, processes: Mapping[int, Process]) -> None:
        """Go on with a session.

        Args:
            record: what was written of it.
            processes: all processes, by their own numbers.
        """
        self._open.add(Session.restored(record.fields, record.data.take_all(), processes, self._kernel, self._closed))


def _reason(error: OSError | MemoryError) -> str:
    return (isinstance(error, OSError) and error.strerror) or "it has too little memory"


def _set_options(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, number in _KEEPALIVE:
        sock.setsockopt(socket.IPPROTO_TCP, option, number)
    # telnet sends the second byte of its Synch as urgent data, which would be missing from the stream
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
