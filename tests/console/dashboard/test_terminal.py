"""The console on a real terminal, with a real kernel: output is found, followed and merged; things are made by keys."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from papa import Papa
from support.consoles import Console, make, process
from support.gates import Gate
from support.kernels import KernelProcess
from support.waiting import wait_for

Open = Callable[..., Console]
STAY = "exec sleep 1000"


@pytest.fixture
def other_gate(tmp_path: Path) -> Iterator[Gate]:
    """A second gate, for the script of another process."""
    with Gate(tmp_path / "other") as opened_by_the_test:
        yield opened_by_the_test


def row_of(lines: list[str], text: str) -> int:
    """Return which line of the screen has a text."""
    return next(number for number, line in enumerate(lines) if text in line)


def test_the_output_of_the_selected_process_shows_and_goes_on_live(
    kernel: KernelProcess, open_console: Open, gate: Gate
) -> None:
    make(kernel, alpha=f"echo one of alpha; {STAY}", beta=f"echo one of beta; {gate.wait}; echo two of beta; {STAY}")
    console = open_console(kernel.path)
    console.until_shown("one of alpha")

    console.press("down")
    console.until_shown("one of beta")
    gate.open()

    lines = console.until_shown("two of beta")
    assert not any("one of alpha" in line for line in lines)
    assert row_of(lines, "two of beta") == row_of(lines, "one of beta") + 1


def test_the_output_of_marked_processes_is_merged_by_time(
    kernel: KernelProcess, open_console: Open, gate: Gate, other_gate: Gate
) -> None:
    make(
        kernel,
        alpha=f"echo first; {gate.wait}; echo third; {STAY}",
        beta=f"{other_gate.wait}; echo second; {STAY}",
    )
    console = open_console(kernel.path)
    console.until_shown("first")

    console.press("space", "space", "4", "z")
    console.until_shown("┏━ alpha, beta")
    other_gate.open()
    console.until_shown("second")
    gate.open()

    lines = console.until_shown("third")
    rows = [row_of(lines, word) for word in ("first", "second", "third")]
    assert rows == list(range(rows[0], rows[0] + 3))
    assert [lines[row].split()[1] for row in rows] == ["alpha", "beta", "alpha"]


def test_a_search_goes_to_matches_and_counts_them(kernel: KernelProcess, open_console: Open) -> None:
    make(kernel, alpha=f"for i in $(seq 500); do echo line $i; done; {STAY}")
    console = open_console(kernel.path)
    console.until_shown("line 500")

    console.press("4", "/", "line 100", "enter")

    console.until(lambda lines: all(text in "".join(lines) for text in ("1/1", "line 100 ", "‖ paused")), "found it")
    console.press("G")
    console.until(lambda lines: "▶ following" in "".join(lines) and "line 500" in "".join(lines), "followed again")


def test_zoom_gives_the_output_the_screen_and_escape_takes_it_back(kernel: KernelProcess, open_console: Open) -> None:
    make(kernel, alpha=f"echo hello; {STAY}")
    console = open_console(kernel.path)
    console.until_shown("hello")

    console.press("enter", "z")
    zoomed = console.until_gone("1 Processes")
    console.press("escape")

    console.until_shown("1 Processes")
    assert zoomed[1].startswith("┏━ alpha")


def test_a_process_is_made_by_the_form_and_its_output_shows(kernel: KernelProcess, open_console: Open) -> None:
    make(kernel, alpha=f"echo hello; {STAY}")
    console = open_console(kernel.path)
    console.until_shown("hello")

    console.press("+", "zeta", "tab", "/bin/echo", "tab", r"made\ by hand", "enter")

    console.until(lambda lines: any("made by hand" in line and "make process" not in line for line in lines), "showed")
    console.until_shown("zeta · ")
    info = process(kernel, "zeta")
    assert info is not None
    assert info["argv"] == ["/bin/echo", "made by", "hand"]


def test_a_form_says_what_is_wrong_and_what_the_kernel_said_and_stays(
    kernel: KernelProcess, open_console: Open
) -> None:
    console = open_console(kernel.path)

    console.press("+", "zeta", "tab", "/nowhere/at all", "enter")

    console.until(lambda lines: any("/nowhere/at all" in line and "make" not in line for line in lines), "told why")
    console.until_shown("Make a process")
    assert process(kernel, "zeta") is None


def test_a_value_is_set_by_the_form(kernel: KernelProcess, open_console: Open) -> None:
    console = open_console(kernel.path)

    console.press("3", "+", "greeting", "tab", "hello world", "enter")

    console.until_shown("set greeting")
    console.until(lambda lines: any("greeting" in line and "hello world" in line for line in lines), "listed it")
    with Papa(kernel.path) as papa:
        assert papa.get("greeting") == "hello world"


def test_a_socket_is_removed_after_a_question(kernel: KernelProcess, open_console: Open) -> None:
    with Papa(kernel.path) as papa:
        port = papa.make_socket("web", port=0)["port"]
        console = open_console(kernel.path)
        console.until_shown(f"127.0.0.1:{port}")

        console.press("2", "x")
        console.until_shown("Remove web?")
        console.until_shown(f"(port {port}): no process holds it; the port is free at once.")
        console.press("enter")
        console.until_gone("Remove web?")
        kept = papa.list_sockets()
        console.press("x")
        console.until_shown("Remove web?")
        console.press("r")

        console.until_gone(f"127.0.0.1:{port}")
        assert "web" in kept
        assert papa.list_sockets() == {}


def test_the_command_bar_runs_a_command_and_shows_its_reply(kernel: KernelProcess, open_console: Open) -> None:
    console = open_console(kernel.path)

    console.press(":", "s motd hello", "enter")
    console.until_shown("set motd hello")
    console.press("g motd", "enter")
    console.until(lambda lines: any(line.strip() == "hello" for line in lines), "showed the reply")
    console.press("escape")

    console.until_gone("get motd")
    with Papa(kernel.path) as papa:
        wait_for(lambda: papa.get("motd") == "hello", "the value is set")
    console.until(lambda lines: any("motd" in line and "hello" in line for line in lines), "listed it")


def test_every_key_that_is_typed_at_once_is_answered(kernel: KernelProcess, open_console: Open) -> None:
    """Keys of a paste, or of a machine that is busy, come in one piece."""
    make(kernel, **{f"p{number}": STAY for number in range(1, 6)})
    console = open_console(kernel.path)
    console.until_shown("p5")

    console.press("jjjj:set typed yes\r")

    with Papa(kernel.path) as papa:
        wait_for(lambda: papa.list_values().get("typed") == "yes", "the value is set")
    console.until_shown("p5 · ")
