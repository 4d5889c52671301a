"""Views of stores of lines for tests, and a model of what they show."""

from papa_console.dashboard.output.ansi import parse
from papa_console.dashboard.output.columns import breaks
from papa_console.dashboard.output.lines import LineStore, Source
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
