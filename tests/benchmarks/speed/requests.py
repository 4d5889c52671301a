"""Requests and replies: round trips, pipelined requests, many clients."""

import select
import socket
import time

from benchmarks.speed.quantiles import part
from benchmarks.speed.sharing import one_cpu
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.subjects import Kernel, Subject, running
from benchmarks.speed.wire import ANSWER_WITHIN, WireError

Found = dict[str, float]
PROMPT = b">"  # in no greeting's end and in no reply but as the prompt: counting it needs no look across reads


def round_trips(subject: Subject, sizes: Sizes, *, tcp: bool) -> Found:
    """Ask and wait, with one client."""
    found: Found = {}
    over = "tcp" if tcp else "unix"
    with running(subject, tcp=tcp) as kernel:
        for command in (b"set a b", b"get a"):
            times = trip_times(kernel, command + b"\n", sizes.round_trips)
            name = f"round-trip.{over}.{command[:3].decode()}"
            found |= {name: part(times, 0.5) * 1e6, f"{name}.p99": part(times, 0.99) * 1e6}
    return found


def trip_times(kernel: Kernel, line: bytes, count: int) -> list[float]:
    """Return the seconds of round trips, after a tenth as many to warm up."""
    with one_cpu(kernel.pid):
        sock = kernel.connect().sock
        clock, send, receive = time.perf_counter, sock.send, sock.recv
        times = []
        for _ in range(count + count // 10):
            started = clock()
            send(line)
            while not receive(4096).endswith(b"> "):
                pass
            times.append(clock() - started)
    sock.close()
    return times[count // 10 :]


def pipelined(subject: Subject, sizes: Sizes, *, tcp: bool) -> Found:
    """Send many requests without waiting, and count prompts."""
    with running(subject, tcp=tcp) as kernel:
        wire = kernel.connect()
        wire.ask(b"set a b")
        _pipeline(wire.sock, b"get a\n" * (sizes.pipelined // 10))
        seconds = _pipeline(wire.sock, b"get a\n" * sizes.pipelined)
    return {f"pipelined.{'tcp' if tcp else 'unix'}": sizes.pipelined / seconds}


def _pipeline(sock: socket.socket, requests: bytes) -> float:
    """Return the seconds from the first byte sent to the last prompt received."""
    sock.setblocking(False)
    poll, unsent, buffer = select.poll(), memoryview(requests), bytearray(1 << 18)
    poll.register(sock, select.POLLIN | select.POLLOUT)
    missing, started = requests.count(b"\n"), time.perf_counter()
    while missing > 0:
        ready = poll.poll(ANSWER_WITHIN * 1000)
        if not ready:
            raise WireError("no replies")
        if ready[0][1] & select.POLLIN:
            missing -= _count_prompts(sock, buffer)
        if unsent and ready[0][1] & select.POLLOUT:
            unsent = unsent[sock.send(unsent) :]
            if not unsent:
                poll.modify(sock, select.POLLIN)
    return time.perf_counter() - started


def _count_prompts(sock: socket.socket, buffer: bytearray) -> int:
    size = sock.recv_into(buffer)
    if not size:
        raise WireError("the kernel closed the connection")
    return buffer.count(PROMPT, 0, size)


def many_clients(subject: Subject, sizes: Sizes) -> Found:
    """Have each of many clients ask and wait."""
    with running(subject, tcp=True) as kernel:
        kernel.connect().ask(b"set a b")
        times, seconds = lock_step(kernel, sizes.clients, sizes.clients_seconds)
    return {"clients": len(times) / seconds, "clients.p99": part(times, 0.99) * 1e3}


def lock_step(kernel: Kernel, count: int, seconds: float) -> tuple[list[float], float]:
    """Return the seconds of each round trip of all clients, and how long they asked."""
    clients = {wire.sock.fileno(): wire for wire in (kernel.connect() for _ in range(count))}
    poll, clock = select.epoll(), time.perf_counter
    times: list[float] = []
    started = clock()
    sent = dict.fromkeys(clients, started)
    for fd, wire in clients.items():
        poll.register(fd, select.EPOLLIN)
        wire.sock.send(b"get a\n")
    while clock() < started + seconds:
        for fd, _ in poll.poll(ANSWER_WITHIN):
            if clients[fd].sock.recv(4096).endswith(b"> "):
                now = clock()
                times.append(now - sent[fd])
                sent[fd] = now
                clients[fd].sock.send(b"get a\n")
    elapsed = clock() - started
    for wire in clients.values():
        wire.finish()
    return times, elapsed
