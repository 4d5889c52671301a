"""Where things are: the repository, its environments, and what the suite writes."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
PACKAGE = Path(__file__).resolve().parent
OUR_VENV = REPOSITORY / ".venv"
BENCH_VENV = REPOSITORY / ".venv-bench"
PEERS_VENV = REPOSITORY / ".venv-peers"
RESULTS = REPOSITORY / "tests" / "benchmarks" / "results"
SCREENSHOTS = REPOSITORY / "screenshots"
README = REPOSITORY / "README.md"


def environment() -> dict[str, str]:
    """Return the environment of what is measured: as users have it, with compiled modules kept."""
    without = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PAPA_ENDPOINT"}
    return {name: value for name, value in os.environ.items() if name not in without}
