"""Deeds about panes: going from one to another, giving them room, moving them through time."""

from dataclasses import replace

from textual.widget import Widget

from papa_console.dashboard import arrangement
from papa_console.dashboard.arrangement import LISTS, OUTPUTS, Wishes
from papa_console.dashboard.deeds.base import Base
from papa_console.dashboard.widgets.heat import HeatStrip
from papa_console.dashboard.widgets.lists import HeldList
from papa_console.dashboard.widgets.output_pane import OutputPane


class PaneDeeds(Base):
    """Which panes are shown, and which has the focus."""

    wishes = Wishes()
    lists_width: int | None = None  # as the user wants it

    def arrange_panes(self) -> None:
        """Show what there is room for and what the user asked for."""
        width, height = self.app.size
        shown = arrangement.arrange(width, height, self.wishes)
        for name in ("body", "lists", "right", "divider", "heat", "small", "inspector", *LISTS, *OUTPUTS):
            self.query_one(f"#{name}").display = name in shown
        self.query_one("#outputs").display = bool(shown.intersection(OUTPUTS))
        self.set_class(self.wishes.zoomed is not None, "-zoomed")
        for size in arrangement.Size:
            self.set_class(arrangement.size_of(width, height) is size, size.value)
        beside = self.lists_width is not None and "divider" in shown
        self.query_one("#lists").styles.width = max(24, min(self.lists_width or 0, width - 30)) if beside else None
        if "divider" in shown or self.wishes.zoomed:
            self.query_one("#lists").styles.height = None  # what was dragged on a narrow screen
        self.session.link.visible = {"processes", *shown.intersection(LISTS)}
        panes = self._panes()  # none where the screen is too small
        if panes and (self.focused is None or not self.focused.display):
            self.focus_pane(panes[0])

    def _panes(self) -> list[str]:
        return arrangement.panes(*self.app.size, self.wishes)

    def _pane(self, name: str) -> Widget:
        pane = self.query_one(f"#{name}")
        return pane.lines if isinstance(pane, OutputPane) else pane

    @property
    def focused_pane(self) -> str:
        """The id of the pane that has the focus, empty where none has."""
        node = self.focused
        while node is not None and node.id not in (*LISTS, *OUTPUTS, "inspector"):
            node = node.parent  # type: ignore[assignment]
        return node.id or "" if node is not None else ""

    @property
    def focused_list(self) -> HeldList:
        """The list that has the focus, else the one that had it last."""
        return self.list_of(self.focused_pane if self.focused_pane in LISTS else self.wishes.current)

    def focus_pane(self, name: str) -> None:
        """Give a pane the focus, bringing it into view where it is not."""
        if name in LISTS:
            self.wishes = replace(self.wishes, current=name)
        if name and name not in self._panes():
            self.wishes = replace(self.wishes, zoomed=name if self.wishes.zoomed else None)
        self._arrange_and_focus(name)

    def _arrange_and_focus(self, name: str) -> None:
        if name:
            self.query_one(f"#{name}").display = True
            self.set_focus(self._pane(name), scroll_visible=False)
        self.arrange_panes()

    def action_pane_processes(self) -> None:
        """Go to the processes."""
        self.focus_pane("processes")

    def action_pane_sockets(self) -> None:
        """Go to the sockets."""
        self.focus_pane("sockets")

    def action_pane_values(self) -> None:
        """Go to the values."""
        self.focus_pane("values")

    def action_pane_output(self) -> None:
        """Go to the output."""
        self.focus_pane("output")

    def action_next_pane(self) -> None:
        """Go to the next pane."""
        self._step(1)

    def action_previous_pane(self) -> None:
        """Go to the pane before."""
        self._step(-1)

    def _step(self, direction: int) -> None:
        order = self._panes()  # none where the screen is too small
        if order and self.wishes.zoomed is None:
            here = order.index(self.focused_pane) if self.focused_pane in order else -direction
            self.focus_pane(order[(here + direction) % len(order)])

    def action_zoom(self) -> None:
        """Give the pane that has the focus the whole screen, or take it back."""
        zoomed = None if self.wishes.zoomed else self.focused_pane or None
        self.wishes = replace(self.wishes, zoomed=zoomed)
        self.arrange_panes()

    def action_back(self) -> None:
        """Go back one step; never further than to the processes."""
        pane = self.focused_output if self.focused_pane in OUTPUTS else None
        if (pane and pane.back()) or (self.focused_pane in LISTS and self.focused_list.end_filter()):
            return
        if self.wishes.zoomed:
            self.action_zoom()
        elif self.query_one(HeatStrip).instant is not None:
            self.go_to(None)
        elif self.focused_pane not in LISTS:
            self.focus_pane(self.wishes.current)
        elif self.focused_pane != "processes":
            self.focus_pane("processes")

    def action_inspect(self) -> None:
        """Show or hide the details."""
        size = arrangement.size_of(*self.app.size)
        self.wishes = replace(self.wishes, inspect=not arrangement.inspects(size, self.wishes))
        self.arrange_panes()
        self.refresh_now()

    def action_heat(self) -> None:
        """Show or hide the strip of activity."""
        size = arrangement.size_of(*self.app.size)
        self.wishes = replace(self.wishes, heat=not arrangement.warms(self.app.size.height, size, self.wishes))
        self.arrange_panes()
        self.refresh_now()

    def action_pin(self) -> None:
        """Keep what the output shows in a second pane, or let it go."""
        pinned = self.query_one("#pinned", OutputPane)
        if not self.wishes.pinned and not self.output.names:
            self.tell("No output is shown that could be pinned: select a process first", "warning")
            return
        if not self.wishes.pinned:
            pinned.show(self.output.stores)
        self.wishes = replace(self.wishes, pinned=not self.wishes.pinned)
        self.arrange_panes()
        self.follow_shown()

    def action_earlier(self) -> None:
        """Move every pane back to the activity before."""
        self._move(-1)

    def action_later(self) -> None:
        """Move every pane on to the next activity, at the end back to now."""
        self._move(1)

    def _move(self, direction: int) -> None:
        strip = self.query_one(HeatStrip)
        if not strip.display:
            self.action_heat()
        strip.move(direction)

    def on_heat_strip_moved(self, event: HeatStrip.Moved) -> None:
        """Follow a click on the strip."""
        self.go_to(event.instant)

    def go_to(self, instant: float | None) -> None:
        """Move every output to an instant, in seconds since 1970; None is now."""
        self.query_one(HeatStrip).instant = instant
        for pane in self.query(OutputPane):
            if instant is None:
                pane.action_last()
            else:
                pane.jump_to(instant)
