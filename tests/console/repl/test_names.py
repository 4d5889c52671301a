"""The cache of names: filled by a thread, never in the way, quietly stale."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from papa import Papa
from papa_console.repl.link import Link
from papa_console.repl.names import NameCache, Names, facts, look
from papa_protocol.words import Dialect
from support.kernels import KernelProcess
from support.waiting import wait_for
from support.wire import TIMEOUT


@dataclass
class Cache:
    """A cache whose changes can be awaited."""

    cache: NameCache
    changed: threading.Event = field(default_factory=threading.Event)

    def refresh(self) -> None:
        self.changed.clear()
        self.cache.refresh()
        assert self.changed.wait(TIMEOUT)

    def names(self, kind: str) -> list[str]:
        return list(self.cache.picture.kinds[kind].names)


@pytest.fixture
def cached() -> Iterator[Callable[[KernelProcess], Cache]]:
    """Make caches that end with the test."""
    made: list[Cache] = []

    def make(kernel: KernelProcess, timeout: float = TIMEOUT) -> Cache:
        cache = Cache(NameCache(Link(kernel.port, timeout)))
        cache.cache.changed = cache.changed.set
        made.append(cache)
        return cache

    yield make
    for cache in made:
        cache.cache.close()


def test_names_of_all_kinds_arrive(kernel: KernelProcess, cached: Callable[[KernelProcess], Cache]) -> None:
    with Papa(kernel.port) as papa:
        papa.make_socket("web", port=0)
        papa.set("b", "2")
        papa.set("a", "1")
        papa.make_process("job", "/bin/true")
    cache = cached(kernel)

    cache.refresh()

    assert [cache.names(kind) for kind in ("sockets", "values", "processes")] == [["web"], ["a", "b"], ["job"]]


def test_every_name_survives(kernel: KernelProcess, cached: Callable[[KernelProcess], Cache]) -> None:
    names = ["a b", "é", '""', ">", "x\\y", "tab\t", "args=", "dotted.name", "Error:"]
    with Papa(kernel.port) as papa:
        for name in names:
            papa.set(name, "text of it")
    cache = cached(kernel)

    cache.refresh()

    assert cache.names("values") == sorted(names)
    held = cache.cache.picture.kinds["values"]
    assert {facts("values", name, held, 0.0) for name in names} == {"text\\ of\\ it"}


def test_what_changes_is_seen_after_a_refresh(kernel: KernelProcess, cached: Callable[[KernelProcess], Cache]) -> None:
    cache = cached(kernel)
    cache.refresh()
    with Papa(kernel.port) as papa:
        papa.set("later", "1")

    cache.refresh()

    assert cache.names("values") == ["later"]


def test_a_fresh_picture_is_not_asked_for_again(
    kernel: KernelProcess, cached: Callable[[KernelProcess], Cache]
) -> None:
    cache = cached(kernel)
    cache.refresh()
    cache.changed.clear()

    cache.cache.refresh(older_than=TIMEOUT)

    assert not cache.changed.wait(0.3)


def test_a_value_is_fetched_when_it_is_wanted(kernel: KernelProcess, cached: Callable[[KernelProcess], Cache]) -> None:
    with Papa(kernel.port) as papa:
        papa.set("short", "a b\n")
        papa.set("long", "x" * 1025)
    cache = cached(kernel)

    cache.cache.want_value("short")
    wait_for(lambda: "short" in cache.cache.picture.values, "the short one came")
    short = cache.cache.picture.values
    cache.cache.want_value("long")
    wait_for(lambda: "long" in cache.cache.picture.values, "the long one came")

    assert short == {"short": "a b\n"}
    assert cache.cache.picture.values == {"long": None}


def test_long_values_are_not_kept(kernel: KernelProcess, cached: Callable[[KernelProcess], Cache]) -> None:
    with Papa(kernel.port) as papa:
        papa.set("name", "x" * 100_000)
    cache = cached(kernel)

    cache.refresh()

    assert len(cache.cache.picture.kinds["values"].rows["name"]) < 100


def test_a_kernel_that_is_gone_leaves_the_names_as_they_were(
    kernel: KernelProcess, cached: Callable[[KernelProcess], Cache]
) -> None:
    with Papa(kernel.port) as papa:
        papa.set("a", "1")
    cache = cached(kernel)
    cache.refresh()
    kernel.signal(signal.SIGKILL)
    kernel.wait()

    cache.changed.clear()
    cache.cache.refresh()

    assert not cache.changed.wait(0.3)
    assert cache.names("values") == ["a"]


def test_names_come_from_the_endpoint_of_the_link(start_kernel: Callable[..., KernelProcess]) -> None:
    first, second = start_kernel(), start_kernel()
    for kernel, name in ((first, "a"), (second, "b")):
        with Papa(kernel.port) as papa:
            papa.set(name, "1")
    link = Link(first.port)
    cache = Cache(NameCache(link))
    cache.cache.changed = cache.changed.set
    cache.refresh()
    before = cache.names("values")
    link.move(second.path)

    cache.refresh()

    cache.cache.close()
    assert (before, cache.names("values")) == (["a"], ["b"])


def test_a_stopped_kernel_delays_nobody_who_completes(
    kernel: KernelProcess, cached: Callable[[KernelProcess], Cache]
) -> None:
    with Papa(kernel.port) as papa:
        papa.set("a", "1")
    cache = cached(kernel)
    cache.refresh()
    kernel.signal(signal.SIGSTOP)
    started = time.monotonic()

    cache.cache.refresh()
    cache.cache.want_value("a")
    names = cache.names("values")

    assert time.monotonic() - started < TIMEOUT / 2
    kernel.signal(signal.SIGCONT)
    assert names == ["a"]


def test_facts_are_a_few_words(kernel: KernelProcess) -> None:
    with Papa(kernel.port) as papa:
        papa.make_socket("tcp", host="127.0.0.1", port=0)
        papa.make_socket("six", family="inet6", port=0)
        papa.make_socket("unix", path=f"{kernel.folder}/s")
        papa.make_process("runs", "/bin/sleep", ["100"])
        papa.make_process("over", "/bin/sh", ["-c", "exit 3"])
        papa.make_process("killed", "/bin/sh", ["-c", "kill -9 $$"])
        wait_for(
            lambda: all("status" in row for row in papa.list_processes("over", "killed").values()), "both are over"
        )
        ports = {name: info.get("port") for name, info in papa.list_sockets().items()}
        pids = {name: info["pid"] for name, info in papa.list_processes().items()}
        started = papa.list_processes("runs")["runs"]["started"]
    link = Link(kernel.port)
    connection = link.open()
    picture = look(connection)
    connection.close()

    shown = {
        name: facts(kind, name, picture.kinds[kind], started + 192)
        for kind in ("sockets", "processes")
        for name in picture.kinds[kind].names
    }

    descriptors = picture.kinds["sockets"].numbers("sockets")
    number = {name: fileno for fileno, name in descriptors.items()}
    assert shown == {
        "tcp": f"127.0.0.1:{ports['tcp']} fd {number['tcp']}",
        "six": f"[::1]:{ports['six']} fd {number['six']}",
        "unix": f"{kernel.folder}/s fd {number['unix']}",
        "runs": f"pid {pids['runs']} running 3m12s",
        "over": f"pid {pids['over']} exited 3",
        "killed": f"pid {pids['killed']} SIGKILL",
    }


@pytest.mark.parametrize(
    ("prefix", "found"),
    [("", 6), ("a", 4), ("a.", 3), ("a.b", 2), ("z", 0), ("b\U0010ffff", 0)],
)
def test_bounds_hold_what_begins_with_a_prefix(prefix: str, found: int) -> None:
    names = sorted(["a", "a.b", "a.b.c", "a.c", "b", "é"])

    low, high = Names({}, names, Dialect.V2).bounds(prefix)

    assert names[low:high] == [name for name in names if name.startswith(prefix)]
    assert high - low == found
