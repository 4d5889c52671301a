"""The ring buffer against the plainest model of it: the whole history, and a position for each reader."""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from papa_kernel.cursor import Cursor
from papa_kernel.output import Ring
from papa_kernel.pace import Pace
from papa_kernel.records import Piece
from papa_protocol.watch import Kind

EVERYTHING = 1 << 30


@dataclass
class Reader:
    """A cursor, and what the model knows of it.

    ``owed`` counts bytes that it will skip, told or never there; ``before`` those that were dropped before it came.
    """

    cursor: Cursor
    next: int
    acknowledged: int
    owed: int
    before: int
    wakes: list[None] = field(default_factory=list)


class RingMachine(RuleBasedStateMachine):
    """Feeds a ring and reads it; position p of the history is a byte of a stream or the end of the process."""

    @initialize(bufsize=st.sampled_from([1, 10, 64, 100, 300, 1024, 4096]))
    def begin(self, bufsize: int) -> None:
        self.ring = Ring(bufsize)
        self.slack = max(64, bufsize // 16)
        self.history: list[tuple[Kind, int]] = []
        self.readers: list[Reader] = []
        self.now = 1000.0
        self.released = 0
        self.discarded = 0
        self.value = 0
        self.missing = 0  # dropped since something was last released

    def data_between(self, start: int, stop: int) -> int:
        return sum(kind is not Kind.CLOSED for kind, _ in self.history[start:stop])

    @rule(
        kind=st.sampled_from([Kind.OUT, Kind.ERR]),
        size=st.one_of(st.integers(1, 20), st.integers(1, 400)),
        step=st.sampled_from([0, 0.001, 1, -5]),
    )
    def write(self, kind: Kind, size: int, step: float) -> None:
        self.now += step
        data = bytes((self.value + offset) % 251 for offset in range(size))
        self.value += size
        before, held = self.ring.dropped, self.ring.buffered
        wakes = [len(reader.wakes) for reader in self.readers]

        self.ring.add(kind, data, self.now)

        self.missing += self.ring.dropped - before
        self.history += [(kind, byte) for byte in data]
        assert self.ring.end == len(self.history)
        assert [len(reader.wakes) for reader in self.readers] == [count + 1 for count in wakes]
        if not self.laggards():
            lost = self.ring.dropped - before
            assert lost <= max(0, held + size - self.ring.bufsize + self.slack)
            if lost:
                assert self.ring.buffered > self.ring.bufsize - self.slack

    def laggards(self) -> bool:
        return any(reader.cursor.next < self.ring.base for reader in self.readers)

    @precondition(lambda self: self.ring.closed is None)
    @rule()
    def end(self) -> None:
        self.ring.close(7, self.now)

        self.history.append((Kind.CLOSED, 7))
        assert self.ring.closed is not None
        assert self.ring.closed.position == self.ring.end == len(self.history)

    @precondition(lambda self: len(self.readers) < 4)
    @rule(holds=st.booleans())
    def attach(self, holds: bool) -> None:
        wakes: list[None] = []
        cursor = self.ring.attach(lambda: wakes.append(None), Pace() if holds else None)

        # What descendants wrote after the end of the process may go before that end, which stays.
        gone = self.data_between(self.ring.base, len(self.history)) - self.ring.buffered
        assert gone == 0 or self.ring.closed is not None
        self.readers.append(Reader(cursor, self.ring.base, self.ring.base, gone, self.missing, wakes))

    @precondition(lambda self: self.readers)
    @rule(number=st.integers(0, 3), limit=st.sampled_from([1, 100, 1000, EVERYTHING]))
    def take(self, number: int, limit: int) -> None:
        reader = self.readers[number % len(self.readers)]
        more = reader.cursor.has_more

        pieces = reader.cursor.take(limit)

        assert bool(pieces) <= more
        self.follow(reader, pieces)
        assert sum(len(piece.data) for piece in pieces) <= self.ring.bufsize
        if limit == EVERYTHING:
            assert not reader.cursor.has_more
            # What is not there at the end was discarded, and told.
            assert self.history[reader.next :].count((Kind.CLOSED, 7)) == 0
            assert reader.owed == len(self.history) - reader.next
            reader.next, reader.owed = len(self.history), 0

    def follow(self, reader: Reader, pieces: list[Piece]) -> None:
        """Check pieces against the history from where the reader is."""
        for piece in pieces:
            if piece.kind is Kind.LOST:
                assert piece is pieces[0]
                reader.owed += piece.number - reader.before
                reader.before = 0
                continue
            start = piece.position - max(len(piece.data), piece.kind is Kind.CLOSED)
            skipped = self.history[reader.next : start]
            assert all(kind is not Kind.CLOSED for kind, _ in skipped)
            reader.owed -= len(skipped)
            expected = [(piece.kind, byte) for byte in piece.data or b"\7"]
            assert self.history[start : piece.position] == expected
            reader.next = piece.position
        assert reader.owed >= 0

    @precondition(lambda self: self.readers)
    @rule(number=st.integers(0, 3))
    def acknowledge(self, number: int) -> None:
        reader = self.readers[number % len(self.readers)]
        reader.acknowledged = max(reader.acknowledged, reader.cursor.next - reader.cursor.lost)
        holding = [each.acknowledged for each in self.readers if each.cursor.pace is not None]
        upto = min(holding, default=0)
        expected = max(self.ring.base, upto)
        self.forget_missing(upto)
        before = self.ring.buffered

        reader.cursor.acknowledge()

        assert self.ring.base == expected
        self.released += before - self.ring.buffered

    def forget_missing(self, upto: int) -> None:
        """Count as missing only what is after the position that has been acknowledged."""
        self.missing = min(self.missing, max(self.ring.base - upto, 0))

    @rule(share=st.floats(0, 1))
    def release(self, share: float) -> None:
        upto = round(share * len(self.history))
        expected, before = max(self.ring.base, upto), self.ring.buffered
        self.forget_missing(upto)

        self.ring.release(upto)

        assert self.ring.base == expected
        self.released += before - self.ring.buffered

    @precondition(lambda self: self.readers)
    @rule(number=st.integers(0, 3))
    def detach(self, number: int) -> None:
        before = self.ring.base, self.ring.buffered

        self.readers.pop(number % len(self.readers)).cursor.detach()

        assert (self.ring.base, self.ring.buffered) == before

    @rule()
    def discard(self) -> None:
        self.discarded += self.ring.buffered

        self.ring.discard()

        assert self.ring.buffered == 0

    @rule(size=st.integers(1, 400))
    def lose(self, size: int) -> None:
        before = self.ring.dropped

        self.ring.lose(size)

        self.missing += self.ring.dropped - before
        self.history += [(Kind.OUT, -1)] * size
        assert self.ring.end == len(self.history)
        assert self.ring.buffered == 0

    @invariant()
    def everything_is_held_released_or_counted(self) -> None:
        total = self.data_between(0, len(self.history))
        assert self.ring.buffered + self.ring.dropped + self.released + self.discarded == total
        assert 0 <= self.ring.buffered <= self.ring.bufsize

    @invariant()
    def a_new_reader_gets_all_that_is_buffered(self) -> None:
        cursor = self.ring.attach(lambda: None)
        pieces = cursor.take(EVERYTHING)
        cursor.detach()

        assert sum(len(piece.data) for piece in pieces) == self.ring.buffered
        assert sum(piece.number for piece in pieces if piece.kind is Kind.LOST) == self.missing
        assert [piece.time for piece in pieces] == sorted(piece.time for piece in pieces)
        told = any(piece.kind is Kind.CLOSED for piece in pieces)
        assert told == (self.ring.closed is not None and not self.ring.all_acknowledged)


RingMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestRing = RingMachine.TestCase
