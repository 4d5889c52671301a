"""What the README and the pages of docs/ tell a reader to type works as it stands there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.kernels import KernelProcess
from support.programs import need_program
from support.snippets import PAGES, SHELLS, Reader, agrees, name_of, pairs, read_blocks
from support.transcripts import Replay

SHOWN = {"ini", "json", "nginx", "text", "toml"}


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.leave()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_to_be_typed_runs_and_prints_what_the_page_says(reader: Reader, page: Path, shell: str) -> None:
    need_program(shell)
    expected = list(pairs(read_blocks(page.read_text())))

    printed = reader.paste([block for block, _ in expected], shell)

    for (block, text), found in zip(expected, printed, strict=True):
        assert text is None or agrees(found, text), f"line {block.line}:\n{found}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_nothing_that_is_to_be_typed_has_a_comment_which_zsh_takes_for_words_at_its_prompt(page: Path) -> None:
    typed = [block.text for block in read_blocks(page.read_text()) if block.language == "sh"]

    assert [line for text in typed for line in text.splitlines() if re.search(r"(^|\s)#", line)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_conversations_go_as_written(kernel: KernelProcess, tmp_path: Path, page: Path) -> None:
    for block in read_blocks(page.read_text()):
        if block.language == "papa":
            Replay(kernel, tmp_path).play(block.text)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_is_run_or_only_shown(page: Path) -> None:
    text = page.read_text()
    blocks = read_blocks(text)

    assert len(blocks) * 2 == text.count("```")
    assert {block.language for block in blocks} <= {*SHOWN, "papa", "python", "sh"}
