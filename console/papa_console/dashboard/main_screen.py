"""The main screen: lists, output, and the one turn in which all of it is kept up to date."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Static

from papa_console.dashboard.actions import ACTIONS, Where, bindings
from papa_console.dashboard.arrangement import LEAST_HEIGHT, LEAST_WIDTH, LISTS, OUTPUTS, size_of
from papa_console.dashboard.deeds.acknowledging import AcknowledgeDeeds
from papa_console.dashboard.deeds.dragging import DragDeeds
from papa_console.dashboard.deeds.holding import HoldingDeeds
from papa_console.dashboard.deeds.panes import PaneDeeds
from papa_console.dashboard.deeds.reading import ReadingDeeds
from papa_console.dashboard.deeds.tools import ToolDeeds
from papa_console.dashboard.guide import guide
from papa_console.dashboard.held.snapshot import Connection, Snapshot, acknowledged_position, state_of, unacknowledged
from papa_console.dashboard.remembering import LISTS_WIDTH, note, restore
from papa_console.dashboard.screens.wire import WireScreen
from papa_console.dashboard.session import Session
from papa_console.dashboard.ticker import Ticker
from papa_console.dashboard.widgets.banner import Banner
from papa_console.dashboard.widgets.command_bar import CommandBar
from papa_console.dashboard.widgets.divider import Divider
from papa_console.dashboard.widgets.footer import Footer
from papa_console.dashboard.widgets.header import Header, Part
from papa_console.dashboard.widgets.heat import HeatStrip
from papa_console.dashboard.widgets.inspector import Inspector, facts
from papa_console.dashboard.widgets.lists import ProcessList, SocketList, ValueList
from papa_console.dashboard.widgets.messages import MarksChanged, Opened, Selected
from papa_console.dashboard.widgets.output_pane import OutputPane
from papa_console.text import size
from papa_protocol.model import ProcessInfo

_EVERY = 1.0  # seconds between drawings of what only time changes
_SETTLED = 0.12  # seconds that the cursor must rest before output is asked for
_FIRST_FRAME = 0.3
_OUTPUT_BUDGET = 0.008
_CHANGING = frozenset(action.id for action in ACTIONS if action.changes)


class MainScreen(PaneDeeds, DragDeeds, HoldingDeeds, ReadingDeeds, AcknowledgeDeeds, ToolDeeds):
    """The main screen.

    Args:
        session: what the running console shares.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Where.EVERYWHERE))
    AUTO_FOCUS = "#processes"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.add_class(size_of(*self.app.size).value)  # later, it would have every style found again
        self.ticker = Ticker(self.app, session.link.turn, self._draw)
        self._shown: Snapshot | None = None
        self._shown_at = self._painted_at = 0.0
        self._follow_at: float | None = None
        self._followed: tuple[str, ...] = ()
        self._offered = False
        self._output_panes: tuple[OutputPane, ...] = ()  # a query would cost more than the turn of an idle screen

    def compose(self) -> ComposeResult:
        """Make the regions."""
        yield Header()
        yield Banner()
        with Horizontal(id="body"):
            with Vertical(id="lists"):
                yield ProcessList(id="processes")
                yield SocketList(id="sockets")
                yield ValueList(id="values")
            yield Divider(id="divider")
            with Container(id="right"):
                with Vertical(id="outputs"):
                    yield OutputPane(id="output")
                    yield OutputPane(id="pinned")
                yield Inspector(id="inspector")
        yield HeatStrip(id="heat")
        yield Static(id="small", markup=False)
        yield CommandBar()
        yield Footer()

    def on_mount(self) -> None:
        """Begin to draw."""
        self._output_panes = tuple(self.query(OutputPane))
        self.query_one("#pinned", OutputPane).title_facts = "pinned"
        restore(self, self.session.config, self.session.state)
        self.arrange_panes()
        self.ticker.start()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether an action can be done here: with --read-only none that changes what the kernel holds."""
        if self.session.options.read_only and action in _CHANGING:
            return False
        return super().check_action(action, parameters)

    def on_unmount(self) -> None:
        """Stop drawing."""
        self.ticker.stop()

    def remember(self) -> None:
        """Take down for the next time how the screen is."""
        note(self, self.session.state)

    def on_resize(self, event: events.Resize) -> None:
        """Arrange the regions anew."""
        width, height = event.size
        small = f"too small: {width}x{height}\n{LEAST_WIDTH}x{LEAST_HEIGHT} are needed"
        self.query_one("#small", Static).update(small)
        self.arrange_panes()
        self.refresh_now()

    def on_screen_resume(self) -> None:
        """Show what has changed under another screen."""
        self.refresh_now()
        self.call_after_refresh(self.query_one(Footer).show)

    def on_descendant_focus(self) -> None:
        """Show the keys that work where the focus is."""
        if self.focused_pane in LISTS:
            self.wishes = replace(self.wishes, current=self.focused_pane)
        self.call_after_refresh(self.query_one(Footer).show)

    def on_divider_dragged(self, event: Divider.Dragged) -> None:
        """Move the border between lists and output."""
        self.set_lists_width(event.column)
        self.session.state.sizes[LISTS_WIDTH] = event.column

    def set_lists_width(self, columns: int) -> None:
        """Give the lists so many columns, where there is room beside the output."""
        self.lists_width = columns
        self.arrange_panes()

    # the turn

    def refresh_now(self) -> None:
        """Draw everything again with the next turn."""
        self._shown_at = self._painted_at = 0.0

    def _draw(self) -> None:
        now = self.session.now()
        if self._is_due(now):
            self._painted_at = now
            self._draw_panes(now)
        self.look_after_drains()
        top = self.app.screen
        if isinstance(top, WireScreen) and top.is_mounted:  # one that was just laid on top has no widgets yet
            top.tick(now)

    def _is_due(self, now: float) -> bool:
        """Whether to draw now; under a dialog now and then, since the whole screen is composed for each change."""
        return self.is_active or bool(self.session.options.still) or abs(now - self._painted_at) >= _EVERY

    def _draw_panes(self, now: float) -> None:
        snapshot = self.session.snapshot
        if snapshot is not self._shown or abs(now - self._shown_at) >= _EVERY:
            self._shown, self._shown_at = snapshot, now
            self._show(snapshot, now)
        if self._follow_at is not None and now >= self._follow_at:
            self.follow_shown()
        for pane in self._outputs():
            pane.tick(now, _OUTPUT_BUDGET)
            self.note_seen(pane.seen())

    def _outputs(self) -> Iterator[OutputPane]:
        return (pane for pane in self._output_panes if pane.display)

    def _show(self, snapshot: Snapshot, now: float) -> None:
        kernel, history = snapshot.kernel, self.session.link.history
        self.query_one(Header).show(snapshot, now, self._notes())
        self.query_one(Banner).show(kernel, now)
        self.set_class(kernel.connection is not Connection.UP, "-stale")
        for kind in LISTS:
            shown = self.list_of(kind)
            if shown.display:
                shown.show(snapshot, history, self.session.vitals.readings, now)
        heat = self.query_one(HeatStrip)
        if heat.display:
            heat.show(snapshot, history, now)
        self._show_details(snapshot, now)
        self._show_status(snapshot)
        self._sample(snapshot)
        if kernel.connection is Connection.ABSENT and not (self._offered or self.session.options.read_only):
            self._offered = True
            self.set_timer(_FIRST_FRAME, self.offer_kernel)  # a dialog over a screen that was never painted hides it

    def _notes(self) -> Iterable[Part]:
        if note := self.session.link.note:
            yield Part(note, "header--note", 2)
        if self.session.options.read_only:
            yield Part("READ ONLY", "header--note", 1)
        if self.draining:
            yield Part(f"DRAINING {len(self.draining)}", "header--note", 1)
        if self.ticker.pace.slow:
            yield Part(f"{self.ticker.pace.frames} fps: slow terminal", "header--warning", 3)
        if forgotten := sum(store.forgotten_bytes for store in self.session.link.storage.stores.values()):
            yield Part(f"oldest {size(forgotten)} let go", "header--muted", 8)

    def _show_details(self, snapshot: Snapshot, now: float) -> None:
        inspector = self.query_one(Inspector)
        if inspector.display:
            held = self.focused_list
            found = facts(held.kind, held.selected or "", snapshot, self.session.link.history, now)
            inspector.show(found)

    def _show_status(self, snapshot: Snapshot) -> None:
        """Tell each output what has been acknowledged, and what there is to say where nothing is shown."""
        for pane in self._outputs():
            known = {name: snapshot.processes.get(name, {}) for name in pane.names}
            marks = {name: acknowledged_position(info) for name, info in known.items()}
            pane.acknowledged = {name: position for name, position in marks.items() if position is not None}
            pane.set_status(self._status(known))
            pane.set_placeholder(guide(snapshot, pane.names))

    def _status(self, known: Mapping[str, ProcessInfo]) -> str:
        """Return what to say below the output of some processes; papa 1.0 does not tell what is unacknowledged."""
        infos = list(known.values())
        waiting = sum(unacknowledged(info) for info in infos)
        parts = [
            state_of(infos[0]) if len(infos) == 1 and infos[0] else "",
            f"{size(waiting)} unacknowledged" if any("buffered" in info for info in infos) else "",
            "draining to a file" if any(name in self.draining for name in known) else "",
        ]
        return " · ".join(filter(None, parts))

    def _sample(self, snapshot: Snapshot) -> None:
        """Have CPU and memory measured for the rows that are on the screen."""
        rows = self.list_of("processes").visible_rows
        self.session.vitals.want({name: snapshot.processes[name] for name in rows if name in snapshot.processes})

    # what is shown follows what is selected

    def on_selected(self, event: Selected) -> None:
        """Show the output of a process on which the cursor rests."""
        self.refresh_now()
        if event.kind == "processes" and not self._has_gone():
            self._follow_at = self.session.now() + (0.0 if self.session.options.still else _SETTLED)
        if event.kind in LISTS:
            self.light_up(event.kind, event.name or "")

    def _has_gone(self) -> bool:
        """Whether the cursor moved only because the process that it was on has left the kernel: its text stays."""
        held = self.session.snapshot.processes
        return self.focused_pane in OUTPUTS and bool(self._followed) and not held.keys() & set(self._followed)

    def on_opened(self, _: Opened) -> None:
        """Open what was double-clicked."""
        self.action_open()

    def on_marks_changed(self, _: MarksChanged) -> None:
        """Show the output of all marked processes, merged."""
        self._follow_at = self.session.now()

    def follow_shown(self) -> None:
        """Have the kernel send the output of what is selected, marked or pinned, and show it."""
        self._follow_at = None
        wanted = self.list_of("processes").chosen
        storage = self.session.link.storage
        if tuple(wanted) != self._followed:
            self._followed = tuple(wanted)
            self.output.show([storage.store(name) for name in wanted])
        pinned = self.query_one("#pinned", OutputPane)
        self.session.link.follow([*wanted, *(pinned.names if pinned.display else ()), *self.draining])
        self.refresh_now()
