"""The first line of a watch arrives alone, for programs that wait for a watcher's descriptor, as circus does.

papa 1.0.6's client keeps to itself what comes together with that line; its descriptor then stays silent.
"""

import select
import socket
import threading
import time

import papa
from support.kernels import KernelProcess
from support.watching import make, wait_until_buffered
from support.wire import TIMEOUT, Wire


def test_the_kernel_holds_the_first_batch_back_for_papa_1_0(kernel: KernelProcess, wire: Wire) -> None:
    make(wire, "p", "echo one; exec sleep 100")
    wait_until_buffered(wire, "p", 4)
    begun = time.monotonic()

    wire.send("watch processes p\n")
    first = wire.read_until(b"\n")
    wire.batch()

    assert first == b"Watching 1\n"
    assert time.monotonic() - begun >= 0.05


def test_our_client_leaves_in_the_socket_what_comes_with_the_first_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as connection:
                connection.sendall(b"hello\n> ")
                connection.recv(1000)
                connection.sendall(b"Error: Unknown command\n> ")
                connection.recv(1000)
                connection.sendall(b"Watching 1\nout:p:1.5:4\none\n\n] ")
                connection.recv(1000)

        thread = threading.Thread(target=serve)
        thread.start()
        with papa.Papa(listener.getsockname()[1], TIMEOUT) as client:
            watcher = client.watch_processes("p")
            selected = select.select([watcher], [], [], TIMEOUT)[0]
            batch = watcher.read()
            watcher.abandon()
        thread.join()

    assert selected == [watcher]
    assert [record.data for record in batch[0]] == [b"one\n"]
