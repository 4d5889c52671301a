"""Reading pipes, and processes that wait for their watchers; the clock stands still unless told."""

import os
from collections.abc import Callable, Iterator

import pytest

from papa_kernel import capture as module
from papa_kernel.capture import Capture
from papa_kernel.cursor import Cursor
from papa_kernel.journal import Journal
from papa_kernel.loop import Deadline
from papa_kernel.pace import PATIENCE, Pace
from papa_kernel.process import Process
from papa_kernel.shares import Shares
from papa_kernel.users import find_identity
from papa_protocol.model import ProcessSpec
from papa_protocol.watch import Kind

BUFSIZE = 1000
EVERYTHING = 1 << 30


class Clock:
    """Seconds that pass when a test says so; it stands in for the module ``time``."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now


class FakeLoop:
    """Knows which descriptors are watched, and what is due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.watched: dict[int, Callable[[int], None]] = {}
        self.due: list[tuple[float, Deadline]] = []

    def watch(self, fd: int, mask: int, callback: Callable[[int], None]) -> None:
        assert mask
        self.watched[fd] = callback

    def unwatch(self, fd: int) -> None:
        self.watched.pop(fd, None)

    def call_at(self, when: float, callback: Callable[[], None]) -> Deadline:
        self.due.append((when, Deadline(callback, lambda: None)))
        return self.due[-1][1]

    def turn(self) -> None:
        """Read whatever is watched, then call what is due."""
        for fd, callback in list(self.watched.items()):
            if fd in self.watched:
                callback(1)
        due = [deadline for when, deadline in self.due if when <= self._clock.now]
        self.due = [(when, deadline) for when, deadline in self.due if when > self._clock.now]
        for deadline in due:
            deadline.callback()


class Scene:
    """A process that writes to two pipes, and what reads them."""

    def __init__(self, clock: Clock, bufsize: int = BUFSIZE) -> None:
        self.clock = clock
        self.loop = FakeLoop(clock)
        self.ends: list[Process] = []
        shares = Shares(EVERYTHING, list, lambda _: None)
        self.capture = Capture(self.loop, lambda _: None, shares, self.ends.append, Journal())  # type: ignore[arg-type]
        self.process = Process(1, "y", ProcessSpec(("true",), bufsize=bufsize), find_identity("", ""))
        self.writing: list[int] = []
        for kind in (Kind.OUT, Kind.ERR):
            reading, writing = os.pipe2(os.O_NONBLOCK)
            self.process.pipes[reading] = kind
            self.writing.append(writing)
        self.capture.begin(self.process)

    def watch(self) -> Cursor:
        pace = Pace()
        pace.sent(self.clock.now)
        return self.process.ring.attach(lambda: None, pace)

    def write(self, count: int) -> None:
        os.write(self.writing[0], b"x" * count)

    def close(self) -> None:
        for fd in (*self.writing, *self.process.pipes):
            os.close(fd)

    @property
    def waits(self) -> bool:
        assert len(self.loop.watched) in (0, len(self.process.pipes))
        return not self.loop.watched


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    scene = Scene(clock)
    yield scene
    scene.close()


@pytest.fixture
def reading(scene: Scene) -> Cursor:
    """A watcher that has more to read than is good."""
    reading = scene.watch()
    scene.write(3000)
    while not scene.waits:
        scene.loop.turn()
    return reading


def test_a_process_waits_for_its_watcher_with_both_pipes(scene: Scene, reading: Cursor) -> None:
    assert BUFSIZE / 2 < scene.process.ring.end <= BUFSIZE
    assert scene.process.ring.dropped == 0


def test_it_goes_on_when_the_watcher_acknowledges_and_nothing_is_dropped(scene: Scene, reading: Cursor) -> None:
    while scene.process.ring.end < 3000:
        reading.take(EVERYTHING)
        reading.acknowledge()
        scene.capture.review(scene.process)
        assert not scene.waits
        scene.loop.turn()

    assert scene.process.ring.dropped == 0


def test_it_goes_on_when_the_watcher_leaves(scene: Scene, reading: Cursor) -> None:
    reading.detach()

    scene.capture.review(scene.process)

    assert not scene.waits


def test_it_goes_on_when_its_output_is_thrown_away(scene: Scene, reading: Cursor) -> None:
    scene.process.discards = True

    scene.capture.review(scene.process)

    assert not scene.waits


def test_it_goes_on_waiting_while_nothing_has_changed(scene: Scene, reading: Cursor) -> None:
    scene.capture.review(scene.process)

    assert scene.waits


def test_it_goes_on_when_the_watcher_is_late(scene: Scene, reading: Cursor) -> None:
    scene.clock.now += PATIENCE / 2
    scene.loop.turn()
    assert scene.waits

    scene.clock.now += PATIENCE / 2
    scene.loop.turn()
    scene.loop.turn()

    assert scene.process.ring.end == 3000
    assert scene.process.ring.dropped > 0
    assert scene.loop.due == []


def test_a_second_watcher_that_was_sent_its_batch_later_is_waited_for_longer(scene: Scene, reading: Cursor) -> None:
    scene.clock.now += PATIENCE / 2
    scene.watch()

    scene.clock.now += PATIENCE / 2
    scene.loop.turn()
    assert scene.waits
    scene.clock.now += PATIENCE / 2
    scene.loop.turn()

    assert not scene.waits


def test_what_was_written_before_the_end_is_read_as_there_is_room(scene: Scene, reading: Cursor) -> None:
    scene.capture.finish(scene.process)
    assert scene.ends == []

    while not scene.ends:
        reading.take(EVERYTHING)
        reading.acknowledge()
        scene.capture.review(scene.process)
        scene.loop.turn()

    assert (scene.process.ring.end, scene.process.ring.dropped) == (3000, 0)
    assert scene.ends == [scene.process]


def test_the_end_does_not_wait_for_what_others_write_later(scene: Scene) -> None:
    scene.write(10)

    scene.capture.finish(scene.process)

    assert scene.ends == [scene.process]
    assert not scene.process.last_words
    scene.write(5)
    scene.loop.turn()
    assert scene.process.ring.end == 15
