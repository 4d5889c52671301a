"""The limit of a server in Python: one epoll loop that looks up each line's reply, and does nothing else.

Run as a script with ``-p PORT`` or ``-u PATH``; it sends a prompt as greeting, like a kernel.
"""

import select
import socket
import sys

REPLIES = {b"get a": b"b\n> "}
OTHER = b"\n> "


class Client:
    """A connection, and the beginning of a line that it has sent."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.rest = b""

    def answer(self) -> bool:
        """Answer the lines that have arrived; return whether more may come."""
        data = self.sock.recv(65536)
        if not data:
            return False
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.sock.sendall(b"".join([REPLIES.get(line, OTHER) for line in lines]))
        return True


def listen(option: str, where: str) -> socket.socket:
    if option == "-u":
        server = socket.socket(socket.AF_UNIX)
        server.bind(where)
    else:
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", int(where)))
    server.listen(1024)
    return server


def accept(server: socket.socket) -> socket.socket:
    client, _ = server.accept()
    if client.family == socket.AF_INET:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(b"> ")
    return client


def serve(server: socket.socket) -> None:
    poll = select.epoll()
    poll.register(server, select.EPOLLIN)
    clients: dict[int, Client] = {}
    while True:
        for fd, _ in poll.poll():
            if fd == server.fileno():
                client = accept(server)
                clients[client.fileno()] = Client(client)
                poll.register(client, select.EPOLLIN)
            elif not clients[fd].answer():
                clients.pop(fd).sock.close()


if __name__ == "__main__":
    serve(listen(sys.argv[1], sys.argv[2]))
