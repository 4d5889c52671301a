"""Running papa-repl itself, with pipes."""

import os
import subprocess
import sys
from collections.abc import Mapping

from support.wire import TIMEOUT

REPL = (sys.executable, "-m", "papa_console.repl")
_UNWANTED = ("PAPA_ENDPOINT", "NO_COLOR", "PAGER", "TERM", "LESS")


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment in which nothing but the test decides."""
    kept = {key: value for key, value in os.environ.items() if key not in _UNWANTED}
    return {**kept, "TERM": "xterm", **(more or {})}


def run_repl(
    endpoint: int | str,
    *arguments: str,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    timeout: float = 2 * TIMEOUT,
) -> subprocess.CompletedProcess[str]:
    """Run papa-repl to its end."""
    return subprocess.run(
        [*REPL, "--connect", str(endpoint), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        timeout=timeout,
        env=environment(env),
    )
