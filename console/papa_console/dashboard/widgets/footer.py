"""The bottom line: the keys that work here, as they are bound at this moment; a click presses one."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.events import Click
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from papa_console.dashboard.actions import ACTIONS, BY_BINDING_ID, Action
from papa_console.dashboard.widgets.looks import ink

_SIGNS = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "plus": "+",
    "space": "␣",
    "enter": "⏎",
    "escape": "esc",
    "exclamation_mark": "!",
    "vertical_line": "|",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "delete": "del",
    "shift+tab": "⇧tab",
}


def key_sign(key: str) -> str:
    """Return how a key is written for people."""
    if key in _SIGNS:
        return _SIGNS[key]
    return f"^{key.removeprefix('ctrl+')}" if key.startswith("ctrl+") else key


def _hints(focused: Widget | None) -> tuple[tuple[str, str], ...]:
    """Return the keys that matter while something is typed, as the widget around it tells them."""
    node = focused
    while isinstance(focused, Input) and isinstance(node, Widget):
        if hints := getattr(node, "HINTS", None):
            return tuple(hints)
        node = node.parent  # type: ignore[assignment]
    return ()


class Footer(Widget):
    """The bottom line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"footer--key", "footer--label"}
    DEFAULT_CSS = """
    Footer {
        height: 1; background: $panel; color: $text-muted; dock: bottom;
        & > .footer--key { color: $primary; text-style: bold; }
        & > .footer--label { color: $foreground; }
    }
    """
    keys: reactive[tuple[tuple[str, str], ...]] = reactive(())  # binding id, key
    hints: reactive[tuple[tuple[str, str], ...]] = reactive(())  # of what is typed into: key, label

    def show(self) -> None:
        """Show what is bound where the focus is now."""
        if not self.is_attached:
            return
        self.hints = _hints(self.screen.focused)
        found: dict[str, str] = {}
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            action = BY_BINDING_ID.get(binding.id or "")
            if enabled and action is not None and action.footer:
                found.setdefault(action.binding_id, binding.key)
        rank = {action.binding_id: action.footer for action in ACTIONS}
        self.keys = tuple(sorted(found.items(), key=lambda item: rank[item[0]]))

    @property
    def _actions(self) -> Sequence[tuple[Action, str]]:
        return [(BY_BINDING_ID[binding_id], key_sign(key)) for binding_id, key in self.keys]

    def _shown(self) -> list[tuple[Action, str]]:
        """Return what fits; what is in the middle goes first, so that help and quit always show."""
        shown, room = list(self._actions), self.size.width - 1
        while shown and sum(len(key) + len(action.label) + 3 for action, key in shown) > room:
            shown.pop(max(len(shown) - 4, 0))
        return shown

    def render(self) -> Text:
        """Draw the line."""
        key_style = ink(self, "footer--key")
        label_style = ink(self, "footer--label")
        text = Text(" ", no_wrap=True)
        shown = self.hints or [(key, action.label) for action, key in self._shown()]
        for key, label in shown:
            text.append(key, key_style).append(" ").append(label, label_style).append("  ")
        return text

    async def on_click(self, event: Click) -> None:
        """Do what was clicked on."""
        if self.hints:
            return
        column = 1
        for action, key in self._shown():
            end = column + len(key) + len(action.label) + 3
            if column <= event.x < end:
                await self.run_here(action)
                return
            column = end

    async def run_here(self, action: Action) -> None:
        """Do an action as if its key had been pressed where the focus is."""
        await self.app.run_action(action.call, self.screen.focused or self.screen)
