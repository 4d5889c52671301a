"""The styles of a pane of output, taken once from the theme, not again for each line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rich.segment import Segment
from rich.style import Style
from textual.widget import Widget

_STYLES = 4096  # a process may use 16 million colours
NAMES = 8  # so many colours tell processes apart
_PARTS = (
    "settled", "time", "chosen", "bar", "row", "match", "current", "cut", "badge", "label",
    "gap", "failed", "ended", "note", "critical", "error", "warning", "debug",
)  # fmt: skip
COMPONENTS = {f"line-log--{part}" for part in _PARTS} | {f"line-log--name-{number}" for number in range(NAMES)}
_PLAIN = Style.null()
CSS = """
    & > .line-log--settled { color: $text-muted; }
    & > .line-log--time { color: $text-muted; }
    & > .line-log--chosen { color: $text-accent; text-style: bold; }
    & > .line-log--row { background: $boost; }
    & > .line-log--bar { color: $text-error; text-style: bold; }
    & > .line-log--match { background: $warning 35%; color: $foreground; text-style: underline; }
    & > .line-log--current { background: $warning; color: auto 90%; text-style: bold; }
    & > .line-log--cut { color: $text-muted; text-style: bold; }
    & > .line-log--badge { background: $primary; color: auto 90%; text-style: bold; }
    & > .line-log--label { color: $text-success; }
    & > .line-log--gap { color: $text-warning; text-style: bold; }
    & > .line-log--failed { color: $text-error; text-style: bold; }
    & > .line-log--ended { color: $text-success; }
    & > .line-log--note { color: $text-muted; text-style: italic; }
    & > .line-log--critical { color: $text-error; text-style: bold; }
    & > .line-log--error { color: $text-error; }
    & > .line-log--warning { color: $text-warning; }
    & > .line-log--debug { color: $text-muted; }
    & > .line-log--name-0 { color: $text-primary; }
    & > .line-log--name-1 { color: $text-success; }
    & > .line-log--name-2 { color: $text-warning; }
    & > .line-log--name-3 { color: $text-accent; }
    & > .line-log--name-4 { color: $text-secondary; }
    & > .line-log--name-5 { color: $text-error; }
    & > .line-log--name-6 { color: $text-primary; text-style: bold; }
    & > .line-log--name-7 { color: $text-success; text-style: bold; }
    &:ansi > .line-log--settled { text-style: dim; }
    &:ansi > .line-log--time { text-style: dim; }
    &:ansi > .line-log--note { text-style: dim italic; }
    &:ansi > .line-log--debug { text-style: dim; }
    &:ansi > .line-log--match { background: ansi_default; color: ansi_default; text-style: underline; }
    &:ansi > .line-log--current { background: ansi_default; color: ansi_default; text-style: bold reverse; }
    &:ansi > .line-log--badge { background: ansi_default; color: ansi_default; text-style: bold reverse; }
    &:ansi > .line-log--row { text-style: bold; }
"""


@dataclass(frozen=True, slots=True)
class Looks:
    """The styles: ``base`` is complete, the others are laid over it; all of them plain until a widget is mounted.

    Args:
        base: of ordinary text.
        selected: of what the user has selected.
        names: of the names of processes.
        parts: all others.
        finish: makes segments fit for the terminal, which may want colours as numbers, or none.
    """

    base: Style = _PLAIN
    selected: Style = _PLAIN
    names: tuple[Style, ...] = (_PLAIN,) * NAMES
    parts: Mapping[str, Style] = field(default_factory=lambda: dict.fromkeys(_PARTS, _PLAIN))
    finish: Callable[[list[Segment]], list[Segment]] = list

    @classmethod
    def of(cls, widget: Widget) -> "Looks":
        """Take the styles of a mounted widget with ``COMPONENTS``."""

        def part(name: str) -> Style:
            own = widget.get_component_rich_style(f"line-log--{name}", partial=True)
            blended = widget.get_component_rich_style(f"line-log--{name}")  # own colours are as if they were opaque
            ink, paper = own.color and blended.color, own.bgcolor and blended.bgcolor
            return own.without_color + Style(color=ink, bgcolor=paper)

        return cls(
            base=widget.rich_style,
            selected=widget.screen.get_component_rich_style("screen--selection"),
            names=tuple(part(f"name-{number}") for number in range(NAMES)),
            parts={name: part(name) for name in _PARTS},
            finish=_finisher(widget),
        )


def _finisher(widget: Widget) -> Callable[[list[Segment]], list[Segment]]:
    """Return what Textual's filters do to segments; they look at styles alone, so each style is asked for once."""
    filters, background = widget.get_line_filters(), widget.background_colors[1]
    known: dict[Style | None, Style | None] = {}

    def finished(style: Style | None) -> Style | None:
        segments = [Segment(" ", style)]
        for line_filter in filters:
            segments = line_filter.apply(segments, background)
        if len(known) >= _STYLES:
            known.clear()
        known[style] = segments[0].style
        return known[style]

    def finish(segments: list[Segment]) -> list[Segment]:
        return [Segment(text, known[style] if style in known else finished(style)) for text, style, _ in segments]

    return finish
