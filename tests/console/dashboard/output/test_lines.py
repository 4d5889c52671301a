"""Lines of a process, against a model that looks at every byte."""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_console.dashboard.output import kept, lines, slab
from papa_console.dashboard.output.lines import LineStore, Source
from papa_protocol.watch import Kind, Record

KINDS = {Source.OUT: Kind.OUT, Source.ERR: Kind.ERR}


@dataclass
class ModelLine:
    data: bytes
    source: Source
    begin: int
    end: int


class Piece(NamedTuple):
    """What a process wrote to one stream at once."""

    source: Source
    data: bytes


def model_of(pieces: list[Piece], longest: int) -> list[ModelLine]:
    """Cut what a process wrote into lines, a byte at a time."""
    found: list[ModelLine] = []
    growing: dict[Source, ModelLine] = {}
    position = 0
    for source, data in pieces:
        for byte in data:
            line = growing.get(source)
            if line is None or (byte != 10 and len(line.data) == longest):
                line = growing[source] = ModelLine(b"", source, position, position)
                found.append(line)
            position += 1
            line.end = position
            if byte == 10:
                del growing[source]
            else:
                line.data += bytes((byte,))
    return found


def records_of(pieces: list[Piece], cuts: list[int]) -> list[Record]:
    """Return records of the pieces, cut at each position of ``cuts`` too."""
    found = []
    position = 0
    for source, data in pieces:
        edges = sorted({0, len(data), *(cut - position for cut in cuts if 0 < cut - position < len(data))})
        for low, high in pairwise(edges):
            found.append(Record(KINDS[source], "p", position + low, data[low:high], 0, position + high))
        position += len(data)
    return found


def out(data: bytes, position: int | None = None, time: float = 0.0, kind: Kind = Kind.OUT) -> Record:
    return Record(kind, "p", time, data, 0, position)


def texts(store: LineStore) -> list[tuple[Source, bytes]]:
    return [(line.source, line.data) for line in store.lines(store.first, store.next)]


pieces_strategy = st.lists(
    st.builds(
        Piece,
        st.sampled_from((Source.OUT, Source.ERR)),
        st.text(alphabet="ab\n", min_size=1, max_size=20).map(str.encode),
    ),
    max_size=12,
)
cuts_strategy = st.lists(st.integers(0, 200), max_size=12)


