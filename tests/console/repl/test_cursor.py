"""A terminal that does not say where the cursor is gets asked once."""

from pathlib import Path

import pytest

from papa_console.repl.cursor import remember_silent_terminal, spare_silent_terminals, terminal_name
from support.kernels import KernelProcess
from support.terminals import Terminal, repl_command
from support.waiting import wait_for


def test_a_silent_terminal_is_not_asked_by_the_next_session(kernel: KernelProcess, tmp_path: Path) -> None:
    command = repl_command("--connect", str(kernel.port))
    private = {"XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "TERM_PROGRAM": "mute"}
    remembered = tmp_path / "papa" / "silent-terminals"
    with Terminal(command, private, silent=True) as first:
        wait_for(lambda: remembered.exists() and remembered.read_text(), "the terminal was found to be silent")
        shown = first.until_last(f"papa 127.0.0.1:{kernel.port}>")

    with Terminal(command, private, silent=True) as second:
        second.until_last(f"papa 127.0.0.1:{kernel.port}>")
        second.type("i\r")
        second.until_shown("version")

    assert first.asked
    assert len(shown) == 1
    assert not second.asked
    assert remembered.read_text() == "xterm mute\n"


@pytest.mark.parametrize(
    ("environment", "spared"),
    [
        ({"TERM": "xterm", "INSIDE_EMACS": "29"}, True),
        ({"TERM": "mute"}, True),
        ({"TERM": "xterm"}, False),
        ({"TERM": "mute", "TERM_PROGRAM": "other"}, False),
    ],
)
def test_only_silent_terminals_are_spared(environment: dict[str, str], spared: bool, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mute\n")

    spare_silent_terminals(tmp_path / "file", environment)

    assert ("PROMPT_TOOLKIT_NO_CPR" in environment) is spared


def test_a_file_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    remember_silent_terminal(tmp_path)

    assert terminal_name({"TERM": "a"}) == "a"
