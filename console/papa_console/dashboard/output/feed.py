"""What one store contributes to a view: which of its lines are shown, in pieces, and again where they may change.

A line is shown by its stream and, with a filter, by its content; then neighbours are shown with it as context, and what
is shown of the last lines can still change: an unfinished line grows, and a line to come may want context. Lines from
``settled`` on are therefore judged again when the store has changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from papa_console.dashboard.output.lines import LineStore, Source
from papa_console.dashboard.output.search import Matcher

STREAMS = frozenset((Source.OUT, Source.ERR))
NUMBER_BITS = 48
_NUMBERS = (1 << NUMBER_BITS) - 1
_PATIENCE = 2048  # a line that is unfinished while so many follow is settled, until it does change


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which lines are shown; what we have to say ourselves is always.

    Args:
        streams: the streams of which lines are shown.
        matcher: what a line has to match; None for all lines.
        context: how many lines before and after a match are shown with it.
    """

    streams: frozenset[Source] = STREAMS
    matcher: Matcher | None = None
    context: int = 0

    @property
    def lets_all(self) -> bool:
        """Whether every line is shown."""
        return self.matcher is None and self.streams >= STREAMS

    def wants(self, source: int) -> bool:
        """Whether lines of a source are shown."""
        return source > Source.ERR or source in self.streams


def split_key(key: int) -> tuple[int, int, bool]:
    """Return the place of the store, the number of the line, and whether it matches by itself."""
    return key >> NUMBER_BITS, (key & _NUMBERS) >> 1, not key & 1


class Feed:
    """The lines of one store on their way into a view.

    A key names a line in a view: the place of the store, the number of the line, and a bit for context. Keys of a store
    are in the order of its lines.

    Args:
        store: the lines.
        place: of the store among those of the view.
    """

    __slots__ = ("_base", "_revision", "_waiting", "first", "settled", "store", "taken")

    def __init__(self, store: LineStore, place: int) -> None:
        self.store = store
        self._base = place << NUMBER_BITS
        self.restart()

    def restart(self) -> None:
        """Begin with the oldest line again."""
        self.first = self.taken = self.settled = self.store.first
        self._revision = -1
        self._waiting: dict[int, int] = {}  # unfinished lines that were taken, and how long they were

    @property
    def pending(self) -> int:
        """How many lines have not been taken yet."""
        return self.store.next - self.taken

    def key(self, number: int) -> int:
        """Return the key of a line that matches by itself."""
        return self._base | number << 1

    # what has changed

    def grown(self) -> list[int]:
        """Return which lines have grown since they were taken."""
        if not self._waiting or self._revision == self.store.revision:
            return []
        found = []
        unfinished = self.store.unfinished
        for number, length in list(self._waiting.items()):
            now = len(self.store.data(number, number + 1)[0]) if number >= self.store.first else length
            if now != length:
                found.append(number)
                self._waiting[number] = now
            if number not in unfinished:
                del self._waiting[number]
        return found

    def unsettle(self, number: int, sieve: Sieve) -> None:
        """Have a line judged again although it had been settled."""
        self.settled = max(min(self.settled, number - sieve.context), self.store.first)

    def redo(self) -> tuple[float, int, int] | None:
        """Go back to what is to be taken again, because it may have changed.

        Returns:
            what to take out of the order: a time before which there is none of it, the lowest key, and the one after
            the highest; None where nothing has to be taken again.
        """
        if self.settled >= self.taken or self._revision == self.store.revision:
            return None
        low, high = self.settled, self.taken
        self.taken = self.settled
        return self.store.time(low), self.key(low), self.key(high)

    # taking

    def catch_up(self) -> None:
        """Pass over lines that have gone."""
        self.settled = max(self.settled, self.store.first)
        self.taken = max(self.taken, self.store.first)

    def times(self, keys: Sequence[int]) -> Sequence[float]:
        """Return the times of lines that were taken together."""
        if not keys:
            return ()
        low, high = split_key(keys[0])[1], split_key(keys[-1])[1] + 1
        times = self.store.times(low, high)
        return times if len(times) == len(keys) else [times[split_key(key)[1] - low] for key in keys]

    def take(self, stop: int, sieve: Sieve) -> Sequence[int]:
        """Return the keys of what is shown of the lines before ``stop`` that were not taken yet."""
        start, self.taken = self.taken, stop
        self._revision = self.store.revision
        for number in self.store.unfinished:
            if start <= number < stop:
                self._waiting[number] = len(self.store.data(number, number + 1)[0])
        if sieve.lets_all:
            self.settled = stop
            return range(self.key(start), self.key(stop), 2)
        if sieve.matcher is None:
            self.settled = stop
            wanted = bytes(source for source in Source if sieve.wants(source))
            sources = self.store.sources(start, stop)
            return [self.key(start + index) for index, source in enumerate(sources) if source in wanted]
        self._settle(stop, sieve.context)
        return self._judge(start, stop, sieve, sieve.matcher)

    def _settle(self, stop: int, context: int) -> None:
        settled = min(stop, self.store.next - context)
        for number in self.store.unfinished:
            if number >= stop - _PATIENCE:
                settled = min(settled, number - context)
        self.settled = max(settled, self.store.first)

    def _judge(self, start: int, stop: int, sieve: Sieve, matcher: Matcher) -> list[int]:
        low = max(start - sieve.context, self.store.first)
        high = min(stop + sieve.context, self.store.next)
        sources = self.store.sources(low, high)
        hits = self._hits(low, high, sources, sieve, matcher)
        shown = dict.fromkeys(hits, 0)
        for index in hits if sieve.context else ():
            for near in range(max(index - sieve.context, 0), min(index + sieve.context + 1, high - low)):
                if sieve.wants(sources[near]):
                    shown.setdefault(near, 1)
        for index in _marks(sources):
            shown[index] = 1
        base = self.key(low)
        return [base + 2 * index + shown[index] for index in sorted(shown) if start <= low + index < stop]

    def _hits(self, low: int, high: int, sources: bytes, sieve: Sieve, matcher: Matcher) -> list[int]:
        """Return which lines match, counted from ``low``."""
        data = self.store.data(low, high)
        if sieve.streams >= STREAMS and not _marks(sources):
            return matcher.select(data)
        candidates = [index for index, source in enumerate(sources) if source in sieve.streams]
        return [candidates[found] for found in matcher.select([data[index] for index in candidates])]


def _marks(sources: bytes) -> list[int]:
    """Return where lines are that are ours, not output of the process."""
    if max(sources, default=0) <= Source.ERR:
        return []
    return [index for index, source in enumerate(sources) if source > Source.ERR]
