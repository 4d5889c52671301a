"""The wiring: which processes hold which sockets, which share a namespace with which values, and how values changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, NamedTuple, Protocol

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus, Resize
from textual.widget import Widget
from textual.widgets import Static

from papa_console.dashboard.held.snapshot import Snapshot, state_of
from papa_console.dashboard.held.wiring import related, users_of
from papa_console.dashboard.screens.dialog import Dialog
from papa_console.dashboard.screens.pretty import changes
from papa_console.dashboard.widgets.looks import ink
from papa_console.dashboard.widgets.rows_view import RowsView
from papa_console.text import clean_line, clock, shorten, width
from papa_protocol.model import SocketInfo

Versions = Sequence[tuple[float, str]]
_MOST_CHANGES = 100
_SAID = {
    ("sockets", "processes"): "is held by {}",
    ("processes", "sockets"): "holds {}",
    ("processes", "values"): "shares its namespace with {}",
    ("values", "processes"): "shares its namespace with {}",
}
_ALONE = {
    "sockets": "is held by no process",
    "processes": "holds no socket, and shares its namespace with no value",
    "values": "shares its namespace with no process",
}


class ValueHistory(Protocol):
    """What is known of earlier values."""

    @property
    def values(self) -> Mapping[str, Versions]:
        """The versions of each value, the oldest first: when, and what."""


class Thing(NamedTuple):
    """A row: its kind, its name and a few words about it; no kind makes a heading."""

    kind: str
    name: str
    about: str = ""


class WiringScreen(Dialog[tuple[str, str]]):
    """The wiring; dismissed with the kind and the name of what the user goes to.

    Args:
        snapshot: what the kernel holds.
        history: the versions of values.
        selected: what the cursor is on at first.
    """

    AUTO_FOCUS = "#left"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "wiring--heading", "wiring--lit", "wiring--quiet", "wiring--added", "wiring--gone",
    }  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,shift+tab", "other_side", "Other side", show=False),
        Binding("right,l", "side('right')", "Right", show=False),
        Binding("left,h", "side('left')", "Left", show=False),
        Binding("W,q", "leave", "Leave", show=False),
    ]
    DEFAULT_CSS = """
    WiringScreen {
        & > .wiring--heading { color: $primary; text-style: bold; }
        & > .wiring--lit { color: $text-success; text-style: bold; }
        & > .wiring--quiet { color: $foreground-muted; }
        & > .wiring--added { color: $text-success; }
        & > .wiring--gone { color: $text-error; }
        & Frame { width: 100%; max-width: 130; height: 100%; max-height: 50; padding: 1 1 0 1; }
        & #sides { height: 2fr; }
        & #sides > RowsView { width: 1fr; height: 1fr; }
        & #right { margin-left: 2; }
        & #about { height: 1fr; min-height: 4; border-top: solid $border; }
        & #facts { height: 1; }
    }
    """

    def __init__(
        self, snapshot: Snapshot, history: ValueHistory, selected: tuple[str, str] | None = None
    ) -> None:  # fmt: skip
        super().__init__("Wiring", [("⏎", "go there"), ("tab", "other side"), ("↑↓", "move")])
        self._snapshot = snapshot
        self._history = history
        self._selected = selected
        self._users = users_of(snapshot)
        self.sides = {"left": _left(snapshot, self._users), "right": _right(snapshot)}
        self._wide = {side: max(width(clean_line(t.name)) for t in things) for side, things in self.sides.items()}
        self._side = "left"
        self._cursors: dict[str, int] = {}
        self._lit: Mapping[str, set[str]] = {}
        self._changes: list[Text] = []

    def contents(self) -> Iterable[Widget]:
        """Return sockets and values beside processes, and below them what there is to say."""
        left = RowsView(lambda number: self._draw("left", number), id="left")
        right = RowsView(lambda number: self._draw("right", number), id="right")
        changed = RowsView(lambda number: self._changes[number], cursor=False, id="changes")
        changed.can_focus = False
        return [Horizontal(left, right, id="sides"), Vertical(Static(id="facts"), changed, id="about")]

    def _view(self, side: str) -> RowsView:
        return self.query_one(f"#{side}", RowsView)

    def on_mount(self) -> None:
        """Go to what was selected, else to the first thing that there is."""
        for side, things in self.sides.items():
            self._view(side).set_rows(len(things))
            at = next((n for n, thing in enumerate(things) if thing[:2] == self._selected), None)
            self._view(side).go_to(_next_thing(things, at or 0, 1))
            self._cursors[side] = self._view(side).cursor
            if at is not None:
                self._side = side
        self._view(self._side).focus()
        self._light_up()

    def on_resize(self, event: Resize) -> None:
        """Leave out what is below where there is no room for it."""
        self.query_one("#about").display = event.size.height >= 16

    # drawing

    def _draw(self, side: str, number: int) -> Text:
        thing = self.sides[side][number]
        room = self._view(side).size.width
        if not thing.kind:
            return Text(thing.name, ink(self, "wiring--heading"))
        lit = thing.name in self._lit.get(thing.kind, ())
        here = side == self._side and number == self._view(side).cursor
        row = Text("● " if lit else "› " if here else "  ")
        name = shorten(clean_line(thing.name), max(room // 2, 8))
        row.append(name + " " * (min(self._wide[side], room // 2) - width(name)))
        about = shorten(thing.about, max(room - row.cell_len - 2, 0))
        row.append(f"  {about}", ink(self, "wiring--quiet"))
        if lit:
            row.stylize(ink(self, "wiring--lit"), 0, row.cell_len)
        return row

    def _light_up(self) -> None:
        """Light up what is related to what the cursor is on, and say what there is to say about it."""
        thing = self._thing()
        self._lit = related(self._snapshot, thing.kind, thing.name) if thing else {}
        self.query_one("#facts", Static).update(self._facts(thing))
        self._changes = self._change_rows(thing)
        self.query_one("#changes", RowsView).set_rows(len(self._changes))
        for side in self.sides:
            self._view(side).refresh()

    def _thing(self) -> Thing | None:
        things = self.sides[self._side]
        cursor = self._view(self._side).cursor
        return things[cursor] if cursor < len(things) and things[cursor].kind else None

    def _facts(self, thing: Thing | None) -> Content:
        if thing is None:
            return Content("The kernel holds nothing that could be connected.")
        said = [
            _SAID[thing.kind, kind].format(", ".join(map(clean_line, sorted(names))))
            for kind, names in self._lit.items()
            if names
        ]
        return Content.styled(clean_line(thing.name), "bold") + Content(f" {'; '.join(said) or _ALONE[thing.kind]}")

    def _change_rows(self, thing: Thing | None) -> list[Text]:
        """Return the change of a value that was last, and when it changed before."""
        versions = list(self._history.values.get(thing.name, ())) if thing and thing.kind == "values" else []
        if len(versions) < 2:
            return [Text("It has not changed while this console looked.", self._quiet)] if versions else []
        (_, before), (when, after) = versions[-2:]
        rows = [Text(f"changed at {clock(when)}", self._quiet)]
        rows += [self._change(sign, line) for sign, line in changes(before, after)[:_MOST_CHANGES]]
        earlier = [f"{clock(at)} {shorten(_one_line(text), 60)}" for at, text in reversed(versions[:-1])]
        return [*rows, Text("before", self._quiet), *(Text(f"  {line}") for line in earlier)]

    @property
    def _quiet(self) -> Style:
        return ink(self, "wiring--quiet")

    def _change(self, sign: str, line: str) -> Text:
        look = {"+": "wiring--added", "-": "wiring--gone"}.get(sign, "wiring--quiet")
        return Text(f"  {sign} {line}", ink(self, look))

    # keys

    def on_rows_view_moved(self, event: RowsView.Moved) -> None:
        """Skip headings, and light up what is related."""
        if event.view.id not in self.sides:
            return
        self._side = event.view.id
        self._settle(event.view, self.sides[event.view.id])
        self._light_up()

    def _settle(self, view: RowsView, things: Sequence[Thing]) -> None:
        """Move the cursor on where it came to a heading; at either end, back."""
        step = 1 if view.cursor >= self._cursors.get(view.id or "", 0) else -1
        for direction in (step, -step):
            at = _next_thing(things, view.cursor, direction)
            if things[at].kind:
                view.go_to(at)
                break
        self._cursors[view.id or ""] = view.cursor

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Light up what is related to the other side's cursor."""
        if event.widget.id in self.sides:
            self._side = event.widget.id
            self._light_up()

    def action_other_side(self) -> None:
        """Go to the other side."""
        self.action_side("right" if self._side == "left" else "left")

    def action_side(self, side: str) -> None:
        """Go to a side."""
        self._view(side).focus()

    def on_rows_view_activated(self) -> None:
        """Go to what the cursor is on."""
        thing = self._thing()
        if thing is not None:
            self.dismiss((thing.kind, thing.name))


def _left(snapshot: Snapshot, users: Mapping[str, Sequence[str]]) -> list[Thing]:
    sockets = [
        Thing("sockets", name, f"{_where(info)}  ×{len(users.get(name, ()))}")
        for name, info in sorted(snapshot.sockets.items())
    ]
    values = [Thing("values", name, _one_line(text)) for name, text in sorted(snapshot.values.items())]
    return [Thing("", "Sockets"), *sockets, Thing("", ""), Thing("", "Values"), *values]


def _right(snapshot: Snapshot) -> list[Thing]:
    return [Thing("", "Processes")] + [
        Thing("processes", name, state_of(info)) for name, info in sorted(snapshot.processes.items())
    ]


def _where(info: SocketInfo) -> str:
    return clean_line(info.get("path") or f"{info.get('host', '')}:{info.get('port', '?')}")


def _one_line(text: str) -> str:
    return clean_line(text[:200])


def _next_thing(things: Sequence[Thing], at: int, step: int) -> int:
    """Return the place of the next row from ``at`` on that is no heading; ``at`` where there is none."""
    while 0 <= at < len(things):
        if things[at].kind:
            return at
        at += step
    return max(min(at, len(things) - 1), 0)
