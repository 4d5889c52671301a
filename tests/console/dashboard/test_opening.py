"""However the console ends, the terminal is as it was, nothing is left behind, and no traceback is shown."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pexpect
import pyte
import pytest

from support.kernels import KernelProcess
from support.papa_repl import environment
from support.proc import is_running
from support.terminals import end
from support.waiting import wait_for
from support.wire import TIMEOUT

CONSOLE = (sys.executable, "-m", "papa_console.dashboard")
SHOWN = b"3 Values"
LEFT = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l")


class Program:
    """A program on a terminal of its own, and everything that it wrote there."""

    def __init__(self, command: tuple[str, ...], env: Mapping[str, str]) -> None:
        self.spawned: pexpect.spawn[bytes] = pexpect.spawn(
            command[0], list(command[1:]), env=dict(env), dimensions=(40, 120), timeout=TIMEOUT
        )
        self.seen = b""
        self._screen = pyte.Screen(120, 40)
        self._stream = pyte.ByteStream(self._screen)

    def until(self, text: bytes) -> None:
        """Read until a text was written, in one go or piece by piece."""
        deadline = time.monotonic() + TIMEOUT
        while text not in self.seen and not any(text.decode() in line for line in self._screen.display):
            assert time.monotonic() < deadline, "\n".join(self._screen.display)
            data = self.spawned.read_nonblocking(65536, TIMEOUT)
            self.seen += data
            self._stream.feed(data)

    def end(self) -> int:
        """Return the exit status; the terminal must be as it was found."""
        while True:
            try:
                self.seen += self.spawned.read_nonblocking(65536, TIMEOUT)
            except pexpect.EOF:
                break
        self.spawned.wait()
        if self.spawned.signalstatus is not None:
            return -int(self.spawned.signalstatus)
        return int(self.spawned.exitstatus or 0)

    def type(self, keys: str) -> None:
        self.spawned.send(keys)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing of the user's is read or written."""
    more = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config"), "TERM": "xterm"}
    return environment({**more, "COLORTERM": "truecolor", "TMPDIR": str(tmp_path)})


@pytest.fixture
def start(env: dict[str, str]) -> Iterator[Callable[..., Program]]:
    """Start programs on terminals of their own; what still runs ends with the test."""
    started: list[Program] = []

    def run(*command: str, **more: str) -> Program:
        started.append(Program(command, env | more))
        return started[-1]

    yield run
    for program in started:
        end(program.spawned)


def test_q_leaves(start: Callable[..., Program], kernel: KernelProcess) -> None:
    program = start(*CONSOLE, "-u", kernel.path)
    program.until(SHOWN)

    program.type("q")

    assert program.end() == 0
    assert all(sequence in program.seen for sequence in LEFT)


def test_the_terminal_is_left_as_it_was_found(start: Callable[..., Program], kernel: KernelProcess) -> None:
    shell = start(
        "/bin/sh", "-c", f"stty -a > $TMPDIR/before; {' '.join(CONSOLE)} -u {kernel.path}; stty -a > $TMPDIR/after"
    )
    shell.until(SHOWN)

    shell.type("q")

    assert shell.end() == 0
    folder = Path(env_of(shell, "TMPDIR"))
    assert (folder / "after").read_text() == (folder / "before").read_text()


def env_of(program: Program, key: str) -> str:
    assert program.spawned.env is not None
    return str(program.spawned.env[key])


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)],
    ids=["TERM", "HUP", "INT"],
)
def test_a_signal_ends_it_in_good_order(
    number: int, status: int, start: Callable[..., Program], kernel: KernelProcess
) -> None:
    program = start(*CONSOLE, "-u", kernel.path)
    program.until(SHOWN)

    program.spawned.kill(number)

    assert program.end() == status
    assert all(sequence in program.seen for sequence in LEFT)
    assert b"Traceback" not in program.seen


def test_a_signal_ends_it_where_its_loop_is_stuck(start: Callable[..., Program], kernel: KernelProcess) -> None:
    script = (
        "import sys, time\n"
        "from papa_console.dashboard import app\n"
        "from papa_console.dashboard.__main__ import main\n"
        "app.Console.action_help = lambda self: None\n"
        "real = app.Console.on_mount\n"
        "def stuck():\n"
        "    sys.__stderr__.write('STUCK'); sys.__stderr__.flush()\n"
        "    while True: time.sleep(1)\n"
        "app.Console.on_mount = lambda self: (real(self), self.set_timer(0.5, stuck))[0]\n"
        f"sys.argv[1:] = ['-u', {kernel.path!r}]\n"
        "main()\n"
    )
    program = start(sys.executable, "-c", script)
    program.until(b"STUCK")

    program.spawned.kill(signal.SIGTERM)
    program.spawned.kill(signal.SIGTERM)

    assert program.end() == 143
    assert all(sequence in program.seen for sequence in LEFT)


CRASHES = {
    "while it starts": "app.Console.on_mount = boom",
    "while it is made": "app.Console._first_theme = boom",
    "while it runs": (
        "real = app.Console.on_mount\n"
        "app.Console.on_mount = lambda self: (real(self), self.set_timer(0.3, lambda: boom()))[0]"
    ),
    "in its style": "app.Console.CSS = 'Screen { colour: '",
}


