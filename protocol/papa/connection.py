"""One blocking connection: connect, agree on a dialect, send a request, wait for its reply."""

import math
import socket
import time
from collections.abc import Callable

from papa.endpoint import GREETING_SIZE, EndpointLike, explain_absence, explain_greeting, show_endpoint
from papa.errors import CannotConnectError, CommandFailedError, LostConnectionError, TimedOutError
from papa.requests import Request, T, protocol
from papa_protocol.replies import Reply, ReplyReader
from papa_protocol.words import Dialect

_READ_SIZE = 256 * 1024
_RETRY_SECONDS = 0.02


def open_socket(endpoint: EndpointLike, timeout: float) -> socket.socket:
    """Return a connected socket.

    Raises:
        OSError: nothing listens there, or it does not answer in time.
    """
    if isinstance(endpoint, int):
        sock = socket.create_connection(("127.0.0.1", endpoint), timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.settimeout(timeout)
        sock.connect(endpoint)
    except BaseException:
        sock.close()
        raise
    return sock


def connect(endpoint: EndpointLike, timeout: float, *, may_start: bool) -> "Connection":
    """Return a connection that is ready for commands.

    Args:
        endpoint: a port or a path.
        timeout: seconds to wait for it, and later for each reply.
        may_start: whether to start a kernel where nothing listens.

    Raises:
        CannotConnectError: no kernel answers.
    """
    deadline = time.monotonic() + timeout
    started = False
    while True:
        try:
            return Connection(open_socket(endpoint, max(deadline - time.monotonic(), 0.001)), endpoint, timeout)
        except TimeoutError:
            raise CannotConnectError(f"{show_endpoint(endpoint)} did not answer in {timeout:g} s") from None
        except (ConnectionRefusedError, FileNotFoundError):
            if not may_start or time.monotonic() > deadline:
                raise CannotConnectError(explain_absence(endpoint)) from None
        except OSError as error:
            raise CannotConnectError(f"{show_endpoint(endpoint)}: {error.strerror or error}") from None
        if started:
            time.sleep(_RETRY_SECONDS)  # the kernel that was quicker has bound its endpoint and listens at once
        else:
            # Few programs come here, and subprocess would cost the start of all.
            from papa.autostart import start_kernel  # noqa: PLC0415

            start_kernel(endpoint, timeout)
            started = True


class Connection:
    """A connection that takes commands, or streams a watch.

    Args:
        sock: connected; the connection closes it.
        endpoint: where it is connected to, for messages.
        timeout: seconds to wait for the greeting and for each reply.

    Raises:
        CannotConnectError: what listens there is no kernel, or it refuses.
    """

    def __init__(self, sock: socket.socket, endpoint: EndpointLike, timeout: float) -> None:
        self.socket = sock
        self.timeout = timeout
        self.endpoint = endpoint
        self.dialect = Dialect.V1
        self._reader = ReplyReader()
        self._most = float(GREETING_SIZE)  # of a reply, before it is known that a kernel answers
        try:
            self._shake_hands()
        except LostConnectionError as error:
            self.close()
            raise explain_greeting(endpoint, self._reader.rest(), error) from None
        except BaseException:
            self.close()
            raise

    def _shake_hands(self) -> None:
        self._reply()
        self._most = math.inf
        try:
            self.request(protocol(2))
        except CommandFailedError:
            return  # a papa 1.0 kernel
        self.dialect = self._reader.dialect = Dialect.V2

    def request(self, request: Request[T]) -> T:
        """Send a request and return its result; a connection on which that is cut short is closed.

        Raises:
            Error: the request cannot be sent, the kernel said no, or the reply did not come.
        """
        line = request.line(self.dialect)
        try:
            self.send(line)
            reply = self._reply()
        except BaseException:  # Ctrl-C too: the reply under way would be taken for that of the next command
            self.close()
            raise
        return request.result(reply, self.dialect)

    def begin(self, request: Request[T]) -> T:
        """Send a request that starts a stream and return its first result.

        What comes after the first line stays in the socket: who waits for its descriptor learns of it.

        Raises:
            Error: as for ``request``; the connection still takes commands where the kernel said no.
        """
        line = request.line(self.dialect)
        try:
            self.send(line)
            return request.result(self._first_line(), self.dialect)
        except CommandFailedError:
            raise
        except BaseException:
            self.close()
            raise

    def _first_line(self) -> Reply:
        deadline = time.monotonic() + self.timeout
        while (text := self._reader.next_line()) is None:
            self._reader.receive(self._receive_by(deadline, self._take_line))
        reply = Reply(text)
        while reply.error is not None and self._reader.next_event() is None:  # its prompt
            self._reader.receive(self._receive_by(deadline))
        return reply

    def send(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            LostConnectionError: the kernel is gone or does not read.
        """
        try:
            self.socket.settimeout(self.timeout)
            self.socket.sendall(data)
        except TimeoutError:
            self.close()
            raise TimedOutError(f"The kernel did not read the command in {self.timeout:g} s") from None
        except OSError as error:
            self.close()
            raise LostConnectionError(f"Lost the connection to the kernel: {error.strerror or error}") from None

    def _take(self) -> bytes:
        return self.socket.recv(_READ_SIZE)

    def _take_line(self) -> bytes:
        """Take what has arrived, but nothing beyond a line."""
        waiting = self.socket.recv(_READ_SIZE, socket.MSG_PEEK)
        return self.socket.recv(waiting.find(b"\n") + 1 or len(waiting))

    def receive(self, timeout: float | None, take: Callable[[], bytes] | None = None) -> bytes:
        """Return bytes that have arrived, waiting for the first of them.

        Args:
            timeout: seconds to wait; None waits for ever.
            take: takes them from the socket; None takes all.

        Raises:
            LostConnectionError: the kernel closed the connection, or nothing came in time.
        """
        try:
            self.socket.settimeout(timeout)
            data = (take or self._take)()
        except TimeoutError:
            self.close()
            raise TimedOutError(f"The kernel did not answer in {self.timeout:g} s") from None
        except OSError as error:
            self.close()
            raise LostConnectionError(f"Lost the connection to the kernel: {error.strerror or error}") from None
        if not data:
            self.close()
            raise LostConnectionError("The kernel closed the connection")
        return data

    def _receive_by(self, deadline: float, take: Callable[[], bytes] | None = None) -> bytes:
        return self.receive(max(deadline - time.monotonic(), 0.001), take)

    def _reply(self) -> Reply:
        deadline = time.monotonic() + self.timeout
        while (reply := self._reader.next_event()) is None:
            if self._reader.held > self._most:
                raise LostConnectionError("It goes on and on")
            self._reader.receive(self._receive_by(deadline))
        return reply

    @property
    def closed(self) -> bool:
        """Whether the connection has been closed."""
        return self.socket.fileno() < 0

    def close(self) -> None:
        """Close the connection; the kernel keeps what a watch had not acknowledged."""
        self.socket.close()
