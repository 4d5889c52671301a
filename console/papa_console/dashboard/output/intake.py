"""How the lines of several stores become the entries of one view: merged by time, a round at a time."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from math import inf

from papa_console.dashboard.output.feed import Feed, Sieve, split_key
from papa_console.dashboard.output.lines import LineStore, Source
from papa_console.dashboard.output.order import Order

_ROUND = 8192  # lines of all stores
_SHARE = 256  # at least so many lines of each


class Intake:
    """Takes lines from stores into an order.

    Args:
        stores: whose lines.
    """

    def __init__(self, stores: Sequence[LineStore]) -> None:
        self.stores = tuple(stores)
        self.sieve = Sieve()
        self.order = Order()
        self._feeds = [Feed(store, place) for place, store in enumerate(self.stores)]

    @property
    def behind(self) -> int:
        """How many lines wait to be taken in."""
        return sum(feed.pending for feed in self._feeds)

    def restart(self, sieve: Sieve) -> None:
        """Begin anew with another sieve."""
        self.sieve = sieve
        self.order.clear()
        for feed in self._feeds:
            feed.restart()

    # reading

    def runs(self, start: int, stop: int) -> Iterator[tuple[LineStore, int, int]]:
        """Yield the lines of entries, neighbours of one store together: whose, from which number to before which."""
        order = self.order
        keys = order.keys[max(start - order.first, 0) : max(stop - order.first, 0)]
        begin = 0
        while begin < len(keys):
            end = len(keys)
            if len(self.stores) > 1 or (keys[-1] >> 1) - (keys[begin] >> 1) >= end - begin:  # else no line is left out
                end = begin + 1
                while end < len(keys) and keys[end] | 1 == (keys[end - 1] | 1) + 2:
                    end += 1
            place, low, _ = split_key(keys[begin])
            yield self.stores[place], low, low + end - begin
            begin = end

    def data(self, start: int, stop: int) -> list[bytes]:
        """Return the bytes of the lines of entries."""
        found: list[bytes] = []
        for store, low, high in self.runs(start, stop):
            found += store.data(low, high)
        return found

    def output(self, start: int, stop: int) -> list[bytes]:
        """Return the same, with nothing in place of what is not output of the process."""
        found: list[bytes] = []
        for store, low, high in self.runs(start, stop):
            lines, sources = store.data(low, high), store.sources(low, high)
            found += (
                lines
                if max(sources) <= Source.ERR
                else [line if source <= Source.ERR else b"" for line, source in zip(lines, sources, strict=True)]
            )
        return found

    # what has changed

    def drop(self) -> int:
        """Remove entries whose lines have gone, and all before these; return how many."""
        changed = [feed for feed in self._feeds if feed.first != feed.store.first]
        stop = 0
        for feed in changed:
            store = feed.store
            feed.first = store.first
            feed.catch_up()
            newest = store.time(store.first) if store.first < store.next else inf
            stop = max(stop, self.order.place(newest, feed.key(store.first), 0))
        while stop and not self._has_gone(self.order.keys[stop - 1]):
            stop -= 1
        if stop:
            self.order.cut(stop)
        return stop

    def _has_gone(self, key: int) -> bool:
        place, number, _ = split_key(key)
        return number < self.stores[place].first

    def grown(self) -> list[int]:
        """Return the entries whose lines have grown; what now may be judged otherwise is left to the next round."""
        found = []
        for feed in self._feeds:
            for number in feed.grown():
                entry = self.order.find(feed.store.time(number), feed.key(number))
                if entry is not None:
                    found.append(entry)
                self._judge_again(feed, number, entry)
        return found

    def _judge_again(self, feed: Feed, number: int, entry: int | None) -> None:
        matcher = self.sieve.matcher
        if matcher is None or number >= feed.settled:
            return
        matched = entry is not None and not self.order.keys[entry - self.order.first] & 1
        if matched != matcher.matches(feed.store.data(number, number + 1)[0]):
            feed.unsettle(number, self.sieve)

    # taking in

    def round(self) -> int | None:
        """Take in the next lines; return the first entry that differs from before, None where nothing waits."""
        remove = [redone for feed in self._feeds if (redone := feed.redo()) is not None]
        feeds = [feed for feed in self._feeds if feed.pending]
        if not feeds and not remove:
            return None
        times: list[float] = []
        keys: list[int] = []
        for feed, stop in self._stops(feeds):
            taken = feed.take(stop, self.sieve)
            if len(feeds) == 1:
                return self.order.merge(feed.times(taken), taken, remove)
            keys += taken
            times += feed.times(taken)
        placed = sorted(range(len(keys)), key=times.__getitem__)
        return self.order.merge([times[index] for index in placed], [keys[index] for index in placed], remove)

    def _stops(self, feeds: Sequence[Feed]) -> list[tuple[Feed, int]]:
        """Return how far each store is to be taken: to the same instant, the latest up to which all of them reach."""
        most = max(_ROUND // max(len(feeds), 1), _SHARE)
        horizon = min((feed.store.time(feed.taken + most - 1) for feed in feeds if feed.pending > most), default=inf)
        found = []
        for feed in feeds:
            stop = feed.taken + min(feed.pending, most)
            if horizon < inf:
                stop = feed.taken + bisect_right(feed.store.times(feed.taken, stop), horizon)
            found.append((feed, stop))
        return found
