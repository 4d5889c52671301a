"""The connection for commands: made when first needed, made again when lost; nothing is ever sent twice.

Only commands that change nothing are retried, once. A thread of its own may wait for the end of the connection and
make it again; the lock is held while a command is under way, so that the thread never closes what is in use.
"""

import select
import socket
import threading
from collections.abc import Callable, Sequence

from papa.connection import Connection, connect
from papa.endpoint import DEFAULT_TIMEOUT, EndpointLike, check_endpoint, show_endpoint
from papa.errors import CannotConnectError, Error, LostConnectionError, TimedOutError
from papa.requests import Request
from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import plural
from papa_protocol.words import Dialect, join_words, to_text

CONNECT_TIMEOUT = 3.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_HUNG_UP = getattr(select, "POLLRDHUP", select.POLLHUP)


class LostAfterSendingError(LostConnectionError):
    """A command that may change something was sent, and no reply came: nobody knows whether it ran."""


def check_line(words: Sequence[str]) -> str:
    """Return the line that shows whether a command that changes something has run."""
    command = COMMANDS.resolve(words).command
    rest = list(words[len(command.words) :])
    match command.words:
        case ("set",):
            checked = ["get", *rest[:1]]
        case ("make" | "acknowledge", kind):
            checked = ["list", plural(kind), *rest[:1]]
        case (_, kind):
            checked = ["list", kind, *rest]
        case _:
            checked = ["info"]
    return to_text(join_words(checked, Dialect.V2))


def may_have_run(words: Sequence[str], what: str) -> str:
    """Return the sentence for a command of which only the sending is known."""
    return f"{what}; it may have run; check with: {check_line(words)}"


def _request(words: Sequence[str]) -> Request[str]:
    # A value of dialect 1 may look like an error.
    return Request(tuple(words), lambda text, _: text, plain=words[0] == "get")


