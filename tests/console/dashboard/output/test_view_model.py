"""Rows of what a pane shows, and any sequence of steps, against a model that sorts and filters everything anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from papa_console.dashboard.output import feed, index, intake, rows, slab
from papa_console.dashboard.output import view as view_module
from papa_console.dashboard.output.lines import LineStore, Source, Storage
from papa_console.dashboard.output.search import Matcher
from papa_console.dashboard.output.view import View
from papa_protocol.watch import Kind
from support.views import (
    BOTH,
    LONG,
    check_rows,
    end,
    expected_of,
    settle,
    store_of,
    view_of,
    write,
)

WIDE = st.text(alphabet="ab漢\t\x1b[1m", max_size=30)


class TestRows:
    @given(st.lists(WIDE, max_size=12), st.integers(2, 20), st.integers(2, 20), st.data())
    def test_rows_are_those_of_the_wrapped_texts(
        self, lines: list[str], columns: int, then: int, data: st.DataObject
    ) -> None:
        store = LineStore("p")
        view = View([store])
        early = data.draw(st.integers(0, len(lines)))
        for line in lines[:early]:
            write(store, line + "\n")
        view.update(LONG)

        view.set_width(columns)
        for line in lines[early:]:
            write(store, line + "\n")
            view.update(LONG)

        check_rows(view, columns)
        view.set_width(then)
        check_rows(view, then)
        view.set_width(None)
        check_rows(view, None)

    def test_rows_stay_when_old_lines_go(self) -> None:
        storage = Storage(limit=20_000)
        store = storage.store("p")
        view = View([store])
        view.set_width(10)
        for number in range(1000):
            write(store, "x" * (number % 30) + "\n", number)
        view.update(LONG)
        row = view.row_of(990)

        storage.trim()
        view.update(LONG)

        assert store.first > 0
        assert view.row_of(990) == row
        assert view.first_row == view.row_of(view.first) > 0
        assert view.locate(view.first_row) == (view.first, 0)

    def test_a_line_that_grows_takes_more_rows(self) -> None:
        store = store_of("one")
        write(store, "x" * 8)
        write(store, "after\n", kind=Kind.ERR)
        view = view_of(store)
        view.set_width(10)

        write(store, "x" * 8)
        view.update()

        check_rows(view, 10)
        assert view.next_row - view.first_row == 4

    def test_what_we_have_to_say_takes_one_row(self) -> None:
        store = store_of("one")
        store.note("a remark that is rather long", 0.0)
        view = view_of(store)

        view.set_width(5)

        check_rows(view, 5)
        assert view.next_row == 2


@dataclass
class World:
    """Some stores and a view of them."""

    storage: Storage
    view: View
    times: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, names: str, limit: int = 2**30) -> "World":
        storage = Storage(limit)
        return cls(storage, View([storage.store(name) for name in names]))

    def step(self, name: str, text: str, pause: int, what: int) -> None:
        store = self.storage.stores.get(name) or self.storage.store("a")
        time = self.times[name] = self.times.get(name, 0.0) + pause
        if what < 8:
            write(store, text, time, Kind.ERR if what % 2 else Kind.OUT)
        elif what == 8:
            store.note("remark " + text.replace("\n", ""), time)
        elif what == 9:
            store.note("", time, gap=3)
        else:
            end(store, len(text), time)


STEPS = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.text("xy\n漢", min_size=1, max_size=12), st.integers(0, 2), st.integers(0, 10),
        st.sampled_from(("", "", "update", "update", "trim")),
    ),
    max_size=25,
)  # fmt: skip
NAMES = st.sampled_from(["a", "ab"])
FILTERS = st.sampled_from([None, "x", "!x", "~y$", "xy"])
STREAMS = st.sampled_from([BOTH, frozenset((Source.OUT,)), frozenset((Source.ERR,)), frozenset[Source]()])


@contextmanager
def small_pieces() -> Iterator[None]:
    """Have everything that is done in pieces done in small ones."""
    with (
        patch.object(slab, "LINES", 3),
        patch.multiple(intake, _ROUND=4, _SHARE=2),
        patch.object(feed, "_PATIENCE", 4),
        patch.object(index, "_PIECE", 2),
        patch.object(rows, "_BLOCK", 3),
        patch.object(view_module, "_MEASURED", 2),
    ):
        yield


class TestModel:
    @settings(max_examples=150)
    @given(STEPS, FILTERS, st.integers(0, 3), STREAMS, NAMES)
    @small_pieces()
    def test_a_view_shows_what_a_new_view_would(
        self,
        steps: list[tuple[str, str, int, int, str]],
        typed: str | None,
        context: int,
        streams: frozenset[Source],
        names: str,
    ) -> None:
        world = World.of(names)
        view = world.view
        matcher = Matcher.parse(typed) if typed else None
        view.set_streams(streams)
        view.set_filter(matcher, context)
        view.set_width(5)
        view.set_search(Matcher.parse("xx"))
        for name, text, pause, what, then in steps:
            world.step(name, text, pause, what)
            if then:
                view.update(0)
        settle(view)

        entries = [view.entry(number) for number in range(view.first, view.next)]
        found = [(e.store.time(e.number), view.stores.index(e.store), e.number, e.match) for e in entries]
        assert found == expected_of(view, streams, matcher, context)
        check_rows(view, 5)
        matching = [n for n in range(view.first, view.next) if b"xx" in view.entry(n).line.data]
        assert [view.match_index(n) for n in matching] == list(range(1, len(matching) + 1))
        assert view.match_count == len(matching)

    @settings(max_examples=150)
    @given(STEPS, STREAMS, st.integers(100, 3000), st.sampled_from([None, "x"]), NAMES)
    @small_pieces()
    def test_a_view_shows_the_end_of_it_when_old_lines_go(
        self,
        steps: list[tuple[str, str, int, int, str]],
        streams: frozenset[Source],
        limit: int,
        typed: str | None,
        names: str,
    ) -> None:
        world = World.of(names, limit)
        view = world.view
        matcher = Matcher.parse(typed) if typed else None
        view.set_streams(streams)
        view.set_filter(matcher)
        view.set_width(5)
        view.set_search(Matcher.parse("y"))
        for name, text, pause, what, then in steps:
            world.step(name, text, pause, what)
            if then == "update":
                view.update(0)
            elif then == "trim":
                world.storage.trim()
        settle(view)

        gone = [store.time(store.first) for store in view.stores if 0 < store.first < store.next]
        whole = expected_of(view, streams, matcher, 0)
        entries = [view.entry(number) for number in range(view.first, view.next)]
        found = [(e.store.time(e.number), view.stores.index(e.store), e.number, e.match) for e in entries]
        assert found == whole[len(whole) - len(found) :]
        if all(store.first < store.next or store.first == 0 for store in view.stores):
            assert {line for line in whole if line[0] > max(gone, default=-1.0)} <= set(found)
        check_rows(view, 5)
        matching = [n for n in range(view.first, view.next) if b"y" in view.entry(n).line.data]
        assert view.match_count == len(matching)