class TestCutting:
    @given(pieces_strategy, cuts_strategy, st.data())
    def test_any_cutting_and_repeating_of_records_gives_the_same_lines(
        self, pieces: list[Piece], cuts: list[int], data: st.DataObject
    ) -> None:
        store = LineStore("p")
        records = records_of(pieces, cuts)

        with patch.object(lines, "LONGEST", 7), patch.object(kept, "LINES", 3), patch.object(slab, "LINES", 3):
            for index, record in enumerate(records):
                store.add(record)
                if data.draw(st.booleans()):
                    store.lines(store.first, store.next)
                again = data.draw(st.integers(0, index))
                for repeated in records_of(pieces, data.draw(cuts_strategy))[again:]:
                    if repeated.position is not None and repeated.position <= store.position:
                        store.add(repeated)

        expected = model_of(pieces, 7)
        found = store.lines(0, store.next)
        assert [(line.data, line.source, line.position) for line in found] == [
            (line.data, line.source, line.end) for line in expected
        ]
        assert [store.seen_upto(number) for number in range(store.next)] == [line.begin for line in expected[1:]] + [
            sum(len(piece.data) for piece in pieces)
        ] * bool(expected)
        assert store.size == sum(len(line.data) + slab.OVERHEAD for line in found)

    @given(pieces_strategy, cuts_strategy, st.integers(0, 100))
    def test_a_record_that_begins_within_what_was_seen_is_cut(
        self, pieces: list[Piece], cuts: list[int], seen: int
    ) -> None:
        store = LineStore("p")
        for record in records_of(pieces, [*cuts, seen]):
            if record.position is not None and record.position <= seen:
                store.add(record)

        for record in records_of(pieces, cuts):
            store.add(record)

        assert [line.data for line in store.lines(0, store.next)] == [
            line.data for line in model_of(pieces, lines.LONGEST)
        ]

    def test_records_without_positions_are_counted_by_us(self) -> None:
        store = LineStore("p")

        store.add(out(b"one\ntw"))
        store.add(out(b"o\n"))
        store.add(Record(Kind.CLOSED, "p", 1.0, b"", 3))

        assert [(line.data, line.position) for line in store.lines(0, 9)] == [
            (b"one", 4),
            (b"two", 8),
            (b"exited 3", 9),
        ]

    def test_a_line_that_grows_keeps_its_place_and_time(self) -> None:
        store = LineStore("p")
        store.add(out(b"50%", time=1.0))
        store.add(out(b"beside\n", time=2.0, kind=Kind.ERR))
        before = store.lines(0, store.next)

        store.add(out(b" 100%\nnext\n", time=3.0))

        assert [line.data for line in before] == [b"50%", b"beside"]
        assert [(line.data, line.time) for line in store.lines(0, store.next)] == [
            (b"50% 100%", 1.0),
            (b"beside", 2.0),
            (b"next", 3.0),
        ]
        assert store.unfinished == []

    def test_a_very_long_line_is_broken_and_its_bytes_stay_in_order(self) -> None:
        store = LineStore("p")
        data = bytes(range(32, 127)) * 2000

        for start in range(0, len(data), 50_000):
            store.add(out(data[start : start + 50_000]))
        store.add(out(b"\n"))

        assert [len(line.data) for line in store.lines(0, store.next)] == [65536, 65536, 58928]
        assert b"".join(line.data for line in store.lines(0, store.next)) == data

    def test_a_line_that_comes_a_byte_at_a_time_is_not_copied_for_each(self) -> None:
        store = LineStore("p")

        for _ in range(60_000):
            store.add(out(b"x"))

        assert store.line(0).data == b"x" * 60_000
        assert store.next == 1

    def test_a_repeated_record_changes_nothing(self) -> None:
        store = LineStore("p")
        store.add(out(b"one\n", 4))
        revision = store.revision

        store.add(out(b"one\n", 4))

        assert store.revision == revision
        assert store.next == 1


class TestMissingOutput:
    def test_what_was_before_the_first_record_is_not_missing(self) -> None:
        store = LineStore("p")

        store.add(out(b"late\n", 1005))

        assert texts(store) == [(Source.OUT, b"late")]
        assert store.position == 1005

    def test_a_hole_between_records_is_a_gap_and_ends_the_lines_around_it(self) -> None:
        store = LineStore("p")
        store.add(out(b"one\ntw", 6))

        store.add(out(b"ree\n", 2010))

        assert texts(store) == [
            (Source.OUT, b"one"),
            (Source.OUT, b"tw"),
            (Source.GAP, b"output missing here: 2k"),
            (Source.OUT, b"ree"),
        ]
        assert store.amount(2) == 2000

    @pytest.mark.parametrize(
        ("lost", "gaps"),
        [
            (Record(Kind.LOST, "p", 1.0, b"", 600, 604), [600]),
            (Record(Kind.LOST, "p", 1.0, b"", 999, 604), [600]),  # of which 399 were seen before, or acknowledged
            (Record(Kind.LOST, "p", 1.0, b"", 600), [600]),
            (Record(Kind.LOST, "p", 1.0, b"", 600, 4), []),
            (Record(Kind.LOST, "p", 1.0, b"", 3, 3), []),
        ],
    )
    def test_lost_output_is_a_gap_unless_it_was_seen(self, lost: Record, gaps: list[int]) -> None:
        store = LineStore("p")
        store.add(out(b"one\n", 4))

        store.add(lost)

        assert [store.amount(number) for number in range(1, store.next)] == gaps
        assert all(line.source is Source.GAP for line in store.lines(1, store.next))

    def test_output_lost_before_we_came_is_told(self) -> None:
        store = LineStore("p")

        store.add(Record(Kind.LOST, "p", 1.0, b"", 532, 532))
        store.add(out(b"one\n", 536, 1.0))

        assert texts(store) == [(Source.GAP, b"output missing here: 532 bytes"), (Source.OUT, b"one")]

    def test_a_loss_around_the_end_is_told_once(self) -> None:
        store = LineStore("p")
        store.add(out(b"one\n", 4))

        store.add(Record(Kind.LOST, "p", 1.0, b"", 30, 24))  # 20 before the end, 10 after it
        store.add(Record(Kind.CLOSED, "p", 1.0, b"", 0, 25))
        store.add(out(b"of a child\n", 46, 1.0))

        assert texts(store)[1:] == [
            (Source.GAP, b"output missing here: 20 bytes"),
            (Source.END, b"exited 0"),
            (Source.OUT, b"of a child"),
        ]

    def test_a_gap_may_be_noted_without_a_number(self) -> None:
        store = LineStore("p")

        store.note("", 5.0, gap=0)

        assert texts(store) == [(Source.GAP, b"output missing here")]


