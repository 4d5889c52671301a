"""What acknowledging would release: how much of which process, and who else might want it. Pure."""

from collections.abc import Iterable, Mapping

from papa_console.dashboard.held.snapshot import Snapshot, acknowledged_position
from papa_console.dashboard.output.lines import LineStore, Source, end_text
from papa_console.dashboard.screens.confirm import Release
from papa_console.text import clock


def _count_lines(store: LineStore, after: int, upto: int) -> tuple[int, float | None]:
    """Return how many lines end between two positions, and the time of the last of them."""
    count, last = 0, None
    before = store.position
    for number in range(store.next - 1, store.first - 1, -1):
        line = store.line(number)
        if line.position <= after or line.position > before:  # acknowledged before, or of an earlier process
            break
        before = line.position
        if line.position <= upto and line.source <= Source.ERR:
            count, last = count + 1, last or line.time
    return count, last


def release_of(name: str, snapshot: Snapshot, store: LineStore, upto: int, own: Iterable[str]) -> Release | None:
    """Return what acknowledging a process up to a position releases; None where there is nothing to release."""
    info = snapshot.processes.get(name)
    base = acknowledged_position(info) if info is not None else None
    if info is None or base is None or upto <= base:
        return None
    lines, last = _count_lines(store, base, upto)
    status = info.get("status")
    ends = status is not None and upto >= info.get("position", 0)
    return Release(
        name,
        size=upto - base - ends,
        lines=lines,
        upto=f"the line of {clock(last)}" if last is not None else "",
        watchers=info.get("watchers", 0),
        foreign=name not in own,
        end=end_text(status) if ends and status is not None else "",
    )


def releases_of(
    upto: Mapping[str, int], snapshot: Snapshot, stores: Mapping[str, LineStore], own: Iterable[str]
) -> list[Release]:
    """Return what acknowledging several processes releases, each up to a position of its own."""
    found = [
        release_of(name, snapshot, stores[name], position, own) for name, position in upto.items() if name in stores
    ]
    return [release for release in found if release is not None]
