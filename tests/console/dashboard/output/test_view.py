"""What a pane shows: its lines, merged and filtered."""

import pytest

from papa_console.dashboard.output.lines import LineStore, Source, Storage
from papa_console.dashboard.output.search import Matcher
from papa_console.dashboard.output.view import View
from papa_protocol.watch import Kind
from support.views import BOTH, LONG, check, end, store_of, texts, view_of, write


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
