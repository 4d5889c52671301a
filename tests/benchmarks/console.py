"""How quick papa-console is, end to end: the real program on a terminal, with a real kernel and processes that write.

``make bench-console``, or in ``tests``: ``python -m benchmarks.console [WORDS]`` for the measurements whose name has
one of the words. Each prints what was measured beside its goal, and the load average before it: on a machine that does
other things too, the best of a few rounds is taken where so noted. Key -> action counts from the moment when a key is
written to the terminal until its action is done; key -> paint until what only this key draws is read from the terminal.
"""

import argparse
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import papa
from benchmarks import console_loads as loads
from benchmarks.console_terminal import Terminal, part
from support.kernels import KernelProcess

ROUNDS = 3
KEYS = 60
KEY_EVERY = 0.05
HELD, FOLLOWED = "‖ paused".encode(), "▶ following".encode()
MARKED = "◆".encode()


class Row(NamedTuple):
    """One line of the report: what it is, what was found, the goal, and whether that is met (None: no goal)."""

    what: str
    found: str
    goal: str = ""
    met: bool | None = None


def judged(what: str, found: float, most: float, unit: str) -> Row:
    """Return a row for a figure that should not be above its goal."""
    return Row(what, f"{found:,.1f} {unit}", f"<= {most:g} {unit}", found <= most)


