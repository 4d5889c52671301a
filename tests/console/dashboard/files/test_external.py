"""The pager and the editor are the user's own; a value is edited in a private file that goes afterwards."""

import tempfile
from pathlib import Path

import pytest

from papa_console.dashboard.files.external import (
    ExternalError,
    edit_text,
    editor_command,
    pager_command,
    run_editor,
    run_pager,
)


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor that does what its script says to the file ``$1``; where files are made is empty before."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    script = tmp_path / "my editor"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"'{script}' --wait")
    return script


def does(editor: Path, script: str) -> None:
    editor.write_text(f"#!/bin/sh\nshift\n{script}\n")


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({}, ["vi"]),
        ({"EDITOR": "nano"}, ["nano"]),
        ({"EDITOR": "nano", "VISUAL": "code --wait"}, ["code", "--wait"]),
        ({"EDITOR": "'my editor' -x"}, ["my editor", "-x"]),
        ({"EDITOR": "nano", "VISUAL": " "}, ["nano"]),
    ],
)
def test_the_editor_is_the_users_own(environ: dict[str, str], command: list[str]) -> None:
    assert editor_command(environ) == command


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({"PAGER": "most -s"}, ["most", "-s"]),
        ({"PAGER": "less"}, ["less", "-R"]),
        ({"PAGER": "less", "LESS": "-S"}, ["less"]),
        ({"PATH": "/bin:/usr/bin"}, ["less", "-R"]),
        ({"PATH": "/nowhere"}, ["more"]),
    ],
)
def test_the_pager_is_the_users_own(environ: dict[str, str], command: list[str]) -> None:
    assert pager_command(environ) == command


def test_a_variable_that_makes_no_sense_is_told_of() -> None:
    with pytest.raises(ExternalError, match=r"^\$EDITOR makes no sense: No closing quotation$"):
        editor_command({"EDITOR": "'nano"})


def test_a_text_is_edited_in_a_private_file_that_goes(editor: Path, tmp_path: Path) -> None:
    does(editor, f'stat -c %a "$1" "$(dirname "$1")" > {tmp_path}/seen; basename "$1" >> {tmp_path}/seen\n'
         'printf "\\377new" > "$1"')  # fmt: skip

    edited = edit_text("old", "motd", ".json")

    assert edited == "\udcffnew"
    assert (tmp_path / "seen").read_text().split() == ["600", "700", "motd.json"]
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("name", ["{outside}/value", "../../value", "a/b", ".hidden", "n" * 1000])
def test_no_name_of_a_value_leads_out_of_the_folder(name: str, editor: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    does(editor, 'echo new > "$1"')

    edited = edit_text("old", name.format(outside=outside))

    assert edited == "new"
    assert list(outside.iterdir()) == []
    assert not list(tmp_path.glob("*.txt"))


@pytest.mark.parametrize(
    ("text", "script", "edited"),
    [
        ("old", ":", None),
        ("old", 'echo old > "$1"', None),
        ("old\n", 'echo old > "$1"', None),
        ("old\n", 'printf old > "$1"', "old"),
        ("old", 'echo new > "$1"', "new"),
        ("", ":", None),
        ("old", ': > "$1"', ""),
    ],
)
def test_only_a_change_is_a_change(text: str, script: str, edited: str | None, editor: Path) -> None:
    does(editor, script)

    assert edit_text(text) == edited


@pytest.mark.parametrize(
    ("script", "message"), [("exit 1", "ended with status 1"), ("kill -9 $$", "was killed by signal 9")]
)
def test_an_editor_that_fails_changes_nothing(script: str, message: str, editor: Path, tmp_path: Path) -> None:
    does(editor, f'echo new > "$1"; {script}')

    with pytest.raises(ExternalError, match=f"--wait {message}$"):
        edit_text("old")

    assert list((tmp_path / "temporary").iterdir()) == []


def test_an_editor_that_removes_the_file_is_told_of(editor: Path) -> None:
    does(editor, 'rm "$1"')

    with pytest.raises(ExternalError, match=r"value\.txt: No such file or directory$"):
        edit_text("old")


def test_a_program_that_is_not_there_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "/nowhere/editor -x")
    monkeypatch.setenv("PAGER", "/nowhere/pager")

    with pytest.raises(ExternalError, match=r"^/nowhere/editor: No such file or directory$"):
        run_editor(tmp_path)
    with pytest.raises(ExternalError, match=r"^/nowhere/pager: No such file or directory$"):
        run_pager(tmp_path)


def test_the_pager_gets_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, seen = tmp_path / "a file", tmp_path / "seen"
    file.write_text("lines")
    monkeypatch.setenv("PAGER", f"cp -t {tmp_path}/seen")
    seen.mkdir()

    run_pager(file)

    assert (seen / "a file").read_text() == "lines"
