"""Who is at the other end of a connection.

A Unix socket tells (SO_PEERCRED, unix(7)). A TCP socket does not, but where both ends are on this machine the
system's table of sockets does (sock_diag(7)). It is asked for the one socket that is the other end, which takes
microseconds however many sockets there are.

In a user namespace all users that it does not know have one number (user_namespaces(7)), which tells nothing.
"""

import errno
import os
import socket
import struct
import sys

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLM_F_REQUEST = 1
_ALL_STATES = 0xFFFFFFFF
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence number, port
_REQUEST = struct.Struct("=BBBxI")  # family, protocol, extensions, states
_ENDS = struct.Struct("!HH16s16s")  # port and address of one end of each: ports first
_ANY_INTERFACE_AND_COOKIE = b"\0\0\0\0" + b"\xff" * 8
_USER_AND_INODE = struct.Struct("=II")
# Where they are in a reply: behind the header, family, state and timers, the ends with interface and cookie, and
# the time and lengths of the queues.
_ENDS_AT = _HEADER.size + 4
_USER_AT = _ENDS_AT + 48 + 12
_CREDENTIALS = struct.Struct("=iII")  # pid, uid, gid
# ESTABLISHED and CLOSE_WAIT, as TCP_INFO tells them: the other end has not gone, though it may send no more.
_OPEN = (1, 8)
_ALL_USERS = _MOST_QUESTIONS = 0xFFFFFFFF
# As in a sandbox, or by RestrictAddressFamilies= of systemd.
_NO_TABLE = (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EPERM, errno.EACCES)
_USERS = "/proc/self/uid_map"
_STRANGER = "/proc/sys/kernel/overflowuid"


class UnknownPeerError(Exception):
    """It cannot be told who is at the other end; the text says why."""


def can_tell(family: int) -> bool:
    """Whether this system tells who is at the other end of a connection of an address family."""
    if sys.platform != "linux" or family == socket.AF_UNIX:
        return sys.platform == "linux"
    table = _open_table()
    if table is None:
        return False
    table.close()
    return True


def _open_table() -> socket.socket | None:
    """Return a socket that asks the system's table of sockets, or None where there is none or papa may not ask it."""
    if sys.platform != "linux":
        return None
    try:
        table = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG)
    except OSError as error:
        if error.errno in _NO_TABLE:
            return None
        raise
    table.setblocking(False)
    return table


def find_stranger() -> int | None:
    """Return the number that stands for every user whom this user namespace does not know; None where there is none."""
    if sys.platform != "linux":
        return None
    try:
        with open(_USERS, "rb") as users, open(_STRANGER, "rb") as stranger:
            return None if sum(int(line.split()[2]) for line in users) >= _ALL_USERS else int(stranger.read())
    except OSError:  # no /proc
        return 65534


class Credentials:
    """Looks up who is at the other end of connections."""

    def __init__(self) -> None:
        self._stranger = find_stranger()
        self._questions = 0
        self._table = _open_table()

    def peer_uid(self, sock: socket.socket) -> int:
        """Return the number of the user at the other end of a connection, right after it was accepted.

        Raises:
            UnknownPeerError: the peer has gone, or the system does not tell.
        """
        try:
            uid = _unix_uid(sock) if sock.family == socket.AF_UNIX else self._tcp_uid(sock)
        except OSError as error:
            raise UnknownPeerError(os.strerror(error.errno or 0).lower()) from None
        if uid == self._stranger:
            raise UnknownPeerError("the kernel's user namespace does not know you")
        return uid

    def _tcp_uid(self, sock: socket.socket) -> int:
        if self._table is None:
            raise UnknownPeerError("this system does not tell who it is")
        ends = _ends(sock)
        answer = self._ask(self._table, sock.family, ends)
        if len(answer) < _USER_AT + _USER_AND_INODE.size or answer[_ENDS_AT : _ENDS_AT + len(ends)] != ends:
            raise UnknownPeerError("it has gone")
        uid, inode = _USER_AND_INODE.unpack_from(answer, _USER_AT)
        # A socket that no program holds any more has no inode, and older systems give it to user 0.
        if not inode or sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] not in _OPEN:
            raise UnknownPeerError("it has gone")
        return int(uid)

    def _ask(self, table: socket.socket, family: int, ends: bytes) -> bytes:
        """Return what the system's table tells of a socket with these ends."""
        self._questions = (self._questions + 1) % _MOST_QUESTIONS
        table.send(_question(family, ends, self._questions))
        answer = table.recv(4096)
        # Earlier ones may be there, which there was no memory to read.
        while _HEADER.unpack_from(answer)[3] != self._questions:
            answer = table.recv(4096)
        return answer


def _unix_uid(sock: socket.socket) -> int:
    if sys.platform != "linux":
        return os.geteuid()  # the mode of the path lets nobody else in
    pid, uid, _gid = _CREDENTIALS.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    if pid == 0 and uid != os.geteuid():
        raise UnknownPeerError("it is in another PID namespace")
    return int(uid)


def _ends(sock: socket.socket) -> bytes:
    """Return the ends of a connection as its other end has them: its own first."""
    (theirs, their_port), (ours, our_port) = sock.getpeername()[:2], sock.getsockname()[:2]
    addresses = (socket.inet_pton(sock.family, address) for address in (theirs, ours))
    return _ENDS.pack(their_port, our_port, *addresses)


def _question(family: int, ends: bytes, number: int) -> bytes:
    request = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, _ALL_STATES) + ends + _ANY_INTERFACE_AND_COOKIE
    size = _HEADER.size + len(request)
    return _HEADER.pack(size, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, number, 0) + request
