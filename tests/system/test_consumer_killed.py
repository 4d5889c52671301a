"""A program that saves output and is killed at random, over and over, loses nothing of it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from papa import Batch
from papa_protocol.watch import Kind, Record
from support import consumer
from support.consumer import Border, Folder
from support.kernels import KernelProcess
from support.watching import field_of, make_python, row_of
from support.wire import Wire

KILLS = 100
LINE = 64
# So many seconds a consumer lives at most after its first batch; it takes a few milliseconds for each.
LONGEST_LIFE = 0.02


class Consumers:
    """A program that starts one consumer after another."""

    def __init__(self, *arguments: object) -> None:
        words = [sys.executable, consumer.__file__, *map(str, arguments)]
        self._program = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def _next_line(self) -> str:
        assert self._program.stdout is not None
        return self._program.stdout.readline().strip()

    def start(self) -> int:
        """Start a consumer and return its PID."""
        assert self._program.stdin is not None
        self._program.stdin.write("\n")
        return int(self._next_line())

    def wait_for_a_batch(self) -> None:
        assert self._next_line() == "saved", "it ended by itself"

    def status(self) -> int:
        """Return the exit status of the consumer, once it has ended."""
        while (line := self._next_line()) == "saved":
            pass
        return int(line)

    def stop(self) -> None:
        self._program.kill()
        self._program.communicate()


@pytest.fixture
def start_consumers() -> Iterator[Callable[..., Consumers]]:
    with ExitStack() as stack:

        def start(*arguments: object) -> Consumers:
            consumers = Consumers(*arguments)
            stack.callback(consumers.stop)
            return consumers

        yield start


def flood(stop: Path) -> str:
    """Return a script that writes numbered lines until a file is there."""
    burst = f"os.write(1, b''.join(b'%0{LINE - 1}d\\n' % n for n in range(first, first + 100)))"
    loop = f"first = 0\nwhile not os.path.exists({str(stop)!r}):\n {burst}\n first += 100\n time.sleep(0.001)\n"
    return f"exec({loop!r}); os._exit(3)"


@pytest.mark.parametrize("client", ["Papa", "AsyncPapa"])
def test_what_consumers_save_is_complete_however_often_they_are_killed(
    kernel: KernelProcess, wire: Wire, tmp_path: Path, start_consumers: Callable[..., Consumers], client: str
) -> None:
    chance = random.Random(client)
    make_python(wire, "y", flood(tmp_path / "stop"), "bufsize=256m")
    consumers = start_consumers(client, kernel.path, "y", tmp_path)

    for _ in range(KILLS):
        pid = consumers.start()
        if chance.random() < 0.9:  # the others are killed while they connect, or wait for their first batch
            consumers.wait_for_a_batch()
        time.sleep(chance.uniform(0, LONGEST_LIFE))
        os.kill(pid, signal.SIGKILL)
        assert consumers.status() == -signal.SIGKILL
    assert field_of(row_of(wire, "y"), "dropped") == "0"
    (tmp_path / "stop").touch()
    consumers.start()
    assert consumers.status() == 0

    assert row_of(wire, "y") == ""
    saved, borders = Folder(tmp_path).read()
    written = b"".join(b"%0*d\n" % (LINE - 1, number) for number in range(borders[-1].end // LINE))
    repeated = check(saved, borders, written)
    assert repeated, "nobody was killed between saving and acknowledging"
    print(
        f"{client}: {KILLS} kills, {len(written):,} bytes written, saved in {len(borders)} batches; "
        f"{len(repeated)} of them, {len(saved) - len(written):,} bytes, were saved again after a kill"
    )


def check(saved: bytes, borders: list[Border], written: bytes) -> list[Border]:
    """Make sure that what was saved is what was written, but for batches that came again to another consumer.

    Returns:
        Those batches. Of such a batch the first one may have saved only a part.
    """
    ends = [border.offset for border in borders[1:]] + [len(saved)]
    repeated = []
    position = 0
    for border, end, following in zip(borders, ends, [*borders[1:], None], strict=True):
        assert border.begin == position
        piece = saved[border.offset : end]
        assert piece == written[border.begin :][: len(piece)]
        if following is not None and following.begin == border.begin:
            assert following.pid != border.pid
            repeated.append(border)
        else:
            assert len(piece) == border.end - border.begin
            position = border.end
    assert position == len(written)
    return repeated


GOOD = [Border(1, 0, 4, 0), Border(1, 4, 7, 4), Border(2, 4, 10, 6)]


@pytest.mark.parametrize(
    ("saved", "borders"),
    [
        (b"0123x5456789", GOOD),  # other bytes
        (b"01234545678", GOOD),  # the end is missing
        (b"012345456789", [*GOOD[:2], Border(1, 4, 10, 6)]),  # the same consumer got it twice
        (b"012345456789", [*GOOD[:2], Border(2, 3, 10, 6)]),  # it begins within a batch
        (b"01234556789", [*GOOD[:2], Border(2, 5, 10, 6)]),
        (b"0123456789", [GOOD[0], Border(2, 4, 7, 4)]),  # there is no such batch
    ],
)
def test_the_check_finds_faults(saved: bytes, borders: list[Border]) -> None:
    assert check(b"012345456789", GOOD, b"0123456789") == [GOOD[1]]

    with pytest.raises(AssertionError):
        check(saved, borders, b"0123456789")


def test_a_border_that_was_cut_short_by_a_kill_is_none(tmp_path: Path) -> None:
    folder, borders = Folder(tmp_path), tmp_path / "borders"
    first, second = (Batch([Record(Kind.OUT, "y", 0.0, data, position=end)]) for data, end in ((b"abc", 3), (b"de", 5)))
    folder.save(first)
    whole = borders.read_bytes()

    for size in range(len(whole)):
        borders.write_bytes(whole + whole[:size])
        folder.save(second)

        assert [border.begin for border in folder.read()[1]] == [0, 3]
