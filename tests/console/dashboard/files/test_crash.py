"""What goes wrong in the console itself is in a file, and the user is told in one sentence."""

import subprocess
import sys
from pathlib import Path

import pytest

from papa_console.dashboard.files import crash
from papa_console.dashboard.files.crash import report_crash


def test_the_details_are_in_a_private_file_that_the_sentence_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    file = tmp_path / "papa" / "console-crash.txt"

    said = report_crash("Traceback\n  boom\udcff\n")

    assert said == f"papa-console has a fault and had to end; the details are in {file}"
    assert file.read_text().endswith("\nTraceback\n  boom\\udcff\n")
    assert file.stat().st_mode & 0o777 == 0o600


def test_earlier_details_stay_until_they_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "crash.txt"
    monkeypatch.setattr(crash, "_LARGEST", 100)

    report_crash("one", file)
    report_crash("two", file)
    both = file.read_text()
    report_crash("x" * 100, file)
    report_crash("last", file)

    assert "one" in both
    assert "two" in both
    assert "one" not in file.read_text()
    assert file.read_text().endswith("last\n")


def test_a_file_that_cannot_be_written_is_said_too(tmp_path: Path) -> None:
    said = report_crash("boom", tmp_path)

    assert (
        said == f"papa-console has a fault and had to end; the details could not be written: {tmp_path}: Is a directory"
    )


def test_what_nobody_catches_is_in_the_file_and_not_on_the_terminal(tmp_path: Path) -> None:
    script = (
        "import asyncio, threading, warnings\n"
        "from papa_console.dashboard.files.crash import keep_complaints_off_the_terminal\n"
        "keep_complaints_off_the_terminal()\n"
        "def fail(): raise ValueError('in a thread')\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
        "class Bad:\n"
        "    def __del__(self): raise ValueError('in a destructor')\n"
        "Bad()\n"
        "warnings.warn('a warning', UserWarning)\n"
        "async def task(): raise ValueError('in a task')\n"
        "async def main():\n"
        "    asyncio.create_task(task()); await asyncio.sleep(0)\n"
        "asyncio.run(main())\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env={"XDG_STATE_HOME": str(tmp_path)},
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    told = (tmp_path / "papa" / "console-crash.txt").read_text()
    for what in ("in a thread", "in a destructor", "a warning", "in a task"):
        assert what in told
