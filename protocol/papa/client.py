"""The blocking client."""

import os
from collections.abc import Mapping, Sequence
from typing import Literal, Self, overload

from papa import endpoint as endpoints
from papa import requests
from papa.connection import Connection, connect
from papa.endpoint import EndpointLike, defaults, resolve_endpoint
from papa.requests import Limit, ProcessOptions, Request, T, Value
from papa.watcher import Tail, Watcher
from papa_protocol.model import KernelInfo, ProcessInfo, SocketInfo


class Papa:
    """A client of a kernel.

    It connects at once, and starts a kernel where none listens. The command that loses the connection raises
    LostConnectionError; the next one connects again, but never starts another kernel, and nothing is ever sent
    twice. An object is for one thread at a time; after a fork the child's connects anew, and watchers and tails
    stay the parent's.

    Every command raises LostConnectionError where the kernel is gone before its reply (TimedOutError: the reply
    is late), and CannotConnectError where a lost connection cannot be made anew. Where the kernel says no, it
    raises CommandFailedError; the commands below say for what.

    Args:
        port_or_path: a port of 127.0.0.1 or the absolute path of a Unix socket; None takes the default
            (``set_default_port``, ``set_default_path``), else PAPA_ENDPOINT, else port 20202.
        connection_timeout: seconds to wait for a connection and for each reply; None takes the default, 10.
        start: whether to start a kernel where none listens.

    Raises:
        CannotConnectError: no kernel answers and none can be started.
    """

    # papa 1.0 has them here too.
    set_debug_mode = staticmethod(endpoints.set_debug_mode)
    set_default_connection_timeout = staticmethod(endpoints.set_default_connection_timeout)
    set_default_path = staticmethod(endpoints.set_default_path)
    set_default_port = staticmethod(endpoints.set_default_port)

    def __init__(
        self,
        port_or_path: EndpointLike | os.PathLike[str] | None = None,
        connection_timeout: float | None = None,
        *,
        start: bool = True,
    ) -> None:
        self._endpoint = resolve_endpoint(port_or_path)
        self._timeout = defaults.timeout if connection_timeout is None else connection_timeout
        self._idle: Connection | None = connect(self._endpoint, self._timeout, may_start=start)
        self._owner = os.getpid()
        self._open = True

    def _connection(self) -> Connection:
        if self._owner != os.getpid():  # after a fork: each would be given the other's replies
            self.close()
            self._owner = os.getpid()
        if self._idle is None or self._idle.closed:
            self._idle = connect(self._endpoint, self._timeout, may_start=False)
            self._open = True
        return self._idle

    def _do(self, request: Request[T]) -> T:
        return self._connection().request(request)

    def _give_back(self, connection: Connection) -> None:
        if self._idle is None and self._open:
            self._idle = connection
        else:
            connection.close()

    def _begin(self, request: Request[T]) -> Connection:
        """Lend the connection to a stream; the next command opens another."""
        connection = self._connection()
        connection.begin(request)
        self._idle = None
        return connection

    def fileno(self) -> int:
        """Return the descriptor of the connection; one that is closed is made anew."""
        return self._connection().socket.fileno()

    def close(self) -> None:
        """Close the connection; a later command opens another."""
        self._open = False
        if self._idle is not None:
            self._idle.close()
            self._idle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def list_sockets(self, *names: str | int) -> dict[str, SocketInfo]:
        """Return the sockets with these names, patterns (``web.*``) or file numbers; all where none is given.

        Returns:
            Their facts by name; what is not there is left out.
        """
        return self._do(requests.list_sockets([str(name) for name in names]))

    def make_socket(  # noqa: PLR0917 - papa 1.0's order
        self,
        name: str,
        host: str | None = None,
        port: int | None = None,
        family: int | str | None = None,
        socket_type: int | str | None = None,
        backlog: int | None = None,
        path: str | None = None,
        umask: int | str | None = None,
        interface: str | None = None,
        reuseport: bool | None = None,
    ) -> SocketInfo:
        """Create a socket, bound and listening, that processes can use; or return it if it is there.

        Args:
            name: what to call it.
            host: an address or a name of the hosts file; 127.0.0.1 (::1), or with ``interface`` 0.0.0.0 (::).
            port: 0 or None lets the system choose.
            family: ``socket.AF_INET``, ``AF_INET6``, ``AF_UNIX`` or ``"inet"``, ``"inet6"``, ``"unix"``.
            socket_type: ``socket.SOCK_STREAM`` and so on, or ``"stream"``, ``"dgram"``.
            backlog: how many connections may wait; 5.
            path: an absolute path, for a Unix socket.
            umask: the file mode mask while the path is bound.
            interface: the one network interface to bind to.
            reuseport: give each process a socket of its own on the same port.

        Returns:
            The socket's facts: ``family``, ``type``, ``port``, ``fileno`` and so on.

        Raises:
            CommandFailedError: it cannot be made, or is there with other parameters.
        """
        return self._do(
            requests.make_socket(name, host, port, family, socket_type, backlog, path, umask, interface, reuseport)
        )

    def remove_sockets(self, *names: str | int) -> bool:
        """Close sockets by name, pattern or file number; ``"*"`` closes all. Processes keep theirs.

        Raises:
            CommandFailedError: one of the names is unknown, or none is given.
        """
        return self._do(requests.remove("sockets", [str(name) for name in names]))

    def list_values(self, *names: str) -> dict[str, str]:
        """Return the values with these names or patterns; all where none is given.

        Returns:
            Their texts by name; what is not there is left out.
        """
        return self._do(requests.list_values(names))

    def set(self, name: str, value: Value | None = None) -> None:
        """Set a value, or forget it.

        Args:
            name: what it is called.
            value: a text; a number becomes one. An empty text is a value too; None forgets the value.

        Raises:
            CommandFailedError: a limit is met.
            Error: it has a NUL character, or a papa 1.0 kernel cannot hold the text (empty, with line breaks,
                ending in a backslash).
        """
        connection = self._connection()
        connection.request(requests.set_value(name, value, connection.dialect))

    def get(self, name: str) -> str | None:
        """Return a value, or None where there is none."""
        return self._do(requests.get_value(name))

    def remove_values(self, *names: str) -> bool:
        """Forget values by name or pattern; what is not there is passed over, and all at once is refused.

        Raises:
            CommandFailedError: no name is given, or ``"*"``.
        """
        return self._do(requests.remove("values", names))

    def list_processes(self, *names: str | int) -> dict[str, ProcessInfo]:
        """Return the processes with these names, patterns or PIDs; all where none is given.

        Returns:
            Their facts by name; what is not there is left out.
        """
        return self._do(requests.list_processes([str(name) for name in names]))

    @overload
    def make_process(
        self,
        name: str,
        executable: str | None = None,
        args: str | Sequence[object] | None = None,
        env: Mapping[str, str] | None = None,
        working_dir: str | None = None,
        uid: int | str | None = None,
        gid: int | str | None = None,
        rlimits: Mapping[str, Limit] | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        bufsize: int | str | None = None,
        watch_immediately: Literal[False] | None = None,
        *,
        linger: str | None = None,
        shell: bool | None = None,
        listen: str | Sequence[str] | None = None,
    ) -> ProcessInfo: ...

    @overload
    def make_process(
        self,
        name: str,
        executable: str | None = None,
        args: str | Sequence[object] | None = None,
        env: Mapping[str, str] | None = None,
        working_dir: str | None = None,
        uid: int | str | None = None,
        gid: int | str | None = None,
        rlimits: Mapping[str, Limit] | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        bufsize: int | str | None = None,
        *,
        watch_immediately: Literal[True],
        linger: str | None = None,
        shell: bool | None = None,
        listen: str | Sequence[str] | None = None,
    ) -> Watcher: ...

    def make_process(  # noqa: PLR0917 - papa 1.0's order
        self,
        name: str,
        executable: str | None = None,
        args: str | Sequence[object] | None = None,
        env: Mapping[str, str] | None = None,
        working_dir: str | None = None,
        uid: int | str | None = None,
        gid: int | str | None = None,
        rlimits: Mapping[str, Limit] | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        bufsize: int | str | None = None,
        watch_immediately: bool | None = None,
        *,
        linger: str | None = None,
        shell: bool | None = None,
        listen: str | Sequence[str] | None = None,
    ) -> ProcessInfo | Watcher:
        """Start a process and keep its output; or return the one that is there.

        Args:
            name: what to call it.
            executable: the program; None takes the first of ``args``.
            args: its arguments; a single text is one argument. ``$(socket.NAME.fileno)`` and
                ``$(socket.NAME.port)`` stand for the numbers of a held socket.
            env: the whole environment; None leaves it empty.
            working_dir: an absolute path.
            uid: the user to run as, by number or name, with that user's groups.
            gid: the group to run as.
            rlimits: resource limits, such as ``{"nofile": 1024}``, ``{"nofile": (1024, 4096)}`` (soft and hard) or
                ``{"core": "unlimited"}``.
            stdout: ``papa.PIPE``, captured, which is the default; or ``papa.DEVNULL``.
            stderr: ``papa.PIPE``, ``papa.DEVNULL`` or ``papa.STDOUT``, where standard output goes.
            bufsize: how much output is kept until it is acknowledged, in bytes or as ``"2m"``; 1 MiB.
            watch_immediately: return a Watcher, in the same round trip.
            linger: ``"eof"`` reports the end only once nothing holds the output open.
            shell: run the words, joined by spaces, as one line of /bin/sh.
            listen: names of held sockets, which the program finds as sd_listen_fds(3) says: at descriptors
                3, 4 and so on, with LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES in its environment.

        Returns:
            The process' facts: ``pid``, ``running``, ``started`` and so on; or a Watcher.

        Raises:
            CommandFailedError: it cannot be started, or is there with other parameters.
        """
        options = ProcessOptions(
            executable, args, env, working_dir, uid, gid, rlimits, stdout, stderr, bufsize, linger, shell, listen
        )  # fmt: skip
        if not watch_immediately:
            return self._do(requests.make_process(name, options))
        connection = self._begin(requests.make_process(name, options, watch=True))
        return Watcher(connection, self._give_back, consumes=True)

    def remove_processes(self, *names: str | int) -> bool:
        """Forget processes by name, pattern or PID; ``"*"`` forgets all. They keep running.

        Raises:
            CommandFailedError: one of the names is unknown, or none is given.
        """
        return self._do(requests.remove("processes", [str(name) for name in names]))

    def watch_processes(self, *names: str | int) -> Watcher:
        """Receive the output of processes by name, pattern or PID, and consume it; all where none is given.

        Raises:
            CommandFailedError: one of the names is unknown, or there is nothing to watch.
        """
        connection = self._begin(requests.follow("watch", [str(name) for name in names]))
        return Watcher(connection, self._give_back, consumes=True)

    def tail_processes(self, *names: str | int) -> Tail:
        """Receive the output of processes by name, pattern or PID, without consuming it; ``"*"`` stands for all.

        Raises:
            CommandFailedError: one of the names is unknown, none is given, there is nothing to tail, or the kernel
                is papa 1.0.
        """
        connection = self._begin(requests.follow("tail", [str(name) for name in names]))
        return Tail(connection, self._give_back, consumes=False)

    def acknowledge_processes(self, name: str | int, upto: int) -> bool:
        """Release the output of a process up to a position; where its end is released too, it leaves the list.

        Args:
            name: the process, by name or PID.
            upto: a ``position``, as the records of tails carry it.

        Raises:
            CommandFailedError: there is no such process, or the position is beyond its output.
        """
        return self._do(requests.acknowledge_processes(str(name), upto))

    def info(self) -> KernelInfo:
        """Return the kernel's version, pid, uptime, endpoints, counts and bytes held.

        Raises:
            CommandFailedError: the kernel is papa 1.0.
        """
        return self._do(requests.info())

    def upgrade(self) -> str:
        """Replace the running kernel by the installed code; whatever it holds, and every connection, goes on.

        Returns:
            Which version goes on in place of which.

        Raises:
            CommandFailedError: the installed code cannot take over, and the kernel goes on as it was; or it is
                papa 1.0.
        """
        return self._do(requests.upgrade())

    def exit_if_idle(self) -> bool:
        """Ask the kernel to end, once the last connection has closed, if it holds nothing; return whether it will."""
        return self._do(requests.exit_if_idle())
