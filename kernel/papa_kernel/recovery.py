"""Going on after a kernel that ended without a word, from its journal and the descriptors that it left."""

import os
from collections.abc import Collection, Iterable

from papa_kernel.listener import Endpoint
from papa_kernel.process import Process
from papa_kernel.replay import Replay
from papa_kernel.saved import read, readable
from papa_kernel.store import Left, Store
from papa_kernel.unfinished import find_started

ENDPOINT = "endpoint"  # what the records of a journal are called that describe one


def tidy(replay: Replay, left: Left, guardian: int) -> None:
    """Bring what a journal tells in line with what was left.

    A pipe that was let go of right before the end may still be named; and of a process that was about to be started it
    is not known whether it was.

    Args:
        replay: the journal.
        left: what was left.
        guardian: the PID of the guardian, 0 where there is none.
    """
    for name, saved in list(replay.sockets.items()):
        if saved["fd"] not in left.numbers:
            del replay.sockets[name]
    for process in list(replay.processes.values()):
        process.pipes = {fd: kind for fd, kind in process.pipes.items() if fd in left.numbers}
        if not process.pid:
            _find_started(process, replay, guardian)


def _find_started(process: Process, replay: Replay, guardian: int) -> None:
    known = {each.pid for each in replay.processes.values()}
    process.pid = find_started(replay.begun[process.number], process.pipes, known, guardian)
    if process.pid:
        replay.listed.add(process.number)
    else:
        del replay.processes[process.number]


def close_forgotten(replay: Replay, left: Left, endpoints: set[int], store: Store) -> None:
    """Close what was left and nothing needs."""
    needed = {saved["fd"] for saved in replay.sockets.values()} | endpoints
    for process in replay.processes.values():
        needed.update(process.pipes)
    running = {process.number for process in replay.processes.values() if process.running}
    _close(left, store, left.numbers - needed, left.processes.keys() - running)
    for number, fd in left.journals.items():
        os.close(fd)
        if number < max(left.journals):
            store.drop_journal(number)


def _close(left: Left, store: Store, numbers: Collection[int], processes: Collection[int]) -> None:
    for fd in sorted(numbers):
        os.close(fd)
        left.numbers.remove(fd)
    for number in sorted(processes):
        os.close(left.processes.pop(number))
        store.drop_process(number)
    store.drop(*sorted(numbers))


def take_stock(left: Left, store: Store) -> None:
    """Let a store know what it has, and close that where there is no journal to tell what it is for.

    A kernel that ended so early held nothing yet, but its endpoints would be in the way.
    """
    store.go_on(left.names)
    if left.names and not left.journals:
        _close(left, store, set(left.numbers), set(left.processes))
        store.settle()


def read_endpoints(left: Left) -> list[Endpoint]:
    """Return the endpoints that the last kernel had bound, where they were left.

    Raises:
        StateError: this version of papa cannot read the journal.
    """
    journal = left.journals[max(left.journals)] if left.journals else None
    with readable():
        saved = [record.fields for record in read(journal, torn=True) if record.kind == ENDPOINT] if journal else []
        return [Endpoint.restored(each) for each in saved if each["ours"] and each["fd"] in left.numbers]


def find_left(endpoints: Iterable[Endpoint], place: str | int) -> Endpoint | None:
    """Return the endpoint at a path or a port, any port for 0; None where there is none."""
    for endpoint in endpoints:
        port = "" if endpoint.name.startswith("/") else endpoint.name.rpartition(":")[2]
        if place in (endpoint.name, int(port or -1)) or (place == 0 and port):
            return endpoint
    return None


def close_endpoint(endpoint: Endpoint, left: Left, store: Store) -> None:
    """Close an endpoint that the last kernel had bound."""
    fd = endpoint.socket.fileno()
    endpoint.close()
    left.numbers.remove(fd)
    store.drop(fd)