class TestEndAndRemarks:
    @pytest.mark.parametrize(
        ("status", "text"),
        [(0, b"exited 0"), (3, b"exited 3"), (-15, b"killed by SIGTERM"), (-63, b"killed by signal 63")],
    )
    def test_the_end_is_a_line(self, status: int, text: bytes) -> None:
        store = LineStore("p")
        store.add(out(b"one\nunfinished", 14))

        store.add(Record(Kind.CLOSED, "p", 2.0, b"", status, 15))

        assert store.line(2) == (text, 2.0, Source.END, 15)
        assert (store.exit_status, store.amount(2)) == (status, status)
        assert store.seen_upto(1) == 14  # not the end, which would remove the process
        assert store.seen_upto(2) == 15

    def test_a_remark_shows_its_own_time_but_keeps_to_the_line_before_it(self) -> None:
        store = LineStore("p")
        store.add(out(b"one\n", 4, 10.0))

        store.note("reconnected", 99.0)
        store.add(out(b"two\n", 8, 20.0))

        assert [line.time for line in store.lines(0, 3)] == [10.0, 99.0, 20.0]
        assert list(store.times(0, 3)) == [10.0, 10.0, 20.0]

    def test_a_line_goes_on_after_a_remark(self) -> None:
        store = LineStore("p")
        store.add(out(b"begun", 5))

        store.note("reconnected", 1.0)
        store.add(out(b" and ended\n", 16))

        assert texts(store) == [(Source.OUT, b"begun and ended"), (Source.NOTE, b"reconnected")]

    def test_positions_begin_anew_after_a_restart(self) -> None:
        store = LineStore("p")
        store.add(out(b"old\n", 400))
        store.add(Record(Kind.CLOSED, "p", 2.0, b"", 1, 401))

        store.restart("another process", 3.0)
        store.add(out(b"new\n", 4, 4.0))

        assert store.exit_status is None
        assert [store.seen_upto(number) for number in range(4)] == [0, 0, 0, 4]
        assert [store.number_at(position) for position in (0, 3, 4)] == [3, 3, 4]

    def test_text_of_a_remark_that_cannot_be_written_is_replaced(self) -> None:
        store = LineStore("p")

        store.note("caf\udce9", 1.0)

        assert store.line(0).data == b"caf?"

    def test_times_never_go_back(self) -> None:
        store = LineStore("p")

        store.add(out(b"one\n", 4, 10.0))
        store.add(out(b"two\n", 8, 5.0))

        assert list(store.times(0, 2)) == [10.0, 10.0]
