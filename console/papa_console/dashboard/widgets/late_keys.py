"""Keys that came in one go, as from a paste or a slow link: those after the one that moved the focus go where it went.

Textual hands each key to the widget that has the focus when the key arrives, and finds out what an earlier one does
only later; so what is typed quickly after ``/`` would be lost, and what follows Enter would be typed into the bar.
"""

from textual import events
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

_MOVES_FOCUS = ("screen.command",)


def pass_on(widget: Widget, event: events.Key) -> bool:
    """Give a key to the widget that has the focus by now; return whether that is another one."""
    focused = widget.screen.focused
    if focused is None or focused is widget:
        return False
    take(event)
    focused.post_message(events.Key(event.key, event.character))
    return True


def take(event: events.Key) -> None:
    """Let nobody else have a key."""
    event.stop()
    event.prevent_default()


async def act(widget: Widget, event: events.Key) -> None:
    """Do at once what a key is bound to, if it may move the focus, before the next key is looked at.

    What else the screen and the application do is left to them: it may have to wait for ``widget`` itself.
    """
    if pass_on(widget, event):
        return
    active = widget.screen.active_bindings.get(event.key)
    if active is None or not active.enabled:
        return
    action = active.binding.action
    ours = not action.startswith(("screen.", "app.")) and not isinstance(active.node, Screen | App)
    if ours or action in _MOVES_FOCUS:
        take(event)
        await widget.app.run_action(action, active.node)
