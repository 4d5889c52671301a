"""What has happened lately to what the kernel holds: rates, forecasts, activity, ends, changes of values. Pure."""

from collections import OrderedDict
from collections.abc import Mapping
from math import floor, inf, nextafter

from papa_console.dashboard.held.series import Series
from papa_protocol.model import ProcessInfo

_SPAN = 600.0
_RATE_SECONDS = 3.0
_VALUE_CHANGES = 50
_VALUE_CHARACTERS = 16 * 2**20
_CHANGE_COSTS = 200  # in characters, beside its text


class History:
    """The last minutes, and every change of a value that still fits.

    Attributes:
        values: by name, when a value was seen to be what; the newest last.

    Args:
        span: for how many seconds output is remembered.
    """

    def __init__(self, span: float = _SPAN) -> None:
        self.values: dict[str, list[tuple[float, str]]] = {}
        self._span = span
        self._now = 0.0  # until when everything is known
        self._series: dict[str, Series] = {}
        self._infos: Mapping[str, ProcessInfo] = {}
        self._ended: dict[str, float] = {}
        self._held_values: Mapping[str, str] = {}
        # What may be forgotten, the oldest first.
        self._value_order: OrderedDict[tuple[str, float], None] = OrderedDict()
        self._value_size = 0

    @property
    def known_until(self) -> float:
        """Until when everything is known: what was before that does not change any more."""
        return self._now

    # taking in

    def confirm(self, now: float) -> None:
        """Note that what was added last still holds."""
        self._now = max(now, self._now)

    def add(self, processes: Mapping[str, ProcessInfo], now: float) -> None:
        """Take in all processes as they are now; a row that is the same object has not changed."""
        before = self._infos
        for name, info in processes.items():
            known = before.get(name)
            if known is not info:
                self._change(name, known, info, now)
        if len(processes) != len(before) or before.keys() - processes.keys():
            self._forget_gone(processes, now)
        self._infos = processes
        self.confirm(now)

    def _change(self, name: str, known: ProcessInfo | None, info: ProcessInfo, now: float) -> None:
        series = self._series.get(name)
        if series is None:
            series = self._series[name] = Series()
        series.hold(self._now)
        if known is None or _identity(known) != _identity(info):
            self._meet(name, series, info, first=not self._now)
        series.bufsize = info.get("bufsize", 0)
        series.add(now, info.get("position", 0), info.get("buffered", 0), info.get("dropped", 0))
        series.forget_before(now - self._span)
        if known is not None and known.get("running") and not info.get("running"):
            self._ended.setdefault(name, now)

    def _meet(self, name: str, series: Series, info: ProcessInfo, *, first: bool) -> None:
        """Take in another process; one that was made while we looked had written nothing then."""
        self._ended.pop(name, None)
        series.begin_again()
        started = info.get("started", 0.0)
        if not first and started > series.latest and "position" in info:
            series.add(max(started, self._now - 1), 0, 0, 0)

    def _forget_gone(self, processes: Mapping[str, ProcessInfo], now: float) -> None:
        for name in [name for name, series in self._series.items() if series.latest < now - self._span]:
            if name not in processes:
                del self._series[name]
        for name in self._ended.keys() - processes.keys():
            del self._ended[name]

    def note_end(self, name: str, time: float) -> None:
        """Take in when a process ended, told by its output: sooner and more exactly than any list."""
        self._ended[name] = time

    def add_values(self, values: Mapping[str, str], now: float) -> None:
        """Take in all values as they are now."""
        if values is self._held_values:
            return
        before, self._held_values = self._held_values, values
        for name in before.keys() - values.keys():
            self._value_order[name, self.values[name][-1][0]] = None  # what it was last may be forgotten now
        for name, text in values.items():
            if before.get(name) != text:
                self._change_value(name, text, now)

    def _change_value(self, name: str, text: str, now: float) -> None:
        changes = self.values.setdefault(name, [])
        if changes and now <= changes[-1][0]:  # the clock was set back
            now = nextafter(changes[-1][0], inf)
        changes.append((now, text))
        self._value_order[name, now] = None
        self._value_size += len(text) + _CHANGE_COSTS
        if len(changes) > _VALUE_CHANGES:
            oldest = changes[0][0]
            self._value_order.pop((name, oldest), None)
            self._forget_upto(name, oldest)
        while self._value_size > _VALUE_CHARACTERS and self._value_order:
            self._forget_upto(*self._value_order.popitem(last=False)[0])

    def _forget_upto(self, name: str, time: float) -> None:
        """Forget changes of a value up to a time, but not what it is now."""
        changes = self.values.get(name, [])
        while len(changes) > (name in self._held_values) and changes[0][0] <= time:
            self._value_size -= len(changes.pop(0)[1]) + _CHANGE_COSTS
        if not changes:
            self.values.pop(name, None)

    # reading

    def rate(self, name: str) -> float:
        """Return how many bytes a second a process has written lately."""
        series = self._series.get(name)
        return series.rate(self._now, _RATE_SECONDS) if series else 0.0

    def spark(self, name: str, columns: int) -> list[float]:
        """Return how many bytes a process wrote in each of the last whole seconds, the newest last."""
        stop = floor(self._now)
        return self.activity(name, stop - columns, stop, columns)

    def activity(self, name: str, start: float, stop: float, buckets: int) -> list[float]:
        """Return how many bytes a process wrote in each of ``buckets`` equal parts of a stretch of time."""
        series = self._series.get(name)
        return series.written(start, stop, buckets) if series else [0.0] * buckets

    def forecast(self, name: str) -> float | None:
        """Return in how many seconds output of a process will be lost; 0 if it is being lost; None if not soon."""
        series = self._series.get(name)
        return series.forecast(self._now) if series and self._infos.get(name, {}).get("running") else None

    def dropped_since(self, name: str, time: float) -> int:
        """Return how many bytes of a process' output were dropped after a time, as far as that was seen."""
        series = self._series.get(name)
        return series.dropped_since(time) if series else 0

    def ended(self, name: str) -> float | None:
        """Return when a listed process ended; None where it runs or had ended before we looked."""
        return self._ended.get(name)


def _identity(info: ProcessInfo) -> tuple[int, float]:
    return info.get("pid", 0), info.get("started", 0.0)
