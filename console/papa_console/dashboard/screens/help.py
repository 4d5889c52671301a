"""Help: every key and what it does, as the user has bound them; typing looks for a word."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Input, Static

from papa_console.dashboard.actions import ACTIONS, Action
from papa_console.dashboard.screens.dialog import Dialog
from papa_console.dashboard.screens.help_page import Looks, page
from papa_console.dashboard.widgets.looks import ink


class HelpScreen(Dialog[None]):
    """The keys and what they do.

    Args:
        keymap: keys by the id of their binding; None takes those of the application.
    """

    AUTO_FOCUS = "Input"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"help--heading", "help--key", "help--match"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll_page(0.1)", "Down", show=False),
        Binding("up", "scroll_page(-0.1)", "Up", show=False),
        Binding("pagedown,enter", "scroll_page(1)", "Page down", show=False),
        Binding("pageup", "scroll_page(-1)", "Page up", show=False),
    ]
    DEFAULT_CSS = """
    HelpScreen {
        & > .help--heading { color: $primary; text-style: bold; }
        & > .help--key { color: $text-accent; text-style: bold; }
        & > .help--match { text-style: underline bold; }
        & Frame { width: 100%; max-width: 184; height: auto; padding: 0 1 0 2; margin: 0 1; }
        & Input, & Input:focus { background: $panel; background-tint: $foreground 0%; width: 100%; margin-bottom: 1; }
        & #page { height: auto; scrollbar-size-vertical: 1; }
        & #page > Static { width: 100%; height: auto; }
        &:ansi Input { background: ansi_default; }
    }
    """

    def __init__(self, keymap: Mapping[str, str] | None = None) -> None:
        super().__init__("Keys", [("type", "to find"), ("↑↓ pgup pgdn", "scroll")])
        self._keymap = keymap
        self._room = 3

    def contents(self) -> Iterable[Widget]:
        """Return the line to type into, and the page."""
        wanted = Input(placeholder="type to find a key or what it does", compact=True)
        wanted.cursor_blink = False
        listed = VerticalScroll(Static(id="text"), id="page")
        listed.can_focus = False
        return [wanted, listed]

    @property
    def keymap(self) -> Mapping[str, str]:
        """The keys that the user has bound."""
        if self._keymap is not None:
            return self._keymap
        bound: Mapping[str, str] = getattr(self.app, "_keymap", {})
        return bound

    def _actions(self) -> list[Action]:
        return [action for action in ACTIONS if self.app.check_action(action.id, ()) is not False]

    def on_resize(self, event: Resize) -> None:
        """Arrange the page for the width that there is."""
        self._room = max(event.size.height - 5, 3)
        self.call_after_refresh(self.show_page)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show only what contains what was typed."""
        event.stop()
        self.show_page()
        self.query_one("#page", VerticalScroll).scroll_home(animate=False)

    def show_page(self) -> None:
        """Draw the page."""
        looks = Looks(*(ink(self, f"help--{look}") for look in _LOOKS))
        listed = self.query_one("#page", VerticalScroll)
        room = max(listed.size.width, listed.container_size.width - 1, 20)
        wanted = self.query_one(Input).value
        text = page(self._actions(), self.keymap, room, wanted, looks)
        self.query_one("#text", Static).update(text)
        if not wanted:  # looking for a word does not shrink the frame
            listed.styles.height = min(text.plain.count("\n") + 1, self._room)

    def action_scroll_page(self, pages: float) -> None:
        """Scroll by pages or parts of one, at least a line."""
        listed = self.query_one("#page", VerticalScroll)
        lines = max(int(abs(pages) * listed.size.height), 1)
        listed.scroll_relative(y=lines if pages > 0 else -lines, animate=False)


_LOOKS = ("heading", "key", "match")
