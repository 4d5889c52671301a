"""What the text of a field can become."""

from pathlib import Path

import pytest

from papa_console.dashboard.screens.fields import PROCESS, SOCKET, Field, Sheet
from papa_console.dashboard.screens.suggest import meaning, suggester
from papa_console.dashboard.widgets.known import known
from papa_console.repl.candidates import Known
from support.dialogs import snapshot

HELD = known(snapshot(sockets={"web": {"port": 8080, "fileno": 7}, "app": {"path": "/run/app.sock", "fileno": 8}}))


def field(sheet: Sheet, name: str) -> Field:
    return next(field for field in sheet.fields if field.id == name)


def texts(sheet: Sheet, name: str, typed: str, others: dict[str, str] | None = None) -> list[str]:
    """Return what the whole field would be with each candidate."""
    found = suggester(sheet, field(sheet, name), lambda: others or {}, HELD)(typed)
    return [typed[: candidate.start] + candidate.text for candidate in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("run me", "run.sh", "readme"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755 if name != "readme" else 0o644)
    (tmp_path / "rest").mkdir()
    return tmp_path


def test_an_executable_is_a_program_and_is_not_escaped(folder: Path) -> None:
    assert texts(PROCESS, "executable", f"{folder}/r") == [f"{folder}/rest/", f"{folder}/run me", f"{folder}/run.sh"]


def test_an_executable_is_looked_for_in_the_working_dir(folder: Path) -> None:
    assert texts(PROCESS, "executable", "./run.", {"working_dir": str(folder)}) == ["./run.sh"]


def test_arguments_are_files_and_are_escaped(folder: Path) -> None:
    typed = f"-f {folder}/run"

    assert texts(PROCESS, "arguments", typed, {"executable": "cat"}) == [
        rf"-f {folder}/run\ me",
        f"-f {folder}/run.sh",
    ]


def test_arguments_are_placeholders_of_the_sockets_that_are_held() -> None:
    assert texts(PROCESS, "arguments", "--bind $(", {"executable": "x"}) == [
        "--bind $(socket.app.fileno)",
        "--bind $(socket.web.fileno)",
        "--bind $(socket.web.port)",
    ]


@pytest.mark.parametrize(
    ("sheet", "name", "typed", "becomes"),
    [
        (PROCESS, "uid", "roo", "root"),
        (PROCESS, "gid", "roo", "root"),
        (PROCESS, "bufsize", "6", "64k"),
        (PROCESS, "rlimit", "nofi", "nofile="),
        (PROCESS, "rlimit", "nofile=unl", "nofile=unlimited"),
        (PROCESS, "env", "PORT=$(socket.web.po", "PORT=$(socket.web.port)"),
        (SOCKET, "host", "127", "127.0.0.1"),
        (SOCKET, "interface", "l", "lo"),
    ],
)
def test_a_value_is_completed_as_at_the_prompt(sheet: Sheet, name: str, typed: str, becomes: str) -> None:
    assert becomes in texts(sheet, name, typed)


def test_our_own_environment_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPA_TEST_X", "a b")

    assert texts(PROCESS, "env", "PAPA_TEST_") == ["PAPA_TEST_X="]
    assert texts(PROCESS, "env", "PAPA_TEST_X=") == ["PAPA_TEST_X=a b", *_placeholders("PAPA_TEST_X=")]


def _placeholders(before: str) -> list[str]:
    return [f"{before}$(socket.{name})" for name in ("app.fileno", "web.fileno", "web.port")]


@pytest.mark.parametrize(("name", "typed"), [("name", "w"), ("arguments", "\\"), ("working_dir", "/nowhere/x")])
def test_where_nothing_is_known_nothing_is_offered(name: str, typed: str) -> None:
    assert texts(PROCESS, name, typed) == []


@pytest.mark.parametrize(
    ("name", "choice", "means"), [("stdout", "0", "discard"), ("shell", "1", "run them as one line of /bin/sh")]
)
def test_a_choice_says_what_it_means(name: str, choice: str, means: str) -> None:
    assert meaning(PROCESS, field(PROCESS, name), choice, Known()) == means
