"""The limit of a server in Python: one epoll loop that answers each line with the same reply, in one operation.

Run as a script with ``-p PORT`` or ``-u PATH``; it sends a prompt as greeting, like a kernel.
"""

import select
import socket
import sys

REPLY = b"b\n> "


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
    clients: dict[int, socket.socket] = {}
    while True:
        for fd, _ in poll.poll():
            if fd == server.fileno():
                client = accept(server)
                clients[client.fileno()] = client
                poll.register(client, select.EPOLLIN)
            elif data := clients[fd].recv(65536):
                clients[fd].sendall(REPLY * data.count(b"\n"))
            else:
                clients.pop(fd).close()


if __name__ == "__main__":
    serve(listen(sys.argv[1], sys.argv[2]))
