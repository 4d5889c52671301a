"""How fast output becomes lines on a screen: stored, viewed, merged, filtered, wrapped, searched; and what lines weigh.

``python tests/benchmarks/lines.py`` prints the best of several runs beside its goal. Lines are 95 bytes with their line
feed, in records of 64 KiB as the kernel sends them in a flood; the lines with colours are 130 bytes.
"""

import time
import tracemalloc
from collections.abc import Callable
from functools import partial

from papa_console.dashboard.output.ansi import parse
from papa_console.dashboard.output.feed import STREAMS
from papa_console.dashboard.output.lines import LineStore
from papa_console.dashboard.output.search import Matcher
from papa_console.dashboard.output.severity import severity
from papa_console.dashboard.output.view import View
from papa_protocol.watch import Kind, Record

RUNS = 5
LINES = 200_000
PER_RECORD = 690
PER_TICK = 5_000  # at 100,000 lines a second and 20 ticks a second
MANY = 100
WHOLE = 60.0
PLAIN = b"2026-05-05 12:00:00.123 INFO worker %08d handled a request of a customer in 12 ms, and that is it"
COLORED = (
    b"\x1b[2m2026-05-05 12:00:00.123\x1b[0m \x1b[32mINFO\x1b[0m \x1b[1mworker\x1b[0m %08d handled a "
    b"\x1b[38;5;208mrequest\x1b[0m in 12 ms, and that is it"
)


def records(name: str, count: int, pattern: bytes = PLAIN, per_record: int = PER_RECORD) -> list[Record]:
    """Return the records of so many lines of a process; each is a second after the one before."""
    found = []
    for start in range(0, count, per_record):
        data = b"".join(pattern % number + b"\n" for number in range(start, min(start + per_record, count)))
        found.append(Record(Kind.OUT, name, start / PER_RECORD, data))
    return found


def store_of(arrived: list[Record], name: str = "a") -> LineStore:
    """Return a store of records."""
    store = LineStore(name)
    for record in arrived:
        store.add(record)
    return store


def best(work: Callable[[], object], prepare: Callable[[], object] = lambda: None) -> float:
    """Return the shortest time that some work took, in seconds."""
    found = []
    for _ in range(RUNS):
        prepare()
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def show(what: str, seconds: float, count: int, goal: str = "") -> None:
    """Print what was measured."""
    print(f"{what:<46} {count / seconds / 1e6:8.2f} M/s {seconds / count * 1e6:9.3f} us each   {goal}")


def storing() -> None:
    """Measure how fast records become lines."""
    large, small = records("a", LINES), records("a", LINES // 4, per_record=1)
    show("stored, in records of 64 KiB", best(lambda: store_of(large)), LINES, "goal 2.5 M/s")
    show("stored, a record each", best(lambda: store_of(small)), LINES // 4)
    tracemalloc.start()
    store = store_of([Record(Kind.OUT, "a", record.time, bytes(bytearray(record.data))) for record in large])
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    print(f"{'memory of 100,000 lines':<46} {used / store.next / 10:8.1f} MB{'':24}goal 20 MB")


def viewing(store: LineStore) -> None:
    """Measure a pane that shows one process."""
    show("viewed", best(lambda: View([store]).update(WHOLE)), LINES)
    several = [store_of(records(str(n), LINES // 10), str(n)) for n in range(10)]
    show("viewed, 10 processes merged", best(lambda: View(several).update(WHOLE)), LINES)
    view = View([store])
    view.update(WHOLE)
    for typed in ("00012345", "~1234[5-9]"):
        matcher = Matcher.parse(typed)
        show(f"filtered by {typed}", best(lambda: view.update(WHOLE), partial(refilter, view, matcher)), LINES)
    view.set_filter(None)
    view.update(WHOLE)
    for typed in ("00012345", "WORKER 0001".lower(), "~1234[5-9]"):
        matcher = Matcher.parse(typed)
        show(f"searched for {typed}", best(lambda: view.update(WHOLE), partial(view.set_search, matcher)), LINES)
    view.set_search(None)
    show("searched for errors, none there", best(lambda: seek_error(view)), LINES)


def refilter(view: View, matcher: Matcher) -> None:
    """Begin a filter anew."""
    view.set_filter(None)
    view.set_filter(matcher)


def seek_error(view: View) -> None:
    """Look for an error in all lines, as if for the first time."""
    view.set_streams(frozenset())
    view.set_streams(STREAMS)
    view.update(WHOLE)
    view.next_error(0, 1)


def wrapping(store: LineStore) -> None:
    """Measure wrapped lines."""
    view = View([store])
    view.update(WHOLE)
    show("wrapped", best(lambda: view.set_width(60), lambda: view.set_width(None)), LINES)
    seconds = best(lambda: view.set_width(61), lambda: view.set_width(60))
    print(f"{'wrapped at another width, 200,000 lines':<46} {seconds * 1e3:8.1f} ms{'':24}goal 15 ms")


def ticks() -> None:
    """Measure one tick of a merge at 100,000 lines a second."""
    stores = [LineStore(str(number)) for number in range(MANY)]
    view = View(stores)
    moment = iter(range(10**9))

    def arrive() -> None:
        for _ in range(PER_TICK // MANY):
            now = next(moment) / 2000
            for place, store in enumerate(stores):
                store.add(Record(Kind.OUT, store.name, now + place / 1e6, PLAIN % place + b"\n"))

    seconds = best(lambda: view.update(WHOLE), arrive)
    print(f"{'a tick: 5,000 lines of 100 processes':<46} {seconds * 1e3:8.1f} ms{'':24}goal a few ms")


def repeat(work: Callable[[bytes], object], line: bytes) -> None:
    """Do something with a line a thousand times."""
    for _ in range(1000):
        work(line)


def single_lines() -> None:
    """Measure what is done for each line on the screen."""
    for what, line, goal in (("plain", PLAIN % 1, "1 us"), ("coloured", COLORED % 1, "20 us")):
        show(f"parsed, {what}", best(partial(repeat, parse, line)), 1000, f"goal {goal}")
        show(f"severity, {what}", best(partial(repeat, severity, line)), 1000)


def main() -> None:
    """Measure everything."""
    storing()
    for what, pattern in (("plain", PLAIN), ("coloured", COLORED)):
        print(f"--- {LINES:,} {what} lines")
        store = store_of(records("a", LINES, pattern))
        viewing(store)
        wrapping(store)
    print("---")
    ticks()
    single_lines()


if __name__ == "__main__":
    main()
