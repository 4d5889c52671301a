"""A journal whose writer ended in the middle of a record: what was written before holds."""

import os
from collections.abc import Iterator

import pytest

from papa_kernel.pipes import has_ended
from papa_kernel.process import Process
from papa_kernel.replay import Replay, saved_values
from papa_kernel.saved import Writer, encode, new_file, read
from papa_kernel.users import Identity
from papa_protocol.model import ProcessSpec
from papa_protocol.watch import Kind


@pytest.fixture
def file() -> Iterator[int]:
    fd = new_file("papa-test")
    writer = Writer(fd)
    writer.add(*saved_values({"a": "before", "b": "before"}))
    process = Process(1, "y", ProcessSpec(args=("true",)), Identity())
    writer.add("process", process.saved, process.ring.pieces)
    writer.finish()
    yield fd
    os.close(fd)


def replayed(fd: int) -> Replay:
    replay = Replay()
    for record in read(fd, torn=True):
        replay.take(record)
    return replay


def test_a_value_that_was_not_written_whole_stays_what_it_was(file: int) -> None:
    kind, fields, texts = saved_values({"a": "after all", "b": "after"})
    whole = encode(kind, fields, sum(map(len, texts))) + b"".join(texts)
    begin = os.fstat(file).st_size

    for size in range(len(whole)):
        os.ftruncate(file, begin)
        os.pwrite(file, whole[:size], begin)
        assert replayed(file).values == {"a": "before", "b": "before"}
    os.pwrite(file, whole, begin)
    assert replayed(file).values == {"a": "after all", "b": "after"}


def test_as_much_output_is_there_as_was_written(file: int) -> None:
    head = encode("output", {"number": 1, "stream": Kind.OUT.value, "time": 1.0, "start": 0}, 6)
    begin = os.fstat(file).st_size

    for size in range(len(head) + 7):
        os.ftruncate(file, begin)
        os.pwrite(file, (head + b"hello\n")[:size], begin)
        assert replayed(file).processes[1].ring.end == max(0, size - len(head))


def test_a_pipe_has_ended_once_it_is_empty_and_nobody_can_write_to_it() -> None:
    reading, writing = os.pipe()
    assert not has_ended(reading)
    os.write(writing, b"x")
    assert not has_ended(reading)
    os.close(writing)
    assert not has_ended(reading)
    os.read(reading, 1)
    assert has_ended(reading)
    os.close(reading)
