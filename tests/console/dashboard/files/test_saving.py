"""Lines are saved exactly as they were written, or with their times, and never over another file."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from papa_console.dashboard.files.saving import Named, SavingError, save_lines
from papa_console.dashboard.files.writing import file_name
from papa_console.dashboard.output.lines import Line, Source

NOW = 1_763_900_000.25
LINES: list[Named] = [
    ("web", Line(b"one", NOW - 4, Source.OUT, 4)),
    ("web", Line(b"\xfftw\x1b[31mo", NOW - 3, Source.ERR, 14)),
    ("mail\n", Line(b"", NOW - 2, Source.OUT, 1)),
    ("web", Line(b"output missing here: 3 bytes", NOW - 2, Source.GAP, 17)),
    ("web", Line(b"exited 3", NOW - 1, Source.END, 18)),
    ("web", Line(b"reconnected", NOW, Source.NOTE, 18)),
]


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC-1")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_without_times_the_file_has_the_bytes_of_the_output(tmp_path: Path) -> None:
    saved = save_lines(tmp_path / "a.log", LINES, now=NOW)

    assert (tmp_path / "a.log").read_bytes() == b"one\n\xfftw\x1b[31mo\n\n"
    assert (saved.path, saved.lines, saved.size) == (tmp_path / "a.log", 3, 15)


def test_with_times_each_line_tells_its_stream_and_remarks_are_there(tmp_path: Path) -> None:
    saved = save_lines(tmp_path / "a.log", LINES, now=NOW, times=True)

    assert (tmp_path / "a.log").read_bytes().split(b"\n") == [
        b"2025-11-23 13:13:16.250+01:00 out  one",
        b"2025-11-23 13:13:17.250+01:00 err  \xfftw\x1b[31mo",
        b"2025-11-23 13:13:18.250+01:00 out  ",
        b"2025-11-23 13:13:18.250+01:00 gap  output missing here: 3 bytes",
        b"2025-11-23 13:13:19.250+01:00 end  exited 3",
        b"2025-11-23 13:13:20.250+01:00 note reconnected",
        b"",
    ]
    assert saved.lines == 6


def test_lines_of_several_processes_tell_whose_they_are(tmp_path: Path) -> None:
    save_lines(tmp_path / "a.log", LINES[1:3], now=NOW, times=True, names=True)

    assert [line.split(b" ")[2:4] for line in (tmp_path / "a.log").read_bytes().split(b"\n")[:2]] == [
        [b"web", b"err"],
        [b"mail\\n", b"out"],
    ]


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_text("mine")

    with pytest.raises(SavingError, match=f"^{file}: File exists$"):
        save_lines(file, LINES, now=NOW)

    assert file.read_text() == "mine"


def test_without_a_path_each_save_has_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    saved = [save_lines(None, LINES, "web/1", now=NOW) for _ in range(3)]

    folder = tmp_path / "papa" / "saved"
    assert [one.path.relative_to(folder).name for one in saved] == [
        "web_1-20251123-131320.log",
        "web_1-20251123-131320-2.log",
        "web_1-20251123-131320-3.log",
    ]
    assert saved[0].path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_tilde_is_the_users_home_and_folders_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    saved = save_lines(Path("~/logs/today/a.log"), LINES, now=NOW)

    assert saved.path == tmp_path / "logs" / "today" / "a.log"


def test_a_save_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def lines() -> Iterator[Named]:
        yield LINES[0]
        raise OSError(28, "No space left on device")

    with pytest.raises(SavingError, match=r"a\.log: No space left on device$"):
        save_lines(tmp_path / "a.log", lines(), now=NOW)

    assert list(tmp_path.iterdir()) == []


def test_many_lines_are_saved_in_order(tmp_path: Path) -> None:
    many = [("web", Line(str(number).encode(), NOW, Source.OUT, number)) for number in range(10_000)]

    saved = save_lines(tmp_path / "a.log", many, now=NOW)

    assert (tmp_path / "a.log").read_text().split() == [str(number) for number in range(10_000)]
    assert saved.lines == 10_000


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("web.1", "web.1"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a b\n\x1b", "a_b_"),
        ("...", "output"),
        ("", "output"),
        ("søren", "s_ren"),
        ("x" * 300, "x" * 80),
    ],
)
def test_a_file_may_be_called_after_any_process(name: str, file: str) -> None:
    assert file_name(name) == file
