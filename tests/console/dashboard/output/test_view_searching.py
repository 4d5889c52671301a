"""Searching in what a pane shows, and going from error to error."""

import pytest

from papa_console.dashboard.output.lines import LineStore, Storage
from papa_console.dashboard.output.search import Matcher
from papa_console.dashboard.output.view import View
from papa_protocol.watch import Kind
from support.views import LONG, end, store_of, texts, view_of, write


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
