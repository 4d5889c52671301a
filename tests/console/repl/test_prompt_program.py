"""The program itself on a terminal, with a kernel that is stopped, killed and started again."""

import signal
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from papa import Papa
from support.kernels import KernelProcess
from support.proc import unread
from support.terminals import Terminal, repl_command
from support.waiting import wait_for

LFLAG = 3


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Start the program on terminals that are closed with the test."""
    opened: list[Terminal] = []

    def start(endpoint: int | str, *arguments: str, ready: bool = True, **environment: str) -> Terminal:
        command = repl_command("--connect", str(endpoint), *arguments)
        private = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
        terminal = Terminal(command, private | environment)
        opened.append(terminal)
        if ready:
            terminal.until_last(prompt(endpoint))
        return terminal

    yield start
    for terminal in opened:
        terminal.__exit__()


def prompt(endpoint: int | str, down: bool = False) -> str:
    shown = f"127.0.0.1:{endpoint}" if isinstance(endpoint, int) else endpoint
    return f"papa {shown}{' (down)' if down else ''}>"


def test_it_starts_runs_a_line_and_leaves(kernel: KernelProcess, open_terminal: Callable[..., Terminal]) -> None:
    with Papa(kernel.port) as papa:
        papa.set("motd", "hello")
    terminal = open_terminal(kernel.port)

    terminal.type("g motd\r")
    shown = terminal.until(lambda lines: len(lines) == 3, "showed the value")
    terminal.type("q\r")

    assert terminal.wait() == 0
    start = prompt(kernel.port)
    assert shown == [f"{start} get motd", "hello", start]


def test_the_prompt_names_a_unix_socket(kernel: KernelProcess, open_terminal: Callable[..., Terminal]) -> None:
    open_terminal(kernel.path)


def test_control_c_clears_the_line_and_stays(kernel: KernelProcess, open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal(kernel.port)
    terminal.type("l p ")
    terminal.until_shown("list processes")

    terminal.type("\x03")
    terminal.until_last(prompt(kernel.port))
    terminal.type("l s ")
    terminal.until_shown("list sockets")
    terminal.program.kill(signal.SIGINT)
    terminal.until_last(prompt(kernel.port))
    terminal.type("i\r")

    terminal.until_shown("version")
    assert terminal.program.isalive()


def test_control_d_on_an_empty_line_leaves(kernel: KernelProcess, open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal(kernel.port)

    terminal.type("\x04")

    assert terminal.wait() == 0


@pytest.mark.parametrize("word", ["quit", "q", "exit", "QUIT"])
def test_words_that_leave(word: str, kernel: KernelProcess, open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal(kernel.port)

    terminal.type(f"{word}\r")

    assert terminal.wait() == 0


def test_an_idle_kernel_ends_when_the_prompt_asks_it_to(
    kernel: KernelProcess, open_terminal: Callable[..., Terminal]
) -> None:
    terminal = open_terminal(kernel.port)
    terminal.type("l v\t")  # the names have been asked for

    terminal.type("\x03exit-if-idle\r")

    terminal.until_shown("Exiting papa!")
    assert kernel.wait() == 0
    terminal.until_last(prompt(kernel.port, down=True))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("edit", ["emacs", "vi"])
def test_a_signal_ends_it_with_the_terminal_restored(
    number: signal.Signals, edit: str, kernel: KernelProcess, open_terminal: Callable[..., Terminal]
) -> None:
    terminal = open_terminal(kernel.port, "--edit", edit)
    terminal.type("l p")
    terminal.until_shown("list p")
    during = terminal.modes()

    terminal.program.kill(number)

    assert terminal.wait() == 128 + number
    assert during[LFLAG] != terminal.modes_before[LFLAG]
    assert terminal.modes() == terminal.modes_before
    assert not int(str(during[LFLAG])) & termios.ECHO


def test_a_resize_draws_the_line_again(kernel: KernelProcess, open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal(kernel.port)
    terminal.type("set name " + "x" * 60)
    terminal.until_shown("x" * 60)

    terminal.resize(50, 24)
    terminal.type("y")

    lines = terminal.until(lambda lines: lines and lines[-1].endswith("xy"), "drew the line in two rows")
    assert max(map(len, lines)) <= 50
    assert "".join(line.strip() for line in lines[-2:]).endswith("x" * 60 + "y")


def test_a_kernel_that_goes_and_comes_back_shows_at_the_prompt(
    tmp_path: Path, start_kernel: Callable[..., KernelProcess], open_terminal: Callable[..., Terminal]
) -> None:
    path = str(tmp_path / "papa.sock")
    first = start_kernel("-u", path)
    terminal = open_terminal(path)
    first.signal(signal.SIGKILL)
    first.wait()

    terminal.until_last(prompt(path, down=True))
    terminal.type("l v\r")
    terminal.until_shown("No kernel listens at")
    Path(path).unlink()
    start_kernel("-u", path)

    terminal.until_last(prompt(path))
    terminal.type("set a 1\r")
    terminal.until_last(prompt(path))
    terminal.type("g a\r")
    assert terminal.until(lambda lines: len(lines) > 2 and lines[-2] == "1", "got the value")


def test_three_pasted_lines_run_one_after_another(
    kernel: KernelProcess, open_terminal: Callable[..., Terminal]
) -> None:
    terminal = open_terminal(kernel.port)

    terminal.type("\x1b[200~set a 1\nset b 2\nlist values\x1b[201~")
    terminal.until_shown("list values")
    terminal.type("\r")

    def rows(lines: list[str]) -> list[list[str]]:
        return [line.split() for line in lines if line[:1] in ("a", "b")]

    terminal.until(lambda lines: rows(lines) == [["a", "1"], ["b", "2"]], "ran all three")
    terminal.until_last(prompt(kernel.port))
    terminal.type("g b\r")
    terminal.until(lambda lines: lines[-2:] == ["2", prompt(kernel.port)], "stayed in step")


def test_lines_that_arrive_before_the_prompt_are_not_lost(
    kernel: KernelProcess, open_terminal: Callable[..., Terminal]
) -> None:
    terminal = open_terminal(kernel.port, ready=False)

    terminal.type("s early bird\rg early\r")

    terminal.until(lambda lines: "bird" in lines, "ran what was typed early")


def test_tab_shows_live_names(kernel: KernelProcess, open_terminal: Callable[..., Terminal]) -> None:
    with Papa(kernel.port) as papa:
        for name in ("web.1", "web.2"):
            papa.make_process(name, "/bin/sleep", ["100"])
    terminal = open_terminal(kernel.port)

    terminal.type("l p \t")

    lines = terminal.until(lambda lines: len(lines) == 3, "opened the menu")
    assert lines[0].endswith("list processes web.")
    assert [line.split()[0] for line in lines[1:]] == ["web.1", "web.2"]


def test_names_made_here_are_offered_at_once(kernel: KernelProcess, open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal(kernel.port)
    terminal.type("s made.here 1\r")
    terminal.until(lambda lines: len(lines) == 2, "made it")

    terminal.type("g ma\t")

    terminal.until_last(f"{prompt(kernel.port)} get made.here")


def test_typing_goes_on_while_the_kernel_is_stopped(
    kernel: KernelProcess, open_terminal: Callable[..., Terminal]
) -> None:
    with Papa(kernel.port) as papa:
        papa.set("motd", "hello")
    terminal = open_terminal(kernel.port)
    terminal.type("g m\t")
    terminal.until_last(f"{prompt(kernel.port)} get motd")
    kernel.signal(signal.SIGSTOP)

    terminal.type("\x03l v m\t")

    terminal.until_shown("list values motd")
    kernel.signal(signal.SIGCONT)


def test_what_was_typed_is_remembered_by_the_next_session(
    kernel: KernelProcess, open_terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    first = open_terminal(kernel.port)
    first.type("l v nothing.*\rq\r")
    assert first.wait() == 0
    second = open_terminal(kernel.port)

    second.type("\x1b[A\x1b[A")

    second.until_last(f"{prompt(kernel.port)} list values nothing.*")
    assert (tmp_path / "state/papa/history").stat().st_mode & 0o777 == 0o600


def test_a_history_that_cannot_be_written_is_one_warning(
    kernel: KernelProcess, open_terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    terminal = open_terminal(kernel.port, XDG_STATE_HOME=str(tmp_path / "file"))

    for number in range(3):
        terminal.type(f"s a {number}\r")
        terminal.until(lambda lines: f" set a {number}" in " ".join(lines), "ran the line")  # noqa: B023
    terminal.type("g a\r")

    lines = terminal.until(lambda lines: "2" in lines, "went on")
    assert "".join(lines).count("this session's lines are not kept") == 1


def test_faults_in_the_settings_end_it(kernel: KernelProcess, tmp_path: Path) -> None:
    file = tmp_path / "repl.toml"
    file.write_text("hint = 1\ncolour = 2\n")

    with Terminal(repl_command("--connect", str(kernel.port), "--config", str(file))) as terminal:
        lines = terminal.until(lambda lines: len("".join(lines)) > 150, "told both faults")
        status = terminal.wait()

    assert status == 2
    assert "".join(lines).count("repl.toml: ") == 2


@pytest.mark.parametrize(("no_color", "coloured"), [("1", False), ("", True)])
def test_no_color_is_heeded(
    no_color: str, coloured: bool, kernel: KernelProcess, open_terminal: Callable[..., Terminal]
) -> None:
    terminal = open_terminal(kernel.port, NO_COLOR=no_color)

    terminal.type("xyz")

    terminal.until_last(f"{prompt(kernel.port)} xyz")
    row = terminal.screen.buffer[0]
    assert (row[len(prompt(kernel.port)) + 1].fg == "red") is coloured


def test_emacs_is_not_asked_where_the_cursor_is(kernel: KernelProcess, open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal(kernel.port, INSIDE_EMACS="29.1,comint")

    terminal.type("i\r")

    lines = terminal.until_shown("version")
    assert not any("CPR" in line for line in lines)
    assert not terminal.asked


def test_a_command_that_is_sent_to_a_stopped_kernel_can_be_interrupted(
    kernel: KernelProcess, open_terminal: Callable[..., Terminal]
) -> None:
    terminal = open_terminal(kernel.port)
    terminal.type("l p nothing.*\r")  # the prompt is there before the connection, over which a line is sent
    terminal.until(lambda lines: lines[1:] and lines[-1] == prompt(kernel.port), "ran a line")
    kernel.signal(signal.SIGSTOP)
    terminal.type("set a 1\r")
    wait_for(lambda: unread(kernel.port), "the line was sent")

    terminal.type("\x03")

    terminal.until_shown("it may have run")
    kernel.signal(signal.SIGCONT)
    terminal.until_last(prompt(kernel.port))


def test_the_terminal_is_the_shells_again_after_leaving(kernel: KernelProcess, tmp_path: Path) -> None:
    command = " ".join(repl_command("--connect", str(kernel.port)))

    with Terminal(["/bin/sh", "-c", f"{command}; echo left; read line; echo got $line"]) as terminal:
        terminal.until_last(prompt(kernel.port))
        terminal.type("\x04")
        terminal.until_shown("left")
        terminal.type("a word\r")

        lines = terminal.until_shown("got a word")

    assert "a word" in lines
