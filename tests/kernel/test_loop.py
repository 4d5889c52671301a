"""The event loop: descriptors, deadlines, signals, and bugs in what it calls."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from papa_kernel.loop import READ, WRITE, Loop


@pytest.fixture
def loop() -> Iterator[Loop]:
    before = {number: signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGUSR2)}
    new = Loop()
    yield new
    new.close()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def pipe() -> Iterator[Callable[[], tuple[int, int]]]:
    made: list[int] = []

    def make() -> tuple[int, int]:
        made.extend(ends := os.pipe())
        return ends

    yield make
    for fd in made:
        with suppress(OSError):
            os.close(fd)


def take_a_turn(loop: Loop) -> None:
    loop.call_at(0, loop.stop)
    loop.run()


def test_signals_wake_who_they_woke_before_once_a_loop_that_ran_twice_is_closed(
    pipe: Callable[[], tuple[int, int]],
) -> None:
    _, writing = pipe()
    os.set_blocking(writing, False)
    first = signal.set_wakeup_fd(writing)
    try:
        loop = Loop()
        take_a_turn(loop)
        take_a_turn(loop)
        loop.close()
    finally:
        last = signal.set_wakeup_fd(first)

    assert last == writing


def test_a_callback_is_told_what_its_descriptor_is_ready_for(loop: Loop, pipe: Callable[[], tuple[int, int]]) -> None:
    reading, writing = pipe()
    calls: list[tuple[str, int]] = []
    loop.watch(reading, READ, lambda mask: calls.append(("reading", mask)))
    loop.watch(writing, WRITE, lambda mask: calls.append(("writing", mask)))

    take_a_turn(loop)
    os.write(writing, b"x")
    loop.unwatch(writing)
    take_a_turn(loop)

    assert calls == [("writing", WRITE), ("reading", READ)]


def test_watching_again_changes_mask_and_callback_and_0_ends_it(
    loop: Loop, pipe: Callable[[], tuple[int, int]]
) -> None:
    _, writing = pipe()
    calls: list[str] = []

    loop.watch(writing, WRITE, lambda _: calls.append("first"))
    loop.watch(writing, WRITE, lambda _: calls.append("second"))
    take_a_turn(loop)
    loop.watch(writing, 0, lambda _: calls.append("third"))
    loop.unwatch(writing)
    take_a_turn(loop)

    assert calls == ["second"]


def test_a_descriptor_closed_in_a_turn_is_not_called_in_it(loop: Loop, pipe: Callable[[], tuple[int, int]]) -> None:
    ends = [pipe()[1], pipe()[1]]
    calls: list[int] = []

    def close_the_other(fd: int) -> None:
        calls.append(fd)
        loop.unwatch(ends[1 - ends.index(fd)])

    for fd in ends:
        loop.watch(fd, WRITE, lambda _, fd=fd: close_the_other(fd))  # type: ignore[misc]
    take_a_turn(loop)

    assert len(calls) == 1


def test_deadlines_come_in_order_and_not_before_their_time(loop: Loop) -> None:
    start, calls = time.monotonic(), []
    for delay in (0.03, 0.01, 0.02):
        loop.call_at(start + delay, lambda delay=delay: calls.append((delay, time.monotonic())))  # type: ignore[misc]
    loop.call_at(start, lambda: calls.append((0.0, time.monotonic()))).cancel()
    loop.call_at(start + 0.04, loop.stop)

    loop.run()

    assert [delay for delay, _ in calls] == [0.01, 0.02, 0.03]
    assert all(moment >= start + delay for delay, moment in calls)


def test_what_is_put_off_to_the_end_of_a_turn_comes_once_and_last(
    loop: Loop, pipe: Callable[[], tuple[int, int]]
) -> None:
    calls: list[str] = []

    def put_off() -> None:
        calls.append("put off")

    def ready(_: int) -> None:
        calls.append("ready")
        loop.at_end_of_turn(put_off)
        loop.at_end_of_turn(put_off)

    for _ in range(2):
        loop.watch(pipe()[1], WRITE, ready)
    take_a_turn(loop)

    assert calls == ["ready", "ready", "put off"]


def test_signals_become_turns_and_those_before_it_runs_wait(loop: Loop) -> None:
    calls: list[str] = []

    def first() -> None:
        calls.append("first")
        signal.raise_signal(signal.SIGUSR2)
        calls.append("not in the middle of a callback")

    def second() -> None:
        calls.append("second")
        loop.stop()

    loop.on_signal(signal.SIGUSR1, first)
    loop.on_signal(signal.SIGUSR2, second)

    signal.raise_signal(signal.SIGUSR1)  # to this thread: others of the test's own process block nothing
    assert calls == []
    loop.run()

    assert calls == ["first", "not in the middle of a callback", "second"]


def test_a_bug_is_logged_its_owner_is_told_and_the_loop_goes_on(
    loop: Loop, pipe: Callable[[], tuple[int, int]], capfd: pytest.CaptureFixture[str]
) -> None:
    calls: list[str] = []

    def broken(*_: object) -> None:
        raise ZeroDivisionError("of the test")

    writing = pipe()[1]

    def failed() -> None:
        calls.append("failed")
        loop.unwatch(writing)

    loop.watch(writing, WRITE, broken, failed)
    loop.at_end_of_turn(broken, lambda: calls.append("put off failed"))
    loop.call_at(0, broken)
    loop.call_at(0.001, lambda: calls.append("went on"))
    take_a_turn(loop)

    assert calls == ["failed", "went on", "put off failed"]
    assert capfd.readouterr().err.count("ZeroDivisionError: of the test\n") == 3


def lack_memory(*_: object) -> None:
    raise MemoryError


def test_a_lack_of_memory_is_no_bug_some_is_asked_for_and_the_owner_is_told(
    loop: Loop, capfd: pytest.CaptureFixture[str]
) -> None:
    calls: list[str] = []
    loop.lacks_memory = lambda: calls.append("lacks")

    loop.call_at(0, lack_memory, lambda: calls.append("failed"))
    take_a_turn(loop)

    assert calls == ["lacks", "failed"]
    shown = capfd.readouterr().err
    assert "There is no memory for <function lack_memory" in shown
    assert "bug" not in shown


def test_the_loop_goes_on_where_there_is_no_memory_even_for_a_turn_or_for_telling(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    loop.lacks_memory = lack_memory
    loop.call_at(0, lack_memory, lack_memory)
    loop.at_end_of_turn(lambda: calls.append("put off"))
    lacks = [lack_memory]
    monkeypatch.setattr(loop, "_time_left", lambda: lacks.pop()() if lacks else 0.0)

    take_a_turn(loop)

    assert lacks == []
    assert calls == ["put off"]
