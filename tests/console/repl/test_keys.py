"""What each key leaves on the screen, as the table in test_keys.txt shows it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from support.kernels import KernelProcess
from support.prompts import look_after

TABLE = Path(__file__).with_name("test_keys.txt")


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    keys: str
    screen: tuple[str, ...]


def read_table(text: str) -> Iterator[Row]:
    """Yield the rows of a table."""
    for block in re.split(r"^# ", text.partition("\n\n")[2], flags=re.MULTILINE)[1:]:
        name, keys, *screen = block.rstrip("\n").split("\n")
        yield Row(name, keys, tuple(line[4:] for line in screen if line.strip()))


ROWS = list(read_table(TABLE.read_text()))


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a name as short as its rows take, and an environment without surprises."""
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    monkeypatch.setenv("PAPA_KEYS_TEST", "a b")
    with TemporaryDirectory(prefix="pk-", dir="/tmp") as name:
        path = Path(name)
        (path / "bin").mkdir()
        (path / "notes.txt").touch()
        (path / "bin" / "tool").touch(mode=0o755)
        yield path


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_keys_leave_their_screen(row: Row, holding: KernelProcess, folder: Path, tmp_path: Path) -> None:
    look = look_after(holding.port, tmp_path / "history", row.keys.replace("{tmp}", str(folder)))

    accepted = [] if look.accepted is None else [f"=> {look.accepted}"]
    assert look.lines + accepted == [line.replace("{tmp}", str(folder)) for line in row.screen]
