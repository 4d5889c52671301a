"""Fixtures of the dashboard's tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.consoles import Console


@pytest.fixture
def open_console(tmp_path: Path) -> Iterator[Callable[..., Console]]:
    """Start the program on terminals of their own, each with a home of its own; all are closed with the test."""
    opened: list[Console] = []

    def start(endpoint: int | str, *arguments: str, ready: bool = True, **options: object) -> Console:
        home = tmp_path / f"home{len(opened) or ''}"
        console = Console(home, ["--connect", str(endpoint), *arguments], **options)  # type: ignore[arg-type]
        opened.append(console)
        if ready:
            console.until_shown("● up")
        return console

    yield start
    for console in opened:
        console.__exit__()
