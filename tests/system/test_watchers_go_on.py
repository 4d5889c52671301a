"""Several watchers of one process, by every client and dialect, while the kernel is upgraded and when it crashes."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from papa import Papa
from papa.aio import AsyncPapa
from support.clients import Driven
from support.gates import Gate
from support.guarded import GuardedKernel
from support.upgrades import upgrade
from support.watching import begin, make, texts, wait_until_buffered
from support.wire import Wire

ALL = b"one\ntwo\nthree\n"


class Bare:
    """A watcher over a bare connection."""

    def __init__(self, endpoint: str, dialect: int, stack: ExitStack) -> None:
        self._wire = stack.enter_context(Wire(endpoint))
        self._wire.command(f"protocol {dialect}")
        begin(self._wire, "watch processes y")
        self._acknowledges = False

    def read(self) -> bytes:
        """Return the next batch; the one before counts as acknowledged."""
        if self._acknowledges:
            self._wire.send("\n")
        self._acknowledges = True
        return b"".join(texts(self._wire.batch()))


class Client:
    """A watcher of one of our clients."""

    def __init__(self, papa: Papa | Driven, stack: ExitStack) -> None:
        stack.enter_context(papa)
        self._watcher = papa.watch_processes("y")
        stack.callback(self._watcher.abandon)  # there may be no kernel any more that could be told

    def read(self) -> bytes:
        """Return the next batch; the one before counts as acknowledged."""
        out, _err, closed = self._watcher.read()
        return b"".join(record.data for record in out) + b"closed" * len(closed)


Watch = Callable[[], list[Bare | Client]]


@pytest.fixture
def watch(guarded: GuardedKernel) -> Iterator[Watch]:
    """Begin to watch the process y by every client and dialect."""
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())

        def begin_all() -> list[Bare | Client]:
            path = guarded.path
            clients = Papa(path), Driven(runner, AsyncPapa(path))
            return [Bare(path, 1, stack), Bare(path, 2, stack), *(Client(each, stack) for each in clients)]

        yield begin_all


@pytest.fixture
def wire(guarded: GuardedKernel) -> Iterator[Wire]:
    with guarded.connect() as connection:
        yield connection


def make_writer(wire: Wire, gate: Gate) -> None:
    make(wire, "y", f"echo one; {gate.wait}; echo two; {gate.wait}; echo three; {gate.wait}; exit 3")


def read_some(watchers: list[Bare | Client], wire: Wire, gate: Gate) -> list[bytes]:
    """Have every watcher read one line, and every other one acknowledge it and read another; return what they have."""
    wait_until_buffered(wire, "y", 4)
    had = [watcher.read() for watcher in watchers]
    gate.open()
    return [text + (watchers[index].read() if index % 2 else b"") for index, text in enumerate(had)]


def read_until(watcher: Bare | Client, text: bytes, end: bytes) -> bytes:
    """Return what a watcher has, and reads until it has the end."""
    while not text.endswith(end):
        text += watcher.read()
    return text


def test_an_upgrade_repeats_nothing_and_loses_nothing(wire: Wire, watch: Watch, gate: Gate) -> None:
    make_writer(wire, gate)
    watchers = watch()
    had = read_some(watchers, wire, gate)
    assert had == [b"one\n", b"one\ntwo\n"] * 2

    upgrade(wire)
    gate.open()
    had = [read_until(watcher, text, b"three\n") for watcher, text in zip(watchers, had, strict=True)]
    upgrade(wire)
    gate.open()

    assert [read_until(*each, b"closed") for each in zip(watchers, had, strict=True)] == [ALL + b"closed"] * 4


def test_after_a_crash_all_begin_where_the_slowest_was(
    guarded: GuardedKernel, wire: Wire, watch: Watch, gate: Gate
) -> None:
    make_writer(wire, gate)
    read_some(watch(), wire, gate)

    with guarded.crash_and_connect():
        watchers = watch()
        gate.open()
        gate.open()

        assert [read_until(each, b"", b"closed") for each in watchers] == [ALL + b"closed"] * 4


def test_what_one_acknowledges_before_another_is_back_is_gone(
    guarded: GuardedKernel,
    wire: Wire,
    watch: Watch,
    gate: Gate,
) -> None:
    make_writer(wire, gate)
    read_some(watch(), wire, gate)

    with guarded.crash_and_connect() as again, ExitStack() as stack:
        first = Bare(guarded.path, 2, stack)
        assert read_until(first, b"", b"two\n") == b"one\ntwo\n"
        gate.open()
        assert first.read() == b"three\n"
        late = Bare(guarded.path, 2, stack)
        assert late.read() == b"three\n"
        assert again.command("get a") == ""
