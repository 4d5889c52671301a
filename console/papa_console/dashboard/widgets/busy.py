"""Widgets that are at what a key has asked of them for longer than the key takes, as with a question to the kernel."""


class Busy:
    """Mixed into a widget: while it or one inside it has the focus, the next key waits until it is busy no more."""

    is_busy = False
