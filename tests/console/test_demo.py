"""The demonstration tells the truth about itself."""

import subprocess
import sys


def test_the_demonstration_fails_nothing_and_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "papa_console.demo"], capture_output=True, text=True, timeout=240
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "is killed with SIGKILL, half-way" in done.stdout
    assert "requests failed: 0" in done.stdout
    assert "ended with status 0" in done.stdout
    assert done.stdout.rstrip().endswith("nothing failed")
    assert done.stderr == ""
