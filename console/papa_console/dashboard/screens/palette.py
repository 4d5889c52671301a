"""The palette: every action that can be done here, every theme, every process, found by a few letters."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, runtime_checkable

from textual.binding import ActiveBinding
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input

from papa_console.dashboard.actions import BY_BINDING_ID, MOVES, Where
from papa_console.dashboard.widgets.footer import key_sign
from papa_console.text import clean_line

_MOST_PROCESSES = 50
_HELP_SCORE = 0.6  # a match in the help is worth less than one in the label


class Palette(CommandPalette):
    """The palette itself."""

    def on_mount(self) -> None:
        """Let the cursor stand still: a timer would repaint it for ever."""
        self.query_one(Input).cursor_blink = False


@runtime_checkable
class Main(Protocol):
    """What the palette needs of the screen that it is opened on."""

    session: Any

    def list_of(self, kind: str) -> Any:
        """Return the list of a kind."""

    def focus_pane(self, name: str) -> None:
        """Give a pane the focus."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette.

    Args:
        label: what it is called.
        help: what it does.
        run: does it.
        key: the key that does it too.
    """

    label: str
    help: str
    run: Callable[[], Awaitable[object] | None]
    key: str = ""

    @property
    def shown(self) -> Content:
        """Its first line."""
        key = Content.styled(f"  {self.key}", "$foreground-muted") if self.key else Content("")
        return Content(self.label) + key


def _usefulness(bound: ActiveBinding) -> tuple[bool, bool]:
    """Order what changes or shows something before what the footer has, and moving about last."""
    action = BY_BINDING_ID.get(bound.binding.id or "")
    return (action is None or action.id in MOVES, action is not None and action.where is Where.EVERYWHERE)


class ActionCommands(Provider):
    """What can be done on the screen that the palette is opened on."""

    async def discover(self) -> Hits:
        """Yield everything but the processes, of which there may be many."""
        for entry in [*self._actions(), *self._themes()]:
            yield DiscoveryHit(entry.shown, entry.run, entry.label, entry.help)

    async def search(self, query: str) -> Hits:
        """Yield what a few letters may mean."""
        matcher = self.matcher(query)
        for entry in [*self._actions(), *self._themes()]:
            score = max(matcher.match(entry.label), matcher.match(entry.help) * _HELP_SCORE)
            if score:
                yield Hit(score, entry.shown, entry.run, entry.label, entry.help)
        found = sorted(((matcher.match(entry.label), entry) for entry in self._processes()), key=lambda pair: -pair[0])
        for score, entry in found[:_MOST_PROCESSES]:
            if score:
                yield Hit(score, entry.shown, entry.run, entry.label, entry.help)

    def _actions(self) -> Iterator[Entry]:
        """Yield the actions that are bound where the focus is, each once, with its first key."""
        seen: set[str] = set()
        bound = sorted(self.screen.active_bindings.values(), key=_usefulness)
        for node, binding, enabled, _ in bound:
            action = BY_BINDING_ID.get(binding.id or "")
            if action is None or not enabled or action.binding_id in seen or action.id == "command_palette":
                continue
            seen.add(action.binding_id)
            run = partial(self.app.run_action, binding.action, node)
            yield Entry(action.label, action.help, run, key_sign(binding.key))

    def _themes(self) -> Iterator[Entry]:
        for name in sorted(self.app.available_themes):
            if name != self.app.theme:
                yield Entry(f"Theme: {name}", "Use these colours", partial(self._use_theme, name))

    def _use_theme(self, name: str) -> None:
        self.app.theme = name
        if isinstance(self.screen, Main):
            self.screen.session.state.theme = name

    def _processes(self) -> Iterator[Entry]:
        if not isinstance(self.screen, Main):
            return
        held: Mapping[str, object] = self.screen.session.snapshot.processes
        for name in held:
            yield Entry(f"Go to {clean_line(name)}", "Select this process", partial(self._go_to, self.screen, name))

    def _go_to(self, screen: Main, name: str) -> None:
        screen.focus_pane("processes")
        screen.list_of("processes").select(name)
