"""The conversations of tests/transcripts, replayed over TCP and over a Unix socket."""

import re
from pathlib import Path

import pytest

from papa_protocol.command_table import COMMANDS
from papa_protocol.errors import CommandError
from support.kernels import KernelProcess
from support.transcripts import Replay, read_transcript

FILES = sorted((Path(__file__).parents[1] / "transcripts").glob("*.txt"))


def dialects(file: Path) -> list[int]:
    """Return the dialects that the first line of a transcript names."""
    first = file.read_text().split("\n", 1)[0]
    assert re.fullmatch(r"# dialect [12]( and 2)?", first), f"{file}: {first}"
    return [int(digit) for digit in re.findall("[12]", first)]


CASES = [(file, dialect) for file in FILES for dialect in dialects(file)]


@pytest.mark.parametrize("unix", [False, True], ids=["tcp", "unix"])
@pytest.mark.parametrize(("file", "dialect"), CASES, ids=[f"{file.stem}-in-{dialect}" for file, dialect in CASES])
def test_the_conversation_goes_as_written(
    kernel: KernelProcess, tmp_path: Path, file: Path, dialect: int, unix: bool
) -> None:
    replay = Replay(kernel, tmp_path, unix=unix, dialect=dialect)

    replay.play(file.read_text())


@pytest.mark.parametrize("dialect", [1, 2])
def test_every_command_is_typed_somewhere_in_both_dialects(dialect: int) -> None:
    typed: set[str] = set()
    for file in FILES:
        if dialect in dialects(file):
            typed |= set(filter(None, map(command_of, typed_lines(file))))

    assert typed == {command.text for command in COMMANDS.commands}


def typed_lines(file: Path) -> list[str]:
    return [turn.typed for turn in read_transcript(file.read_text()) if turn.typed]


def command_of(line: str) -> str:
    try:
        return COMMANDS.resolve(line.split() or [""]).command.text
    except CommandError:
        return ""
