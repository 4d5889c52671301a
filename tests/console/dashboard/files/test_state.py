"""What is remembered survives sessions, damage and one another, and never matters enough to fail for."""

import json
import os
from pathlib import Path

import pytest

from papa_console.dashboard.files.state import COMMANDS, State, load_state, read_state, save_state, state_path

FULL = State(
    theme="nord",
    sorts={"processes": ("cpu", True)},
    forms={"process": {"name": "web", "bufsize": "2m"}},
    commands=["list sockets", "info"],
    sizes={"sidebar": 50},
    switches={"wrap": True},
)


def test_what_is_remembered_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "papa" / "console.json"

    problem = save_state(FULL, file)

    assert problem == ""
    assert load_state(file) == FULL


def test_the_usual_file_is_in_the_users_folder_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    save_state(FULL)

    assert state_path() == tmp_path / "papa" / "console.json"
    assert load_state() == FULL
    assert state_path().stat().st_mode & 0o777 == 0o600
    assert [path.name for path in state_path().parent.iterdir()] == ["console.json"]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff\x00", b"[1]", b"null", b"[" * 100_000, b'{"theme": 1, "commands": 3, "sizes": []}']
)
def test_a_damaged_file_counts_as_empty(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "console.json"
    file.write_bytes(data)

    assert load_state(file) == State()


def test_a_file_that_is_not_there_or_not_ours_counts_as_empty(tmp_path: Path) -> None:
    assert load_state(tmp_path / "console.json") == State()
    assert load_state(tmp_path) == State()


def test_what_is_whole_in_a_damaged_file_is_kept() -> None:
    found = read_state(
        {
            "theme": "nord",
            "sorts": {"processes": ["cpu", True], "values": ["name"], "sockets": "name"},
            "forms": {"process": {"name": "web"}, "socket": {"port": 1}},
            "commands": ["info", 3, None],
            "sizes": {"sidebar": 50, "values": "8", "sockets": True, "all": -1},
            "switches": {"wrap": True, "tree": 1},
            "from the future": {},
        }
    )

    assert found == State(
        theme="nord",
        sorts={"processes": ("cpu", True)},
        forms={"process": {"name": "web"}},
        commands=["info"],
        sizes={"sidebar": 50},
        switches={"wrap": True},
    )


def test_a_folder_that_cannot_be_written_to_is_only_told_of(tmp_path: Path) -> None:
    (tmp_path / "papa").write_text("in the way")

    problem = save_state(FULL, tmp_path / "papa" / "console.json")

    assert problem.startswith("What this session would remember is not kept: ")
    assert str(tmp_path / "papa") in problem


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "console.json"
    save_state(FULL, file)

    def fsync(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    problem = save_state(State(theme="dracula"), file)

    assert problem == "What this session would remember is not kept: No space left on device"
    assert load_state(file) == FULL
    assert list(tmp_path.iterdir()) == [file]


def test_a_session_keeps_the_commands_of_another(tmp_path: Path) -> None:
    file = tmp_path / "console.json"
    save_state(State(commands=["info", "list values"]), file)
    one, two = load_state(file), load_state(file)
    one.remember_command("list sockets")
    two.remember_command("list processes")

    save_state(one, file)
    save_state(two, file)

    assert load_state(file).commands == ["list sockets", "info", "list values", "list processes"]


def test_commands_are_kept_once_and_bounded() -> None:
    state = State()

    for number in range(COMMANDS + 10):
        state.remember_command(f"get {number}")
    state.remember_command("get 100")

    assert len(state.commands) == COMMANDS
    assert state.commands[-2:] == [f"get {COMMANDS + 9}", "get 100"]
    assert state.commands.count("get 100") == 1


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("info ", ["info"]),
        ("", []),
        (" set a b", []),
        ("set db.password hunter2", ["set db.password …"]),
        ("make process web env.API_TOKEN=abc web", ["make process web env.API_TOKEN=… web"]),
    ],
)
def test_secrets_and_lines_that_begin_with_a_space_are_not_remembered(line: str, kept: list[str]) -> None:
    state = State()

    state.remember_command(line)

    assert state.commands == kept


def test_secrets_of_forms_are_not_remembered(tmp_path: Path) -> None:
    state = State()

    state.remember_form("process", {"name": "web", "env": "A=1\nAPI_KEY=abc", "password": "hunter2", "note": "A=1"})

    assert state.forms == {"process": {"name": "web", "note": "A=1"}}
    save_state(state, tmp_path / "console.json")
    assert "abc" not in (tmp_path / "console.json").read_text()


def test_stray_bytes_are_no_reason_to_fail(tmp_path: Path) -> None:
    state = State(commands=["get \udcff"])

    assert save_state(state, tmp_path / "console.json") == ""
    assert load_state(tmp_path / "console.json") == state
    assert json.loads((tmp_path / "console.json").read_bytes())["commands"] == ["get \udcff"]
