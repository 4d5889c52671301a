"""The history: private, whole under many writers, without repetitions and secrets."""

import asyncio
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_console.masking import mask_secrets, masked_value
from papa_console.repl.history import FullHistory, HistoryFile, history_path, newest
from papa_protocol.typed import expand

WRITER = """
import sys
from pathlib import Path
from papa_console.repl.history import HistoryFile
file, letter, count, length = HistoryFile(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
sys.stdin.readline()
for number in range(count):
    file.append(f"{letter}{number} " + letter * length)
"""


def write_together(path: Path, writers: str, count: int, length: int) -> None:
    """Let processes append at the same time, one for each letter."""
    started = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), letter, str(count), str(length)], stdin=-1)
        for letter in writers
    ]
    for process in started:
        process.communicate(b"go\n", timeout=60)
    assert [process.returncode for process in started] == [0] * len(started)


def remember(path: Path, warnings: list[str] | None = None) -> FullHistory:
    return FullHistory(HistoryFile(path), expand, (warnings if warnings is not None else []).append)


def loaded(history: FullHistory) -> list[str]:
    """Return what a session finds, newest first."""

    async def load() -> list[str]:
        return [line async for line in history.load()]

    return asyncio.run(load())


def test_many_sessions_lose_nothing_however_long_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "history"

    write_together(path, "abcd", count=60, length=9000)

    expected = {f"{letter}{number} " + letter * 9000 for letter in "abcd" for number in range(60)}
    lines = path.read_text().split("\n")
    assert lines.pop() == ""
    assert len(lines) == 240
    assert set(lines) == expected


def test_sessions_that_start_meanwhile_lose_nothing_that_is_new(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("same\n" * 300)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), letter, "100", "50"], stdin=-1) for letter in "ab"
    ]
    for process in writers:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.close()
    while any(process.poll() is None for process in writers):
        HistoryFile(path).append("same")
        HistoryFile(path).shrink()

    found = set(HistoryFile(path).read())

    for process in writers:
        process.wait()
    assert found == {"same"} | {f"{letter}{number} " + letter * 50 for letter in "ab" for number in range(100)}


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        HistoryFile(tmp_path / "papa" / "history").append("list values")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "papa" / "history").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "papa").stat().st_mode) == 0o700


def test_a_replaced_file_stays_private(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("a\na\n")

    HistoryFile(path).shrink()

    assert path.read_text() == "a\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    file = HistoryFile(tmp_path / "history", limit=3)
    for number in range(5):
        file.append(f"get {number}")

    file.shrink()

    assert file.read() == ["get 2", "get 3", "get 4"]
    assert file.path.read_text() == "get 2\nget 3\nget 4\n"


def test_the_usual_bound_is_five_thousand(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("".join(f"get {number}\n" for number in range(6000)))

    lines = loaded(remember(path))

    assert (len(lines), lines[0], lines[-1]) == (5000, "get 5999", "get 1000")
    assert path.read_text().count("\n") == 5000


@given(st.lists(st.sampled_from("abcdef"), max_size=20), st.integers(1, 8))
def test_each_entry_is_kept_once_where_it_came_last(entries: list[str], limit: int) -> None:
    kept = newest(entries, limit)

    assert len(set(kept)) == len(kept) <= limit
    assert kept == sorted(kept, key=lambda entry: len(entries) - entries[::-1].index(entry))
    assert set(kept) == set(entries) or len(kept) == limit


def test_lines_are_kept_in_full_words(tmp_path: Path) -> None:
    history = remember(tmp_path / "history")

    history.append_string("l p web.*")

    assert history.get_strings() == ["list processes web.*"]
    assert loaded(remember(tmp_path / "history")) == ["list processes web.*"]


def test_a_line_that_begins_with_a_space_is_not_kept(tmp_path: Path) -> None:
    history = remember(tmp_path / "history")

    history.append_string(" set a b")

    assert not history.get_strings()
    assert not (tmp_path / "history").exists()


def test_the_lines_of_a_paste_are_kept_one_by_one(tmp_path: Path) -> None:
    history = remember(tmp_path / "history")

    history.append_string("l p\n\n secret\nl v\n")

    assert history.get_strings() == ["list processes", "list values"]


def test_a_repeated_line_moves_to_the_end(tmp_path: Path) -> None:
    history = remember(tmp_path / "history")

    for line in ("get a", "get b", "get a", "get a"):
        history.append_string(line)

    assert history.get_strings() == ["get b", "get a"]
    assert loaded(remember(tmp_path / "history")) == ["get a", "get b"]


def test_secrets_stay_in_memory(tmp_path: Path) -> None:
    history = remember(tmp_path / "history")

    history.append_string("m p web env.DB_PASS=hunter2 /bin/true")

    assert history.get_strings() == ["make process web env.DB_PASS=hunter2 /bin/true"]
    assert (tmp_path / "history").read_text() == "make process web env.DB_PASS=… /bin/true\n"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("set deploy.token abc def", "set deploy.token …"),
        ("set API_KEY abc", "set API_KEY …"),
        ("set motd abc", "set motd abc"),
        ("set deploy.token", "set deploy.token"),
        ("get deploy.token", "get deploy.token"),
        ("make process a env.MY_SECRET=x\\ y env.B=c sh", "make process a env.MY_SECRET=… env.B=c sh"),
        ("make process a sh --password=abc", "make process a sh --password=…"),
        ("make process a bufsize=1m sh", "make process a bufsize=1m sh"),
        ("make process a env.DB_PASS= sh", "make process a env.DB_PASS= sh"),
    ],
)
def test_values_of_keys_that_look_secret_are_masked(line: str, kept: str) -> None:
    assert mask_secrets(line) == kept


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("set deploy.token …", "…"),
        ("make process a env.DB_PASS=… sh", "…"),
        ("set motd …", None),
        ("make process a env.DB_PASS=x sh", None),
    ],
)
def test_a_masked_value_is_known_when_it_comes_back(line: str, found: str | None) -> None:
    span = masked_value(line)

    assert (None if span is None else line[slice(*span)]) == found


def test_a_file_that_cannot_be_written_is_one_warning(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    warnings: list[str] = []
    history = remember(tmp_path / "file" / "history", warnings)

    for line in ("get a", "get b", "get c"):
        history.append_string(line)

    assert warnings == [f"{tmp_path}/file/history: Not a directory; this session's lines are not kept"]
    assert history.get_strings() == ["get a", "get b", "get c"]


def test_a_folder_in_its_place_is_one_warning_at_the_start(tmp_path: Path) -> None:
    warnings: list[str] = []
    history = remember(tmp_path, warnings)

    found = loaded(history)
    history.append_string("get a")

    assert found == []
    assert warnings == [f"{tmp_path}: Is a directory; this session's lines are not kept"]


def test_an_entry_after_half_an_entry_begins_a_line(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("get a\nget ha")

    HistoryFile(path).append("get b")

    assert path.read_text() == "get a\nget ha\nget b\n"


def test_bytes_that_are_no_text_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "history"

    HistoryFile(path).append("get \udcff\x1b[31m")

    assert HistoryFile(path).read() == ["get \udcff\x1b[31m"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [("/var/state", "/var/state/papa/history"), ("", "/home/x/.local/state/papa/history"),
     ("relative", "/home/x/.local/state/papa/history")],
)  # fmt: skip
def test_it_is_where_xdg_says(state: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", state)
    monkeypatch.setenv("HOME", "/home/x")

    assert str(history_path()) == expected
