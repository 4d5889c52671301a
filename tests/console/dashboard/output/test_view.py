"""What a pane shows, against a model that sorts and filters everything anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papa_console.dashboard.output import feed, index, intake, rows, slab
from papa_console.dashboard.output import view as view_module
from papa_console.dashboard.output.ansi import parse
from papa_console.dashboard.output.columns import breaks
from papa_console.dashboard.output.lines import LineStore, Source, Storage
from papa_console.dashboard.output.search import Matcher
from papa_console.dashboard.output.view import View
from papa_protocol.watch import Kind, Record

BOTH = frozenset((Source.OUT, Source.ERR))
LONG = 60.0


def write(store: LineStore, text: str | bytes, time: float = 0.0, kind: Kind = Kind.OUT) -> None:
    store.add(Record(kind, store.name, time, text.encode() if isinstance(text, str) else text))


def end(store: LineStore, status: int, time: float = 0.0) -> None:
    store.add(Record(Kind.CLOSED, store.name, time, b"", status))


def store_of(*lines: str, name: str = "p", start: float = 0.0) -> LineStore:
    store = LineStore(name)
    for second, line in enumerate(lines):
        write(store, line + "\n", start + second)
    return store


def view_of(*stores: LineStore) -> View:
    view = View(stores)
    view.update(LONG)
    return view


def shown(view: View) -> list[tuple[str, int]]:
    return [(entry.store.name, entry.number) for entry in map(view.entry, range(view.first, view.next))]


def texts(view: View) -> list[str]:
    return [view.entry(number).line.data.decode() for number in range(view.first, view.next)]


def expected_of(
    view: View, streams: frozenset[Source], matcher: Matcher | None, context: int
) -> list[tuple[float, int, int, bool]]:
    """Return what should be shown: time, place of the store, number, whether by itself."""
    found = []
    for place, store in enumerate(view.stores):
        lines = {number: store.line(number) for number in range(store.first, store.next)}
        hits = {n for n, line in lines.items() if line.source in streams and matcher and matcher.matches(line.data)}
        for number, line in lines.items():
            ours = line.source > Source.ERR
            near = any(abs(number - hit) <= context for hit in hits)
            if ours or (line.source in streams and (matcher is None or near)):
                found.append((store.time(number), place, number, matcher is None or number in hits))
    return sorted(found)


def check(view: View, streams: frozenset[Source], matcher: Matcher | None, context: int) -> None:
    entries = [view.entry(number) for number in range(view.first, view.next)]
    found = [(e.store.time(e.number), view.stores.index(e.store), e.number, e.match) for e in entries]
    assert found == expected_of(view, streams, matcher, context)
    check_rows(view)


def check_rows(view: View, columns: int | None = None) -> None:
    row = view.first_row
    for number in range(view.first, view.next):
        line = view.entry(number).line
        ours = line.source > Source.ERR
        height = 1 if columns is None or ours else len(breaks(parse(line.data).text, columns))
        assert view.row_of(number) == row
        assert [view.locate(row + part) for part in range(height)] == [(number, part) for part in range(height)]
        row += height
    assert view.next_row == row


def settle(view: View) -> None:
    """Take in everything in as small pieces as possible."""
    for _ in range(1000):
        if not (view.update(0) or view.behind or not view.search_done):
            return
    raise AssertionError("it never settles")


class TestEntries:
    def test_an_empty_view_has_no_entries(self) -> None:
        view = View(())

        assert view.update() is False
        assert (view.first, view.next, view.first_row, view.next_row, view.behind) == (0, 0, 0, 0, 0)
        with pytest.raises(IndexError):
            view.entry(0)

    def test_entries_tell_all_about_a_line(self) -> None:
        store = store_of("one", "two")

        view = view_of(store)

        assert view.entry(1) == (store, 1, store.line(1), True)

    def test_an_update_tells_whether_anything_has_changed(self) -> None:
        store = store_of("one")
        view = View([store])

        assert [view.behind, view.update(), view.behind, view.update()] == [1, True, 0, False]
        write(store, "two")
        revision = view.revision
        assert view.update()
        assert view.revision != revision

    def test_an_unfinished_line_grows_in_place(self) -> None:
        store = store_of("one")
        view = view_of(store)
        write(store, "begun")
        view.update()
        write(store, "error\n", kind=Kind.ERR)
        view.update()

        write(store, " and ended\n")

        assert view.update()
        assert texts(view) == ["one", "begun and ended", "error"]

    def test_without_time_a_round_is_taken_in(self) -> None:
        store = LineStore("p")
        write(store, "x\n" * 20_000)
        view = View([store])

        view.update(0)

        assert 0 < view.next < 20_000
        assert view.behind == 20_000 - view.next

    def test_numbers_stay_when_old_lines_go(self) -> None:
        storage = Storage(limit=20_000)
        store = storage.store("p")
        view = View([store])
        for number in range(1000):
            write(store, f"{number}\n", number)
        view.update(LONG)

        storage.trim()
        view.update(LONG)

        assert view.first == store.first > 0
        assert texts(view) == [str(number) for number in range(view.first, 1000)]
        with pytest.raises(IndexError):
            view.entry(view.first - 1)

    def test_at_time_is_the_first_entry_at_an_instant_or_after_it(self) -> None:
        view = view_of(store_of("a", "b", "c", start=10))

        assert [view.at_time(when) for when in (0, 10, 10.5, 11, 12, 13)] == [0, 0, 1, 1, 2, 3]


class TestMerging:
    def test_lines_of_several_stores_are_ordered_by_time(self) -> None:
        view = view_of(store_of("a0", "a1", "a2", name="a"), store_of("b0", "b1", name="b", start=0.5))

        assert texts(view) == ["a0", "b0", "a1", "b1", "a2"]

    def test_lines_of_one_time_are_ordered_by_store(self) -> None:
        a, b = LineStore("a"), LineStore("b")
        view = View([a, b])
        write(b, "b0\nb1\n")
        view.update()
        write(a, "a0\na1\n")
        view.update()

        assert texts(view) == ["a0", "a1", "b0", "b1"]

    def test_a_late_line_is_put_where_it_belongs_and_entries_before_it_stay(self) -> None:
        a, b = store_of("a0", "a1", "a2", name="a"), LineStore("b")
        view = view_of(a, b)

        write(b, "late\n", 1.5)
        view.update()

        assert texts(view) == ["a0", "a1", "late", "a2"]
        assert view.first == 0

    def test_a_merge_reaches_back_as_far_as_all_of_its_stores(self) -> None:
        storage = Storage(limit=40_000)
        quiet, loud = storage.store("quiet"), storage.store("loud")
        view = View([quiet, loud])
        for number in range(20):
            write(quiet, f"{number}\n", number * 100)
        for number in range(2000):
            write(loud, f"{number}\n", number)
        view.update(LONG)
        storage.trim()
        view.update(LONG)

        assert quiet.first == 0
        oldest = loud.time(loud.first)
        assert all(view.entry(number).line.time >= oldest for number in range(view.first, view.next))
        assert sum(entry.store is quiet for entry in map(view.entry, range(view.first, view.next))) > 1


class TestFiltering:
    @pytest.mark.parametrize(
        ("typed", "context", "expected"),
        [
            ("x", 0, ["x1", "x4", "x9"]),
            ("x", 1, ["0", "x1", "2", "3", "x4", "5", "8", "x9"]),
            ("x", 3, ["0", "x1", "2", "3", "x4", "5", "6", "7", "8", "x9"]),
            ("!x", 0, ["0", "2", "3", "5", "6", "7", "8"]),
            ("~[89]", 0, ["8", "x9"]),
            ("nothing", 3, []),
        ],
    )
    def test_matching_lines_are_shown_with_context(self, typed: str, context: int, expected: list[str]) -> None:
        view = view_of(store_of("0", "x1", "2", "3", "x4", "5", "6", "7", "8", "x9"))

        view.set_filter(Matcher.parse(typed), context)
        view.update()

        assert texts(view) == expected
        own = [view.entry(number).match for number in range(view.first, view.next)]
        assert own == [Matcher.parse(typed).matches(text.encode()) for text in expected]

    def test_context_is_of_the_same_process(self) -> None:
        a, b = store_of("a0", "x", "a2", name="a"), store_of("b0", "b1", "b2", name="b")
        view = view_of(a, b)

        view.set_filter(Matcher.parse("x"), 1)
        view.update()

        assert texts(view) == ["a0", "x", "a2"]

    def test_context_comes_with_lines_that_come_later(self) -> None:
        store = store_of("0", "1", "2")
        view = view_of(store)
        view.set_filter(Matcher.parse("x"), 1)
        view.update()
        before = texts(view)

        write(store, "x\n")
        view.update()
        write(store, "after\nfar\n")
        view.update()

        assert (before, texts(view)) == ([], ["2", "x", "after"])

    def test_streams_are_chosen(self) -> None:
        store = LineStore("p")
        write(store, "out\n")
        write(store, "err\n", kind=Kind.ERR)
        store.note("remark", 1.0)
        view = view_of(store)
        both = texts(view)

        view.set_streams(frozenset((Source.ERR,)))
        view.update()

        assert (both, texts(view)) == (["out", "err", "remark"], ["err", "remark"])

    def test_what_we_have_to_say_passes_a_filter_but_does_not_match(self) -> None:
        store = store_of("one", "two")
        store.note("", 1.0, gap=100)
        end(store, 1)
        view = view_of(store)

        view.set_filter(Matcher.parse("one"))
        view.update()

        assert texts(view) == ["one", "output missing here: 100 bytes", "exited 1"]
        assert [view.entry(number).match for number in range(view.first, view.next)] == [True, False, False]

    def test_an_unfinished_line_is_judged_again_when_it_grows(self) -> None:
        store = store_of("one")
        view = view_of(store)
        view.set_filter(Matcher.parse("ended"))
        write(store, "begun")
        view.update()
        before = texts(view)
        write(store, "error ended\n", kind=Kind.ERR)
        view.update()

        write(store, " and ended\n")
        view.update()

        assert (before, texts(view)) == ([], ["begun and ended", "error ended"])

    def test_an_unfinished_line_that_matches_no_more_goes(self) -> None:
        store = store_of("one")
        view = view_of(store)
        view.set_filter(Matcher.parse("!ended"))
        write(store, "begun")
        view.update()
        before = texts(view)

        write(store, " and ended\n")
        view.update()

        assert (before, texts(view)) == (["one", "begun"], ["one"])

    @pytest.mark.parametrize(("typed", "expected"), [("100%", 2), ("!50%", 2999)])
    def test_even_long_after_it_began(self, typed: str, expected: int) -> None:
        store = LineStore("p")
        write(store, "50%")
        view = view_of(store)
        view.set_filter(Matcher.parse(typed))
        for number in range(3000):
            write(store, f"{number}\n" if number != 5 else "100%\n", kind=Kind.ERR)
            if number % 100 == 0:
                view.update()
        view.update()

        write(store, " 100%\n")
        view.update(LONG)
        view.update(LONG)

        check(view, BOTH, Matcher.parse(typed), 0)
        assert sum(view.entry(n).match for n in range(view.first, view.next)) in (expected, expected + 1)

    def test_the_same_filter_again_changes_nothing(self) -> None:
        view = view_of(store_of("one"))
        view.set_filter(Matcher.parse("o"))
        view.update()
        first = view.first

        view.set_filter(Matcher.parse("o"))

        assert view.first == first
        assert texts(view) == ["one"]

    def test_numbers_of_before_are_not_used_again(self) -> None:
        view = view_of(store_of("one", "two"))

        view.set_filter(Matcher.parse("two"))
        view.update()

        assert view.first == 2
        with pytest.raises(IndexError):
            view.entry(0)


class TestSearching:
    def test_matches_are_counted_and_numbered(self) -> None:
        view = view_of(store_of("x0", "1", "x2", "x3"))

        view.set_search(Matcher.parse("x"))
        before = view.match_count, view.search_done
        view.update()

        assert before == (0, False)
        assert (view.match_count, view.search_done) == (3, True)
        assert [view.match_index(number) for number in range(4)] == [1, None, 2, 3]

    @pytest.mark.parametrize("searched", [False, True])
    @pytest.mark.parametrize(
        ("start", "direction", "found", "wrapped"),
        [
            (0, 1, 1, False),
            (1, 1, 1, False),
            (2, 1, 4, False),
            (5, 1, 1, True),
            (99, 1, 1, True),
            (-99, 1, 1, False),
            (4, -1, 4, False),
            (3, -1, 1, False),
            (0, -1, 4, True),
            (-1, -1, 4, True),
            (99, -1, 4, False),
        ],
    )
    def test_the_nearest_match_is_found_before_all_are_counted(
        self, searched: bool, start: int, direction: int, found: int, wrapped: bool
    ) -> None:
        view = view_of(store_of("0", "x1", "2", "3", "x4", "5"))
        view.set_search(Matcher.parse("x"))
        if searched:
            view.update()

        assert view.find(start, direction) == found
        assert view.wrapped is wrapped

    def test_nothing_is_found_where_nothing_is_looked_for(self) -> None:
        view = view_of(store_of("one"))

        assert (view.find(0, 1), view.match_count, view.match_index(0), view.search_done) == (None, 0, None, True)
        view.set_search(Matcher.parse("x"))
        assert view.find(0, 1) is None

    def test_lines_that_grow_are_searched_again(self) -> None:
        store = store_of("one")
        write(store, "be")
        view = view_of(store)
        view.set_search(Matcher.parse("begun"))
        view.update()
        before = view.match_count

        write(store, "gun\n")
        view.update()

        assert (before, view.match_count, view.find(0, 1)) == (0, 1, 1)

    def test_matches_that_have_gone_are_not_counted(self) -> None:
        storage = Storage(limit=10_000)
        view = View([storage.store("p")])
        view.set_search(Matcher.parse("x"))
        for number in range(500):
            write(storage.store("p"), f"x{number}\n", number)
            view.update()

        storage.trim()
        view.update()

        assert view.match_count == view.next - view.first
        assert view.match_index(view.first) == 1

    def test_lines_that_have_gone_are_not_found(self) -> None:
        storage = Storage(limit=10_000)
        view = View([storage.store("p")])
        view.set_search(Matcher.parse("x"))
        for number in range(500):
            write(storage.store("p"), f"x{number}\n", number)
        view.update()
        storage.trim()

        assert view.find(0, 1) == storage.store("p").first


class TestErrors:
    def test_errors_are_what_an_eye_would_stop_at(self) -> None:
        store = LineStore("p")
        write(store, "fine\n")  # 0
        write(store, "e1\ne2\n", kind=Kind.ERR)  # 1, 2
        write(store, "ERROR bad\nfine\n")  # 3, 4
        store.note("remark", 0.0)  # 5
        store.note("", 0.0, gap=5)  # 6
        end(store, 0)  # 7
        write(store, "e3\n", kind=Kind.ERR)  # 8
        end(store, 3)  # 9
        view = view_of(store)

        found = []
        number = view.next_error(0, 1)
        while number is not None and not view.wrapped:
            found.append(number)
            number = view.next_error(number + 1, 1)

        assert found == [1, 3, 6, 8, 9]
        assert view.next_error(7, -1) == 6

    def test_a_run_ends_where_another_process_speaks(self) -> None:
        a, b = LineStore("a"), LineStore("b")
        for time in range(3):
            write(a, f"a{time}\n", time, Kind.ERR)
        write(b, "b0\nb1\n", 1, Kind.ERR)
        view = view_of(a, b)

        assert texts(view) == ["a0", "a1", "b0", "b1", "a2"]
        assert [view.next_error(number, 1) for number in range(5)] == [0, 2, 2, 4, 4]

    def test_a_run_goes_on_beyond_a_piece(self) -> None:
        store = LineStore("p")
        write(store, "x\n" * 5000, kind=Kind.ERR)
        view = view_of(store)
        first = view.next_error(0, 1)
        view.update(LONG)

        assert first == 0
        assert view.next_error(1, 1) == 0
        assert view.wrapped


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
