"""How long lines are kept, and what is read of them: all stores share one bound."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_console.dashboard.output import slab
from papa_console.dashboard.output.lines import LineStore, Source, Storage
from papa_protocol.watch import Kind, Record


def out(data: bytes, position: int | None = None, time: float = 0.0, kind: Kind = Kind.OUT) -> Record:
    return Record(kind, "p", time, data, 0, position)


def texts(store: LineStore) -> list[tuple[Source, bytes]]:
    return [(line.source, line.data) for line in store.lines(store.first, store.next)]


class TestReading:
    def test_lines_that_are_not_kept_are_refused(self) -> None:
        store = LineStore("p")
        store.add(out(b"one\n"))

        for number in (-1, 1):
            with pytest.raises(IndexError):
                store.line(number)
        assert len(store.lines(-5, 5)) == 1

    @given(st.integers(0, 30), st.integers(0, 30))
    def test_pieces_are_read_across_slabs(self, start: int, stop: int) -> None:
        store = LineStore("p")
        with patch.object(slab, "LINES", 4):
            for number in range(30):
                store.add(out(b"%d\n" % number, time=number, kind=Kind.ERR if number % 3 else Kind.OUT))

        assert store.data(start, stop) == [b"%d" % number for number in range(start, stop)]
        assert list(store.times(start, stop)) == list(range(start, stop))
        assert store.sources(start, stop) == bytes(number % 3 > 0 for number in range(start, stop))


def fill(storage: Storage, name: str, times: range, text: bytes = b"x" * 36) -> None:
    for time in times:
        storage.store(name).add(out(text + b"\n", time=time))


class TestStorage:
    def test_the_oldest_lines_go_first_whoever_they_belong_to(self) -> None:
        storage = Storage(limit=10_000)
        fill(storage, "a", range(0, 200, 2))
        fill(storage, "b", range(1, 200, 2))

        storage.trim()

        assert 9_000 < storage.size <= 10_000
        oldest = [store.time(store.first) for store in storage.stores.values()]
        newest_gone = [store.time(store.first) - 2 for store in storage.stores.values()]
        assert max(newest_gone) < min(oldest)
        for store in storage.stores.values():
            assert store.forgotten == store.first
            assert store.forgotten_bytes == store.first * 36

    def test_a_flood_leaves_each_store_a_share(self) -> None:
        storage = Storage(limit=40_000)
        fill(storage, "quiet", range(100))
        fill(storage, "loud", range(100, 2000))

        storage.trim()

        quiet, loud = storage.stores.values()
        assert storage.share == 5_000
        assert storage.share - 200 <= quiet.size <= storage.share
        assert quiet.line(quiet.next - 1).time == 99
        assert storage.size <= 40_000
        assert loud.size > 30_000

    def test_trimming_often_leaves_what_trimming_once_leaves(self) -> None:
        often, once = Storage(limit=20_000), Storage(limit=20_000)
        for time in range(1000):
            fill(often, "a", range(time, time + 1))
            often.trim()

        fill(once, "a", range(1000))
        once.trim()

        assert abs(often.size - once.size) <= 20_000 // 32
        assert often.store("a").next == once.store("a").next == 1000

    def test_a_line_that_grows_while_it_goes_begins_anew(self) -> None:
        storage = Storage(limit=0)
        storage.store("a").add(out(b"begun"))
        storage.trim()

        storage.store("a").add(out(b" and ended\n"))

        store = storage.store("a")
        assert (store.first, store.next, store.line(1).data) == (1, 2, b" and ended")

    def test_nothing_is_kept_about_lines_that_have_gone(self) -> None:
        storage = Storage(limit=5_000)
        for time in range(500):
            store = storage.store("a")
            store.add(out(b"a", time=time))
            store.add(out(b"b\n", time=time, kind=Kind.ERR))
            store.add(out(b"c\n", time=time))
            store.note("remark", time, gap=time)
            storage.trim()

        known = [len(store._amounts), len(store._shown_times), len(store._begun)]
        assert max(known) <= store.next - store.first

    @given(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.text("xy\n", min_size=1, max_size=60)), max_size=60
        ),
        st.integers(0, 3000),
    )
    def test_what_is_kept_is_the_end_of_what_came(self, added: list[tuple[str, int, str]], limit: int) -> None:
        storage, everything = Storage(limit), Storage()
        time = 0
        for name, pause, text in added:
            time += pause
            for each in (storage, everything):
                each.store(name).add(out(text.encode(), time=time))
            storage.trim()

            assert storage.size <= limit

        for name, store in storage.stores.items():
            whole = everything.store(name)
            assert store.first == store.forgotten
            assert b"\n".join(whole.data(0, whole.next)).endswith(b"\n".join(store.data(store.first, store.next)))
