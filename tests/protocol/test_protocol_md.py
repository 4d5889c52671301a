"""PROTOCOL.md is whole and true: every command, option and key is named, and its conversations go as written."""

import re
from pathlib import Path

import pytest

from papa_protocol.command_table import COMMANDS
from papa_protocol.model import KernelInfo, ProcessInfo, SocketInfo
from papa_protocol.watch import Kind
from support.kernels import REPOSITORY, KernelProcess
from support.transcripts import Replay

PAGE = (REPOSITORY / "protocol" / "PROTOCOL.md").read_text()
CONVERSATIONS = re.findall(r"^```papa\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
OPTIONS = sorted({option.key for command in COMMANDS.commands for option in command.options})


@pytest.mark.parametrize("number", range(len(CONVERSATIONS)))
def test_an_example_conversation_goes_as_written(kernel: KernelProcess, tmp_path: Path, number: int) -> None:
    replay = Replay(kernel, tmp_path)

    replay.play(CONVERSATIONS[number])


def test_there_are_example_conversations() -> None:
    assert len(CONVERSATIONS) == PAGE.count("\n```papa\n") == 6


@pytest.mark.parametrize("command", COMMANDS.commands, ids=lambda command: command.text)
def test_every_command_has_its_row(command: object) -> None:
    assert re.search(rf"^\| `{re.escape(getattr(command, 'text', ''))}\b", PAGE, re.MULTILINE)


@pytest.mark.parametrize("key", OPTIONS)
def test_every_option_is_named(key: str) -> None:
    assert f"`{key}NAME=`" in PAGE if key.endswith(".") else f"`{key}=`" in PAGE


@pytest.mark.parametrize("key", sorted(SocketInfo.__annotations__ | ProcessInfo.__annotations__))
def test_every_key_of_a_row_is_named(key: str) -> None:
    assert key == "argv" or re.search(rf"^\| [^|]*`{key}`[^|]* \| ", PAGE, re.MULTILINE)


@pytest.mark.parametrize("key", KernelInfo.__annotations__)
def test_every_fact_of_info_is_named(key: str) -> None:
    table = re.search(r"^`info` replies.*?(?=^```)", PAGE, re.DOTALL | re.MULTILINE)
    shown = key.removesuffix("s") if key in ("endpoints", "limits") else key

    assert table
    assert re.search(rf"^\| [^|]*`{shown}`[^|]* \| ", table[0], re.MULTILINE)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_record_is_named(kind: Kind) -> None:
    assert f"\n| `{kind.value}:NAME:TIME:" in PAGE