@contextmanager
def console(
    process: KernelProcess, *, rate: int | None = None, size: tuple[int, int] = (120, 40), probed: bool = True
) -> Iterator[Terminal]:
    """A console that shows what a kernel holds."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Terminal(process.path, Path(folder), size, rate, probed=probed) as seen,
    ):
        yield seen


def spaced(count: int) -> Iterator[float]:
    """Yield pauses between keys, not in step with the turns of the screen."""
    for number in range(count):
        yield KEY_EVERY * (0.7 + 0.6 * (number % 7) / 7)


class Keys(NamedTuple):
    """Seconds from keys to their actions and to what they draw."""

    actions: list[float]
    paints: list[float]


def scroll_output(seen: Terminal, count: int = KEYS, *, paint: bool = True) -> Keys:
    """Hold the output and follow it again, by turns: each changes its title."""
    found = Keys([], [])
    for number, pause in enumerate(spaced(count)):
        key, drawn = (b"G", FOLLOWED) if number % 2 else (b"k", HELD)
        if paint:
            action, painted = seen.paint(key, drawn)
            found.paints.append(painted)
        else:
            action = seen.act(key)
        found.actions.append(action)
        seen.rest(pause)
    return found


def best(measure: Callable[[], Keys], rounds: int = ROUNDS) -> Keys:
    """Return the round with the quickest actions."""
    return min((measure() for _ in range(rounds)), key=lambda keys: part(keys.actions, 0.95))


def keys_rows(what: str, keys: Keys, action: float, paint: float | None = None) -> Iterator[Row]:
    """Yield the rows about keys."""
    yield judged(
        f"{what}: key -> action p95 (p50 {part(keys.actions, 0.5):.1f})", part(keys.actions, 0.95), action, "ms"
    )
    if paint is not None:
        text = f"{what}: key -> paint p95 (p50 {part(keys.paints, 0.5):.1f})"
        yield judged(text, part(keys.paints, 0.95), paint, "ms")


def usage(seen: Terminal, seconds: float) -> float:
    """Return the percents of a processor that the console uses."""
    before, begun = seen.cpu(), time.monotonic()
    seen.rest(seconds)
    return 100 * (seen.cpu() - before) / (time.monotonic() - begun)


def processor(seen: Terminal, seconds: float = 5) -> Row:
    """Return what the console uses, and how long it has to wait for that on a busy machine."""
    before, begun = seen.waited(), time.monotonic()
    used = usage(seen, seconds)
    waited = 100 * (seen.waited() - before) / (time.monotonic() - begun)
    return Row("  processor; ready but waiting for one", f"{used:.1f} %; {waited:.1f} %")


def mark_all(seen: Terminal, count: int) -> None:
    """Mark the first processes, whose output is shown merged from then on; go to the output."""
    for _ in range(count):
        seen.type(b" ")
        seen.rest(0.01)
    seen.rest(0.5)
    seen.type(b"4")
    seen.rest(1.0)


# the measurements


def first_paint() -> Iterator[Row]:
    """From the start of the program to a frame with the list."""
    with loads.kernel() as process, papa.Papa(process.path) as client:
        loads.quiet(client, 5, "needle")
        found, used = [], []
        for _ in range(11):
            with console(process, probed=False) as seen:
                found.append(seen.until_drawn(rb"needle\.0004") - seen.started)
                used.append(seen.cpu())
        found = found[1:]  # the first may have to compile
    yield judged(
        f"first paint, median of 10 (best {min(found) * 1000:.0f})", statistics.median(found) * 1000, 700, "ms"
    )
    yield Row("  processor time until then, median", f"{statistics.median(used) * 1000:,.0f} ms")


def idle() -> Iterator[Row]:
    """What it costs to do nothing."""
    with loads.kernel() as process, papa.Papa(process.path) as client:
        loads.quiet(client, 200)
        with console(process, probed=False) as seen:
            seen.until_drawn(rb"quiet\.0001")
            seen.rest(5)
            before, drawn = loads.cpu_of(process), seen.drawn
            used = usage(seen, 15)
            yield judged("idle, 200 quiet processes: processor", used, 1, "%")
            yield Row("  drawn", f"{(seen.drawn - drawn) / 15:,.0f} B/s")
            yield Row("  the kernel meanwhile", f"{100 * (loads.cpu_of(process) - before) / 15:.1f} %")


def hundred() -> Iterator[Row]:
    """100 processes, 1,000 lines a second each, all tailed and merged."""
    names = [f"w.{number:03}" for number in range(100)]
    with loads.kernel() as process, papa.Papa(process.path) as client:
        for number, name in enumerate(names):
            loads.writer(client, name, 1000, step=0.1, after=number / 1000)
        time.sleep(3)
        alone, asked_alone = achieved(client, process)
        with console(process) as seen:
            seen.until_drawn(rb"w\.010")
            mark_all(seen, 100)
            seen.until(lambda: b"+9" in seen.bytes, "merged")
            seen.rest(3)
            memory = seen.memory
            keys = best(lambda: scroll_output(seen))
            used = processor(seen)
            together, asked = achieved(client, process)
            seen.rest(15)
            last = seen.told[-1]
            yield from keys_rows("100 x 1,000 lines/s merged", keys, 50)
            yield Row("  key -> paint p50 / p95", f"{part(keys.paints, 0.5):.1f} / {part(keys.paints, 0.95):.1f} ms")
            yield used
            yield Row("  lines taken in; waiting for the pane", f"{last.taken:,}; {last.behind:,}")
            yield Row("  memory, then 25 s later", f"{memory:.0f}, {seen.memory:.0f} MiB", "bounded", seen.memory < 250)
    yield Row(
        "  lines/s written without and with the console",
        f"{alone:,.0f}, {together:,.0f}",
        ">= 95 %",
        together >= 0.95 * alone,
    )
    gets = [f"{part(times, 0.5):.2f} / {part(times, 0.95):.1f}" for times in (asked_alone, asked)]
    yield Row("  a `get` without and with it, p50 / p95", f"{', '.join(gets)} ms")


def achieved(client: papa.Papa, process: KernelProcess, seconds: float = 5) -> tuple[float, list[float]]:
    """Return how many lines a second are written, and how long it took to ask for a value."""
    getter = loads.Getter(process.path)
    begun, before = time.monotonic(), loads.written(client)
    time.sleep(seconds)
    lines = (loads.written(client) - before) / loads.LINE / (time.monotonic() - begun)
    return lines, getter.stop()


def full_speed() -> Iterator[Row]:
    """One process that writes as fast as it can."""
    with loads.kernel() as process, papa.Papa(process.path) as client:
        loads.yes(client)
        with console(process) as seen:
            seen.until_drawn(rb"flood")
            seen.rest(0.5)
            seen.type(b"4")
            seen.rest(3)
            keys = best(lambda: scroll_output(seen))
            first = seen.told[-1]
            used = processor(seen)
            seen.act(b"k")
            last = seen.told[-1]
            shown = seen.until_drawn(b"missing here") > 0
            yield from keys_rows("`yes`", keys, 50)
            yield Row("  key -> paint p50 / p95", f"{part(keys.paints, 0.5):.1f} / {part(keys.paints, 0.95):.1f} ms")
            yield used
            yield Row("  lines/s taken in", f"{(last.taken - first.taken) / (last.time - first.time):,.0f}")
            yield Row("  says what it skips", "yes" if shown else "no", "yes", shown)
            yield Row("  memory", f"{seen.memory:.0f} MiB", "bounded", seen.memory < 250)


def steady() -> Iterator[Row]:
    """100,000 lines a second from one process."""
    with loads.kernel() as process, papa.Papa(process.path) as client:
        loads.writer(client, "writer", 100_000)
        with console(process) as seen:
            seen.until_drawn(rb"writer")
            seen.rest(0.5)
            seen.type(b"4")
            seen.rest(3)
            keys = best(lambda: scroll_output(seen))
            seen.act(b"G")
            first = seen.told[-1]
            used = min(usage(seen, 5) for _ in range(ROUNDS))
            seen.act(b"G")
            last = seen.told[-1]
            yield from keys_rows("100,000 lines/s", keys, 20, 60)
            yield judged("  processor, following", used, 50, "%")
            taken = (last.taken - first.taken) / (last.time - first.time)
            yield Row("  lines/s taken in; waiting for the pane", f"{taken:,.0f}; {last.behind:,}")


def slow_terminal() -> Iterator[Row]:
    """A terminal that reads 10 kB a second."""
    with loads.kernel() as process, papa.Papa(process.path) as client:
        loads.writer(client, "writer", 10_000)
        with console(process, rate=10_000) as seen:
            seen.until_drawn(rb"writer")
            seen.rest(2)
            seen.type(b"4")
            seen.rest(15)
            keys = best(lambda: scroll_output(seen, paint=False))
            yield from keys_rows("terminal of 10 kB/s, 10,000 lines/s", keys, 30)


def many() -> Iterator[Row]:
    """2,000 processes and 10,000 values."""
    with loads.kernel() as process, papa.Papa(process.path) as client:
        loads.ended(client, 1800)
        loads.quiet(client, 200)
        for number in range(10_000):
            client.set(f"value.{number % 100}.{number:05}", f"value {number}")
        with console(process) as seen:
            seen.until_drawn(rb"done\.0")
            seen.rest(10)
            yield judged("2,000 processes, 10,000 values: processor at rest", usage(seen, 15), 5, "%")
            for pane, what in ((b"1", "processes"), (b"3", "values")):
                seen.type(pane)
                seen.rest(1)
                yield from many_keys(seen, what)
            yield Row("  memory", f"{seen.memory:.0f} MiB")


def many_keys(seen: Terminal, what: str) -> Iterator[Row]:
    """Yield rows about the keys of a list."""

    def acts(keys: bytes, count: int) -> Keys:
        found = Keys([], [])
        for number, pause in enumerate(spaced(count)):
            found.actions.append(seen.act(keys[number % len(keys) :][:1]))
            seen.rest(pause)
        return found

    yield from keys_rows(f"  {what}: scroll", best(lambda: acts(b"j" * 10 + b"\x04", 44)), 50)
    yield from keys_rows(f"  {what}: sort", best(lambda: acts(b"s", 26)), 50)
    seen.type(b"/")
    seen.rest(0.5)
    yield from keys_rows(f"  {what}: filter", best(lambda: acts(b"1\x7f23\x7f\x7f.1.\x7f\x7f\x7f", 36)), 50)
    seen.type(b"\x1b")
    seen.rest(1)


def ten_million() -> Iterator[Row]:
    """What is in memory after ten million lines."""
    with loads.kernel() as process, papa.Papa(process.path) as client:
        loads.yes(client)
        with console(process) as seen:
            seen.until_drawn(rb"flood")
            seen.rest(0.5)
            seen.type(b"4")
            begun = time.monotonic()
            taken = 0
            while taken < 10_000_000 and time.monotonic() < begun + 120:
                seen.rest(1)
                seen.act(b"G")
                taken = seen.told[-1].taken
            yield judged(f"memory after {taken:,} lines of `yes`", seen.memory, 150, "MiB")


def long_lines() -> Iterator[Row]:
    """What is in memory once the storage has been filled three times by lines of a usual length."""
    with loads.kernel() as process, papa.Papa(process.path) as client:
        loads.writer(client, "writer", 100_000)
        with console(process) as seen:
            seen.until_drawn(rb"writer")
            seen.rest(0.5)
            seen.type(b"4")
            begun = time.monotonic()
            taken = 0
            while taken < 2_500_000 and time.monotonic() < begun + 60:
                seen.rest(1)
                seen.act(b"G")
                taken = seen.told[-1].taken
            yield judged(f"memory after {taken:,} lines of {loads.LINE} bytes", seen.memory, 150, "MiB")


def question() -> Iterator[Row]:
    """A dialog over a lively screen."""
    with loads.kernel() as process, papa.Papa(process.path) as client:
        loads.writer(client, "writer", 10_000)
        with console(process) as seen:
            seen.until_drawn(rb"writer")
            seen.rest(3)
            used = usage(seen, 5)
            seen.type(b"x")
            seen.rest(2)
            yield Row("10,000 lines/s: processor", f"{used:.1f} %")
            yield Row("  the same under a dialog", f"{usage(seen, 5):.1f} %")


MEASUREMENTS = (
    first_paint,
    idle,
    hundred,
    full_speed,
    steady,
    slow_terminal,
    many,
    ten_million,
    long_lines,
    question,
)


def show(row: Row) -> None:
    """Print a row."""
    said = {True: "met", False: "MISSED", None: ""}[row.met]
    print(f"{row.what:<64} {row.found:>34}  {row.goal:<12} {said}", flush=True)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    words = parser.parse_args().words
    print(f"{os.cpu_count()} processors; keys: best of {ROUNDS} rounds of {KEYS}")
    for measurement in MEASUREMENTS:
        if not words or any(re.search(word, measurement.__name__) for word in words):
            print(f"-- {measurement.__name__}: load average {os.getloadavg()[0]:.1f}", flush=True)
            try:
                for row in measurement():
                    show(row)
            except (TimeoutError, OSError) as error:
                show(Row(measurement.__name__, f"failed: {error}", met=False))


if __name__ == "__main__":
    main()
