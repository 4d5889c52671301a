"""What acknowledging would release, and has: how much of which process, and who else might want it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from papa_console.dashboard.files.receipt import Receipt
from papa_console.dashboard.held.books import identity_of
from papa_console.dashboard.held.snapshot import Snapshot, acknowledged_position
from papa_console.dashboard.output.lines import LineStore, Source, end_text
from papa_console.dashboard.screens.confirm import Release
from papa_console.text import clock, size

_SHOWN = 3


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
        identity=identity_of(info),
    )


def releases_of(
    upto: Mapping[str, int], snapshot: Snapshot, stores: Mapping[str, LineStore], own: Iterable[str]
) -> list[Release]:
    """Return what acknowledging several processes releases, each up to a position of its own."""
    found = [
        release_of(name, snapshot, stores[name], position, own) for name, position in upto.items() if name in stores
    ]
    return [release for release in found if release is not None]


def is_gone(release: Release, snapshot: Snapshot) -> bool:
    """Whether the process is another one by now, or none: its positions mean nothing any more."""
    info = snapshot.processes.get(release.name)
    return info is None or identity_of(info) != release.identity


def released_text(done: Sequence[Release]) -> str:
    """Return what has been acknowledged, in words, however many processes that was."""
    ends = sum(bool(release.end) for release in done)
    if len(done) > 1:
        left = f"; {ends} of them had ended and left the kernel, their text stays here" if ends else ""
        return f"acknowledged {_in_all(release.size for release in done)}: {_named(done)}{left}"
    [one] = done
    left = f" and its end ({one.end}): it has left the kernel, its text stays here" if ends else ""
    return f"acknowledged {size(one.size)} of {one.name}{left}"


def saved_text(saved: Mapping[str, Receipt]) -> str:
    """Return where output was saved and that it was acknowledged, in words, however many processes that was."""
    if len(saved) > 1:
        folder = Path(next(iter(saved.values())).file).parent
        amount = _in_all(receipt.bytes for receipt in saved.values())
        return f"saved {amount} to {folder}, each with its receipt; then acknowledged"
    [(name, one)] = saved.items()
    return f"{receipt_text(name, one)}; then acknowledged"


def receipt_text(name: str, receipt: Receipt) -> str:
    """Return where output of a process was saved, in words."""
    return f"saved {size(receipt.bytes)} of {name} to {receipt.file}, sha256 {receipt.sha256[:12]}…"


def failed_text(failed: Sequence[str]) -> str:
    """Return why something was not acknowledged, in words; of many reasons the first."""
    more = len(failed) - 1
    return failed[0] + (f" (and {more:,} more {'were' if more > 1 else 'was'} not acknowledged)" if more else "")


def _in_all(sizes: Iterable[int]) -> str:
    found = list(sizes)
    return f"{size(sum(found))} of {len(found):,} processes"


def _named(done: Sequence[Release]) -> str:
    return ", ".join(release.name for release in done[:_SHOWN]) + (" …" if len(done) > _SHOWN else "")
