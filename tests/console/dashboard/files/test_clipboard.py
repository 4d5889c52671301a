"""What is copied goes to this machine's clipboard or through the terminal, and always to a file; it says where."""

from pathlib import Path

import pytest

from papa_console.dashboard.files.clipboard import copy, local_program


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "papa" / "clipboard.txt"


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH of the test's own."""
    (tmp_path / "bin").mkdir()
    return str(tmp_path / "bin")


def program(path: str, name: str, script: str = 'cat > "$0.got"') -> Path:
    file = Path(path) / name
    file.write_text(f"#!/bin/sh\nPATH=/bin:/usr/bin\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, "pbcopy"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "pbcopy"),
        ({"SSH_TTY": "/dev/pts/1", "DISPLAY": ":0"}, None),
        ({"SSH_CONNECTION": "1 2 3 4"}, None),
    ],
)
def test_a_mac_has_a_clipboard_unless_the_user_sits_elsewhere(
    environ: dict[str, str], found: str | None, path: str
) -> None:
    for name in ("pbcopy", "wl-copy", "xclip"):
        program(path, name)

    command = local_program({"PATH": path, **environ})

    assert (command and command[0]) == found


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, None),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "wl-copy"),
        ({"DISPLAY": ":0"}, "xclip"),
    ],
)
def test_a_clipboard_needs_a_display(environ: dict[str, str], found: str | None, path: str) -> None:
    for name in ("wl-copy", "xclip", "xsel"):
        program(path, name)

    command = local_program({"PATH": path, **environ})

    assert (command and command[0]) == found


def test_what_is_copied_goes_to_this_machines_clipboard_and_the_file(path: str, kept: Path) -> None:
    xsel = program(path, "xsel")
    sent: list[str] = []

    said = copy("one\ntwo\udcff", sent.append, {"PATH": path, "DISPLAY": ":0"})

    assert said == "Copied 2 lines"
    assert Path(f"{xsel}.got").read_bytes() == kept.read_bytes() == b"one\ntwo\xff"
    assert sent == []
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("script", ["exit 1", "kill -9 $$", None], ids=["refuses", "dies", "is not there"])
def test_the_terminal_is_next(script: str | None, path: str, kept: Path) -> None:
    if script is not None:
        program(path, "xclip", script)
    sent: list[str] = []

    said = copy("one", sent.append, {"PATH": path, "DISPLAY": ":0"})

    assert said == f"Copied 3 bytes through the terminal; also in {kept}"
    assert sent == ["one"]
    assert kept.read_text() == "one"


def test_what_is_too_much_for_the_terminal_is_only_in_the_file(path: str, kept: Path) -> None:
    sent: list[str] = []

    said = copy("x" * 99 + "\n" + "y" * 100_000, sent.append, {"PATH": path})

    assert said == f"2 lines are too much for the terminal's clipboard: they are in {kept}"
    assert sent == []
    assert len(kept.read_text()) == 100_100


def test_a_file_that_cannot_be_written_is_not_spoken_of(path: str, kept: Path) -> None:
    kept.parent.parent.write_text("in the way")
    sent: list[str] = []

    assert copy("one", sent.append, {"PATH": path}) == "Copied 3 bytes through the terminal"
    assert sent == ["one"]
    assert copy("x" * 100_000, sent.append, {"PATH": path}).endswith("clipboard: nothing was copied")
