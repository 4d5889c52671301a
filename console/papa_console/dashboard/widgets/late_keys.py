"""Keys that came in one go, as from a paste or a slow link: those after the one that moved the focus go where it went.

Textual hands each key to the widget that has the focus when the key arrives, and finds out what an earlier one does
only later; so what is typed quickly after ``/`` would be lost, and what follows Enter would be typed into the bar.
"""

from textual import events
from textual.widget import Widget


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
    """Do at once what a key is bound to, so that the focus has moved before the next key is looked at."""
    if pass_on(widget, event):
        return
    active = widget.screen.active_bindings.get(event.key)
    if active is not None and active.enabled:
        take(event)
        await widget.app.run_action(active.binding.action, active.node)
