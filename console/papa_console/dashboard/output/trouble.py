"""Which entries of a view tell of trouble: what next error and previous error go to."""

from papa_console.dashboard.output.intake import Intake
from papa_console.dashboard.output.lines import LineStore, Source
from papa_console.dashboard.output.severity import errors


def judge(intake: Intake, start: int, stop: int) -> list[int]:
    """Return the entries from ``start`` to before ``stop`` that tell of an error.

    These are lines that tell a level of ERROR or above, the first of a run of lines of standard error, ends with a
    status other than 0, and gaps.
    """
    found = {start + index for index in errors(intake.data(start, stop))}
    before = _source_before(intake, start)
    number = start
    for store, low, high in intake.runs(start, stop):
        sources = store.sources(low, high)
        if max(sources) > Source.OUT:
            in_run = before == (store, Source.ERR)
            found.update(number + index for index in _troubles(store, low, sources, in_run=in_run))
        before = store, sources[-1]
        number += high - low
    return sorted(found)


def _source_before(intake: Intake, number: int) -> tuple[LineStore | None, int]:
    for store, low, high in intake.runs(number - 1, number):
        return store, store.sources(low, high)[0]
    return None, Source.OUT


def _troubles(store: LineStore, low: int, sources: bytes, *, in_run: bool) -> list[int]:
    found = []
    for index, source in enumerate(sources):
        if source == Source.ERR:
            if not in_run:
                found.append(index)
        elif source == Source.GAP or (source == Source.END and store.amount(low + index)):
            found.append(index)
        in_run = source == Source.ERR
    return found