@pytest.mark.parametrize("crash", CRASHES.values(), ids=list(CRASHES))
def test_a_fault_is_one_sentence_and_a_file(
    crash: str, start: Callable[..., Program], kernel: KernelProcess, tmp_path: Path
) -> None:
    script = (
        "import sys\n"
        "from papa_console.dashboard import app\n"
        "from papa_console.dashboard.__main__ import main\n"
        "def boom(*_): raise ValueError('a fault of the test')\n"
        f"{crash}\n"
        f"sys.argv[1:] = ['-u', {kernel.path!r}]\n"
        "main()\n"
    )
    program = start(sys.executable, "-c", script)

    status = program.end()

    file = tmp_path / "state" / "papa" / "console-crash.txt"
    last = program.seen.decode().rstrip().splitlines()[-1]
    assert status == 70
    assert last.endswith(f"papa-console has a fault and had to end; the details are in {file}")
    assert "Traceback" not in program.seen.decode()
    assert program.seen.rfind(b"\x1b[?1049l") >= program.seen.rfind(b"\x1b[?1049h")
    assert len(file.read_text()) > 100


def test_the_screen_is_drawn_where_standard_error_is_a_file(
    start: Callable[..., Program], kernel: KernelProcess
) -> None:
    shell = start("/bin/sh", "-c", f"exec {' '.join(CONSOLE)} -u {kernel.path} 2> $TMPDIR/errors")
    shell.until(SHOWN)

    shell.type("q")

    assert shell.end() == 0
    assert (Path(env_of(shell, "TMPDIR")) / "errors").read_bytes() == b""


@pytest.mark.parametrize(
    ("more", "rgb", "any_colour"),
    [
        ({"COLORTERM": "truecolor"}, True, True),
        ({"COLORTERM": ""}, False, True),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, True),
    ],
)
def test_only_colours_that_there_are_are_used(
    more: dict[str, str], rgb: bool, any_colour: bool, start: Callable[..., Program], kernel: KernelProcess
) -> None:
    program = start(*CONSOLE, "-u", kernel.path, **more)
    program.until(SHOWN)
    program.type("q")
    program.end()

    codes = {code for match in re.findall(rb"\x1b\[([\d;]*)m", program.seen) for code in match.split(b";")}
    found = re.findall(rb"\x1b\[(?:\d+;)*[34]8;2;", program.seen)

    assert bool(found) is rgb
    assert (
        bool(codes & {str(code).encode() for code in (*range(30, 39), *range(40, 49), *range(90, 108))}) is any_colour
    )


def test_the_demonstration_leaves_nothing_behind(start: Callable[..., Program], tmp_path: Path) -> None:
    program = start(*CONSOLE, "--demo")
    program.until(b"worker.mail")
    assert program.spawned.pid is not None
    programs = descendants(program.spawned.pid)

    program.type("q")

    assert program.end() == 0
    assert len(programs) > 10
    wait_for(lambda: not any(is_running(pid) for pid in programs), "everything has ended")
    assert not list(tmp_path.glob("papa-demo-*"))


def test_make_demo_opens_the_console_on_a_terminal(start: Callable[..., Program], tmp_path: Path) -> None:
    program = start(sys.executable, "-m", "papa_console.demo", CI="")
    program.until(b"worker.mail")

    program.type("q")

    assert program.end() == 0
    assert not list(tmp_path.glob("papa-demo-*"))


def descendants(pid: int) -> list[int]:
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # some end meanwhile
            children += map(int, task.read_text().split())
    return children + [below for child in children for below in descendants(child)]


# without a terminal


def run(*arguments: str, env: Mapping[str, str]) -> tuple[int, str]:
    from subprocess import DEVNULL, PIPE, STDOUT, run

    done = run([*CONSOLE, *arguments], stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, text=True, timeout=60, env=env)
    return done.returncode, done.stdout


def test_a_picture_needs_no_terminal(env: dict[str, str], kernel: KernelProcess, tmp_path: Path) -> None:
    picture = tmp_path / "a.svg"

    status, said = run("-u", kernel.path, "--screenshot", str(picture), "--size", "80x24", "--keys", "?", env=env)

    assert (status, said) == (0, "")
    assert picture.read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--screenshot", "/nowhere/a.svg"), 1, "papa-console: /nowhere/a.svg: No such file or directory\n"),
        (("--screenshot", "a.svg", "--theme", "pink"), 2, "papa-console: --theme: expected one of ansi-dark, "),
        (
            ("--screenshot", "a.svg", "--config", "/nowhere.toml"),
            2,
            "papa-console: /nowhere.toml: there is no such file\n",
        ),
    ],
)
def test_what_cannot_be_is_one_sentence(
    arguments: tuple[str, ...], status: int, said: str, env: dict[str, str], kernel: KernelProcess
) -> None:
    found = run("-u", kernel.path, *arguments, env=env)

    assert found[0] == status
    assert found[1].startswith(said)
    assert found[1].count("\n") == 1


def test_each_fault_of_the_settings_is_a_line(env: dict[str, str], kernel: KernelProcess, tmp_path: Path) -> None:
    file = tmp_path / "console.toml"
    file.write_text('wrap = 1\n[keys]\n"output.search" = "q"\n')

    status, said = run("-u", kernel.path, "--screenshot", "a.svg", "--config", str(file), env=env)

    assert status == 2
    assert said.splitlines() == [
        f"papa-console: {file}: wrap: expected true or false, not 1",
        f"papa-console: {file}: keys: output.search: q is bound to everywhere.quit too: expected a key of its own",
    ]


def test_a_theme_of_the_settings_that_is_not_there_is_told_of(
    env: dict[str, str], kernel: KernelProcess, tmp_path: Path
) -> None:
    file = tmp_path / "console.toml"
    file.write_text('theme = "pink"\n')

    status, said = run("-u", kernel.path, "--screenshot", "a.svg", "--config", str(file), env=env)

    assert status == 2
    assert said.startswith("papa-console: theme: expected one of ansi-dark, ansi-light, ")
    assert said.endswith("not 'pink'\n")
    assert not os.path.exists("a.svg")
