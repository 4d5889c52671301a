"""Pictures of the console, taken without a terminal."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.pilot import Pilot

from papa_console.dashboard.files.bindings import KeyNameError, key_name

_SAME_SECONDS, _LONGEST_SECONDS = 0.3, 2.5  # a screen that is the same for so long has settled; a lively one never does


async def take_picture(app: App[Any], size: tuple[int, int], keys: Sequence[str], title: str | None = None) -> str:
    """Run an application, press keys, and return a picture of its screen as SVG.

    Args:
        app: it has not run yet.
        size: columns and rows.
        keys: what to press; a word that is no key is typed.
        title: what the picture's title is; None takes the application's.
    """
    async with app.run_test(size=size, notifications=True) as pilot:
        await _settle(app)
        for key in keys:
            await _press(pilot, key)
            await _settle(app)
        return app.export_screenshot(title=title)


async def _press(pilot: Pilot[Any], key: str) -> None:
    """Press a key; ``wait:500`` waits for so many milliseconds."""
    try:
        pressed = [key if key.startswith("wait:") else key_name(key)]
    except KeyNameError:
        pressed = list(key)
    await pilot.press(*pressed)


async def _settle(app: App[Any]) -> None:
    begun = since = time.monotonic()
    before = _frame(app)
    while time.monotonic() - since < _SAME_SECONDS and time.monotonic() - begun < _LONGEST_SECONDS:
        await asyncio.sleep(0.05)
        if (frame := _frame(app)) != before:
            before, since = frame, time.monotonic()


def _frame(app: App[Any]) -> str:
    strips = app.screen._compositor.render_strips()  # noqa: SLF001 - the cheapest way to what is on the screen
    return "\n".join(strip.text for strip in strips)
