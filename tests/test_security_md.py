"""SECURITY.md: every test that it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEFINITION = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "SECURITY.md").read_text()))
    defined: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        defined.update(DEFINITION.findall(path.read_text()))

    assert named
    assert not named - defined
