"""The web application of the demonstration: it tells which generation answered."""

import os
from collections.abc import Callable, Iterable, Mapping

GENERATION_HEADER = "X-Generation"
StartResponse = Callable[[str, list[tuple[str, str]]], object]


def application(_environ: Mapping[str, object], start_response: StartResponse) -> Iterable[bytes]:
    """Answer every request (PEP 3333)."""
    generation = os.environ["GENERATION"]
    start_response("200 OK", [("Content-Type", "text/plain"), (GENERATION_HEADER, generation)])
    return [f"generation {generation} says hello\n".encode()]
