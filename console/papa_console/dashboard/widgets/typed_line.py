"""A command as it is typed, coloured piece by piece by the resolver that the prompt uses."""

from functools import lru_cache

from textual.content import Content, Span

from papa_console.dashboard.widgets.visible import visible
from papa_protocol.highlight import Kind, spans

LOOKS = {
    Kind.COMMAND: "bold",
    Kind.NAME: "$text-accent",
    Kind.OPTION: "$text-success",
    Kind.PLACEHOLDER: "$text-warning",
    Kind.ERROR: "$text-error underline",
    Kind.TEXT: "",
}


@lru_cache(maxsize=64)
def coloured(line: str) -> Content:
    """Return a line with the colours of its pieces."""
    found = [Span(span.start, span.end, LOOKS[span.kind]) for span in spans(line) if LOOKS[span.kind]]
    return Content(visible(line), spans=found)
