"""Everything known about what is selected."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Snapshot, acknowledged_position, state_of, unacknowledged
from papa_console.dashboard.held.wiring import users_of
from papa_console.dashboard.widgets.looks import ink
from papa_console.text import clean_line, clock, duration, size
from papa_protocol.model import ProcessInfo

Facts = Iterator[tuple[str, str]]


def facts(kind: str, name: str, snapshot: Snapshot, history: History, now: float) -> list[tuple[str, str]]:
    """Return what there is to say about a thing: pairs of a label and a text, cleaned."""
    match kind:
        case "processes" if name in snapshot.processes:
            found = _process(name, snapshot.processes[name], history, now)
        case "sockets" if name in snapshot.sockets:
            found = _socket(name, snapshot)
        case "values" if name in snapshot.values:
            found = _value(name, snapshot, history, now)
        case _:
            found = iter(())
    return [(label, clean_line(text)) for label, text in found]


def _process(name: str, info: ProcessInfo, history: History, now: float) -> Facts:
    yield "name", name
    yield "state", state_of(info)
    yield "pid", str(info.get("pid", "–"))
    if "started" in info:
        yield "started", clock(info["started"], date=True)
        if info.get("running"):
            yield "age", duration(now - info["started"])
    for key, shown in info.items():
        if key in ("uid", "gid", "shell", "working_dir", "linger", "listen", "stdout", "stderr"):
            yield key.replace("_", " "), str(shown)
    yield from _output(name, info, history)
    yield "command", info.get("args", "")


def _output(name: str, info: ProcessInfo, history: History) -> Facts:
    if "bufsize" not in info:
        return
    yield "buffer", f"{size(info.get('buffered', 0))} of {size(info['bufsize'])}"
    yield "written", f"{info.get('position', 0):,} B"
    yield "acknowledged", f"{acknowledged_position(info) or 0:,} B"
    yield "unacknowledged", f"{unacknowledged(info):,} B"
    if info.get("dropped"):
        yield "dropped", f"{info['dropped']:,} B"
    yield "watchers", str(info.get("watchers", 0))
    yield "rate", f"{size(round(history.rate(name)))}/s"
    forecast = history.forecast(name)
    if forecast is not None:
        yield "forecast", f"loses output in {duration(forecast)}"


def _socket(name: str, snapshot: Snapshot) -> Facts:
    yield "name", name
    for key, shown in snapshot.sockets[name].items():
        yield key, f"0{shown:o}" if key == "umask" and isinstance(shown, int) else str(shown)
    yield "held by", ", ".join(users_of(snapshot).get(name, ())) or "no process"


def _value(name: str, snapshot: Snapshot, history: History, now: float) -> Facts:
    text = snapshot.values[name]
    yield "name", name
    yield "length", f"{len(text):,} characters"
    changes = history.values.get(name, ())
    if len(changes) > 1:
        yield "changed", f"{duration(now - changes[-1][0])} ago"
    yield "value", text


class Inspector(VerticalScroll):
    """The pane."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"inspector--label"}
    DEFAULT_CSS = """
    Inspector {
        padding: 0 1; background: $surface; border: round $border; border-title-color: $text-muted;
        &:focus { border: heavy $primary; border-title-color: $primary; }
        & Static { height: auto; }
        & > .inspector--label { color: $text-muted; }
    }
    """
    BORDER_TITLE = "Details"

    def compose(self) -> Iterator[Static]:
        """Make the text."""
        yield Static(markup=False)

    def show(self, shown: Mapping[str, str] | list[tuple[str, str]]) -> None:
        """Show pairs of a label and a text."""
        pairs = list(shown.items()) if isinstance(shown, Mapping) else shown
        label_style = ink(self, "inspector--label")
        text = Text()
        for label, words in pairs:
            text.append(f"{label:<15}", label_style).append(words).append("\n")
        self.query_one(Static).update(text if pairs else Text("nothing is selected"))
