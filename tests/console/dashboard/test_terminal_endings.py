"""However the console leaves the terminal, for good or for a while, the terminal is as it was found."""

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pexpect
import pytest

from support.consoles import CONSOLE, Console, make
from support.kernels import KernelProcess
from support.programs import need_program
from support.waiting import wait_for

Open = Callable[..., Console]
STAY = "exec sleep 1000"
PROMPT = "ready>"


class Shell(Console):
    """A shell that changes no mode of the terminal itself, with the console as a job."""

    def __init__(self, home: Path, kernel: KernelProcess) -> None:
        environment = {"PS1": PROMPT, "ENV": ""}
        super().__init__(home, ["-i"], command=[need_program("dash")], environment=environment)
        self.until_last(PROMPT)
        self.type(f"{' '.join(CONSOLE)} -u {kernel.path}\r")
        self.until_shown("● up")
        self.job = int(Path(f"/proc/{self.program.pid}/task/{self.program.pid}/children").read_text())

    def until_prompt(self, start: int) -> None:
        """Wait until the shell asks for the next command; ``start`` is a place in what was written."""
        self.until_raw(PROMPT.encode(), start)

    @property
    def is_as_found(self) -> bool:
        """Whether nothing of the terminal is other than it was."""
        return self.modes() == self.modes_before and not self.switched and not self.keyboards


@pytest.fixture
def shell(tmp_path: Path, kernel: KernelProcess) -> Iterator[Shell]:
    """The console as the job of a shell, on the test's kernel."""
    make(kernel, web=f"echo hello; {STAY}")
    with Shell(tmp_path / "home", kernel) as opened:
        opened.until_shown("hello")
        yield opened


def test_q_gives_the_terminal_back(shell: Shell) -> None:
    assert shell.modes() != shell.modes_before
    assert {1049, 25} <= shell.switched
    start = len(shell.raw)

    shell.press("q")

    shell.until_prompt(start)
    assert shell.is_as_found


@pytest.mark.parametrize("stop", ["the key", "the signal"])
def test_control_z_gives_the_terminal_back_and_fg_takes_it_again(stop: str, shell: Shell) -> None:
    start = len(shell.raw)

    if stop == "the key":
        shell.press("ctrl+z")
    else:
        os.kill(shell.job, signal.SIGTSTP)
    shell.until_prompt(start)
    stopped = shell.is_as_found
    start = len(shell.raw)
    shell.type("fg\n")
    shell.until_raw(b"hello", start)
    shell.press(":", "set motd back", "enter")
    shell.until_raw(b"motd", start)
    shell.press("escape")
    shell.until_gone("set motd")
    start = len(shell.raw)
    shell.press("q")

    shell.until_prompt(start)
    assert stopped
    assert shell.is_as_found


@pytest.mark.parametrize("stops", [0, 1], ids=["running", "stopped"])
def test_a_console_that_is_continued_without_having_left_the_terminal_goes_on(stops: int, shell: Shell) -> None:
    """What a debugger does, or a container that is frozen."""
    start = len(shell.raw)
    if stops:
        os.kill(shell.job, signal.SIGSTOP)
        shell.until_prompt(start)
        shell.type("fg\n")
    else:
        os.kill(shell.job, signal.SIGCONT)
    shell.until_raw(b"\x1b[?1049h", start)
    shell.until_raw(b"hello", shell.raw.index(b"\x1b[?1049h", start))
    shell.press(":", "set motd back", "enter")
    shell.until(lambda lines: any("motd" in line and "back" in line and "set" not in line for line in lines), "set it")
    shell.press("escape")
    shell.until_gone("set motd")
    start = len(shell.raw)
    shell.press("q")

    shell.until_prompt(start)
    assert shell.is_as_found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_gives_the_terminal_back(number: signal.Signals, shell: Shell) -> None:
    start = len(shell.raw)

    os.kill(shell.job, number)

    shell.until_prompt(start)
    assert shell.is_as_found
    shell.type("echo status $?\r")
    shell.until_shown(f"status {128 + number}")
    assert "Traceback" not in shell.text


def test_a_terminal_that_goes_ends_the_console(shell: Shell) -> None:
    with suppress(pexpect.ExceptionPexpect):  # it does not wait long for the shell to end
        shell.program.close(force=False)

    wait_for(lambda: not Path(f"/proc/{shell.job}").exists(), "the console has ended")


def test_a_fault_gives_the_terminal_back_and_is_one_sentence(
    tmp_path: Path, kernel: KernelProcess, open_console: Open
) -> None:
    make(kernel, web=f"echo hello; {STAY}")
    script = (
        "import sys\n"
        "from papa_console.dashboard.__main__ import main\n"
        "from papa_console.dashboard.main_screen import MainScreen\n"
        "def action_zoom(self): raise ValueError('a fault of the test')\n"
        "MainScreen.action_zoom = action_zoom\n"
        "main()\n"
    )
    console = open_console(kernel.path, command=[sys.executable, "-c", script])
    console.until_shown("hello")

    console.press("z")

    assert console.wait() == 70
    console.until_raw(b"console-crash.txt")
    said = re.sub(rb"\x1b\[[\d;?<]*\w", b"", bytes(console.raw[console.raw.rfind(b"\x1b[?1049l") :])).decode()
    assert console.modes() == console.modes_before
    assert (console.switched, console.keyboards) == (set(), 0)
    assert (
        said.split()
        == (
            f"papa-console has a fault and had to end; the details are in {tmp_path}/home/state/papa/console-crash.txt"
        ).split()
    )
