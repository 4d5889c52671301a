"""The demonstration tells the truth about itself."""

import os
import subprocess
import sys

import pexpect


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


def test_a_terminal_that_cannot_show_the_console_is_told_the_same_story() -> None:
    variables = {**os.environ, "TERM": "dumb"}
    variables.pop("CI", None)

    with pexpect.spawn(
        sys.executable, ["-m", "papa_console.demo"], env=variables, timeout=240, encoding="utf-8"
    ) as terminal:
        terminal.expect(pexpect.EOF)
        said = terminal.before or ""

    assert said.rstrip().endswith("nothing failed"), said
    assert terminal.exitstatus == 0
