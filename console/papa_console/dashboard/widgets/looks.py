"""The style of a component for a piece of text: its ink, blended where it is translucent, on whatever is behind."""

from functools import lru_cache

from rich.style import Style
from textual.widget import Widget


def ink(widget: Widget, component: str) -> Style:
    """Return how a component of ``widget`` writes, without its background.

    A partial style of Textual's does not blend: a muted colour would come out in full strength.
    """
    return _ink(widget.get_component_rich_style(component))


@lru_cache(maxsize=256)
def _ink(style: Style) -> Style:
    return Style(
        color=style.color,
        bold=style.bold or None,
        dim=style.dim or None,
        italic=style.italic or None,
        underline=style.underline or None,
        reverse=style.reverse or None,
    )