class Link:
    """Commands to one kernel, over one connection.

    Args:
        endpoint: a port or a path.
        timeout: seconds to wait for each reply.
        start: whether to start a kernel where none listens.
    """

    def __init__(self, endpoint: EndpointLike, timeout: float = DEFAULT_TIMEOUT, *, start: bool = False) -> None:
        self.endpoint = endpoint
        self.timeout = timeout
        self.start = start
        self.dialect = Dialect.V2
        self._connection: Connection | None = None
        self._down = False
        self._resting = True  # nothing is to be connected before it is needed
        self._lock = threading.Lock()
        self._changed: Callable[[], None] = lambda: None
        self._wakes: socket.socket | None = None  # wakes the thread; its end is the thread's

    @property
    def label(self) -> str:
        """The endpoint as people write it."""
        return show_endpoint(self.endpoint)

    @property
    def down(self) -> bool:
        """Whether the kernel was lost, or could not be reached, and has not been reached since."""
        return self._down

    def connect(self) -> None:
        """Connect where that has not been done.

        Raises:
            CannotConnectError: no kernel answers.
        """
        with self._lock:
            self._ready()

    def run(self, words: Sequence[str]) -> str:
        """Send a command, in full words, and return the text of its reply.

        Raises:
            CommandFailedError: the kernel said no.
            CannotConnectError: no kernel answers; nothing was sent.
            LostAfterSendingError: the connection ended before the reply; the command may have run.
            LostConnectionError: the same of a command that changes nothing.
            Error: the dialect cannot carry one of the words; nothing was sent.
        """
        with self._lock:
            try:
                return self._request(words)
            except TimedOutError as error:
                raise self._lost(words, f"no answer in {self.timeout:g} s after sending", error) from None
            except LostConnectionError as error:
                if not COMMANDS.resolve(words).command.reads_only:
                    raise self._lost(words, "lost the connection after sending", error) from None
                return self._request(words)

    def _request(self, words: Sequence[str]) -> str:
        connection = self._ready()
        try:
            text = connection.request(_request(words))
        except LostConnectionError:
            self._drop()
            raise
        except KeyboardInterrupt:
            self._drop(down=False)  # the reply may still come, and no later command may take it for its own
            raise
        if words[0] == "exit-if-idle" and text != "not idle":
            self._drop()  # the kernel ends with its last connection
            self._resting = True
        return text

    def _lost(self, words: Sequence[str], what: str, error: LostConnectionError) -> LostConnectionError:
        if COMMANDS.resolve(words).command.reads_only:
            return error
        return LostAfterSendingError(may_have_run(words, what))

    def _ready(self) -> Connection:
        """Return a connection over which nothing is under way; a lost one is noticed before anything is sent."""
        if self._connection is not None and _has_ended(self._connection):
            self._drop()
        if self._connection is None:
            try:
                self._install(self.open(may_start=self.start))
            except CannotConnectError:
                self._tell(down=True)
                raise
        assert self._connection is not None
        return self._connection

    def _install(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect
        self._resting = False
        self._tell(down=False)
        self._wake()

    def _drop(self, *, down: bool = True) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._tell(down=down)
        self._wake()

    def _tell(self, *, down: bool) -> None:
        if down is not self._down:
            self._down = down
            self._changed()

    def open(self, *, may_start: bool = False) -> Connection:
        """Return a connection of the caller's own.

        Raises:
            CannotConnectError: no kernel answers.
        """
        timeout = self.timeout if may_start else min(self.timeout, CONNECT_TIMEOUT)
        connection = connect(self.endpoint, timeout, may_start=may_start)
        connection.timeout = self.timeout
        return connection

    def follow(self, words: Sequence[str], connection: Connection | None = None) -> tuple[Connection, str]:
        """Begin a stream on a connection of its own, and return that and the first line of the reply.

        Args:
            words: the command in full words.
            connection: one that ``open`` returned; None opens one.

        Raises:
            Error: as for ``run``.
        """
        connection = connection or self.open(may_start=self.start)
        try:
            return connection, connection.begin(_request(words))
        except LostConnectionError as error:
            raise self._lost(words, "lost the connection after sending", error) from None
        except BaseException:
            connection.close()
            raise

    def move(self, endpoint: str | int) -> None:
        """Talk to the kernel at another endpoint from now on.

        Raises:
            Error: it is neither a port nor an absolute path.
        """
        checked = check_endpoint(endpoint)
        with self._lock:
            self._drop(down=False)
            self.endpoint = checked
            self._resting = True

    def close(self) -> None:
        """Close the connection, and end the thread; a later command opens another connection."""
        with self._lock:
            self._changed = lambda: None
            self._resting = True
            self._drop(down=False)
            if self._wakes is not None:
                self._wakes.close()
                self._wakes = None

    def _wake(self) -> None:
        if self._wakes is not None:
            self._wakes.send(b".")

    def reconnect_in_background(self, changed: Callable[[], None]) -> None:
        """Connect now, notice when the connection ends, and make it again; in a thread that ends with the program.

        Args:
            changed: called, in any thread, when ``down`` has changed.
        """
        self._changed = changed
        self._resting = False
        woken, self._wakes = socket.socketpair()
        threading.Thread(target=self._keep, args=(woken,), name="papa-repl-link", daemon=True).start()

    def _keep(self, woken: socket.socket) -> None:
        pause = _FIRST_PAUSE
        goes_on = True
        while goes_on:
            connection = self._connection
            if connection is not None:
                pause = _FIRST_PAUSE
                goes_on = self._await_end(connection, woken)
            elif self._resting:
                goes_on = _sleep(woken, None)
            elif not self._reconnect():
                goes_on = _sleep(woken, pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        woken.close()

    def _await_end(self, connection: Connection, woken: socket.socket) -> bool:
        """Wait until a connection ends or the thread is woken; return whether the thread is to go on."""
        poll = select.poll()
        poll.register(woken, select.POLLIN)
        try:
            poll.register(connection.socket, _HUNG_UP)
        except ValueError:
            return _sleep(woken, None)  # it has just been closed, and who did that wakes us
        if woken.fileno() in dict(poll.poll()):
            return bool(woken.recv(4096))
        with self._lock:
            if connection is self._connection:
                self._drop()
        return True

    def _reconnect(self) -> bool:
        endpoint = self.endpoint
        try:
            connection = self.open()
        except Error:
            self._tell(down=True)
            return False
        with self._lock:
            if self._connection is None and endpoint == self.endpoint and not self._resting:
                self._install(connection)
            else:
                connection.close()
        return True


def _sleep(woken: socket.socket, seconds: float | None) -> bool:
    """Let time pass; return whether the thread is to go on."""
    return not select.select([woken], [], [], seconds)[0] or bool(woken.recv(4096))


def _has_ended(connection: Connection) -> bool:
    """Whether the kernel has closed a connection on which no reply is due."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.socket, select.POLLIN)
    return bool(poll.poll(0))
