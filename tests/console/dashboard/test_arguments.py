"""The arguments of papa-console: one table is read, explained and checked; what makes no sense is refused at once."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pexpect
import pytest

import papa
from papa_console.dashboard.arguments import FLAGS, parse, usage
from papa_console.dashboard.colors import Colors, Depth, colors
from papa_console.flags import UsageError
from support.kernels import KernelProcess
from support.papa_repl import REPL, environment

CONSOLE = (sys.executable, "-m", "papa_console.dashboard")


def run(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CONSOLE, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        env=environment(env),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("argv", "endpoint"),
    [
        ([], None),
        (["-p", "4000"], "4000"),
        (["-p4000"], "4000"),
        (["--port=4000"], "4000"),
        (["-u", "/run/papa.sock"], "/run/papa.sock"),
        (["--connect", "/run/papa.sock"], "/run/papa.sock"),
    ],
)
def test_the_endpoint_is_read_as_papa_repl_reads_it(argv: list[str], endpoint: str | None) -> None:
    assert parse(argv).endpoint == endpoint


def test_what_a_picture_needs_is_read() -> None:
    arguments = parse(["--screenshot", "a.svg", "--size", "80x24", "--keys", "4 / error enter"])

    assert arguments.given["--screenshot"] == "a.svg"
    assert arguments.size == (80, 24)
    assert arguments.keys == ["4", "/", "error", "enter"]


def test_a_picture_has_a_usual_size_and_no_keys() -> None:
    arguments = parse(["--screenshot", "a.svg"])

    assert (arguments.size, arguments.keys) == ((120, 40), [])


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--nope"], "Unknown option --nope: papa-console --help lists them"),
        (["list"], "Unexpected word 'list': papa-console takes only options; papa-repl runs commands"),
        (["--theme"], "--theme needs NAME"),
        (["--once=yes"], "--once takes no value"),
        (["--timeout", "soon"], "--timeout: expected a number of seconds, not 'soon'"),
        (["--size", "80x24"], "--size goes with --screenshot"),
        (["--keys", "a"], "--keys goes with --screenshot"),
        (["--screenshot", "a.svg", "--size", "80"],
         "--size: expected columns and rows from 10 to 1000, such as 120x40, not '80'"),
        (["--screenshot", "a.svg", "--size", "5x24"],
         "--size: expected columns and rows from 10 to 1000, such as 120x40, not '5x24'"),
        (["--demo", "-p", "4000"], "--demo has a kernel of its own: it takes no endpoint, and starts none"),
        (["--demo", "--start"], "--demo has a kernel of its own: it takes no endpoint, and starts none"),
        (["--once", "--screenshot", "a.svg"], "--once prints lists and --screenshot a picture: choose one"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(argv: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(argv)

    assert str(caught.value) == message


def test_the_usage_page_explains_every_option_within_100_columns() -> None:
    lines = usage().splitlines()

    for flag in FLAGS:
        assert any(line.startswith(f"  {', '.join(flag.names)}") and flag.summary in line for line in lines)
    assert max(map(len, lines)) <= 110


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, Colors(Depth.SIXTEEN)),
        ({"TERM": "xterm"}, Colors(Depth.SIXTEEN)),
        ({"TERM": "linux"}, Colors(Depth.SIXTEEN)),
        ({"TERM": "xterm-256color"}, Colors(Depth.MANY)),
        ({"TERM": "tmux-256color", "COLORTERM": "truecolor"}, Colors(Depth.TRUE)),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, Colors(Depth.TRUE)),
        ({"TERM": "xterm-direct"}, Colors(Depth.TRUE)),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Colors(Depth.NONE)),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Colors(Depth.MANY)),
        ({"TERM": "xterm", "COLORFGBG": "0;15"}, Colors(Depth.SIXTEEN, light=True)),
        ({"TERM": "xterm", "COLORFGBG": "15;default;0"}, Colors(Depth.SIXTEEN)),
    ],
)
def test_the_environment_tells_the_colours(environ: dict[str, str], found: Colors) -> None:
    assert colors(environ) == found


@pytest.mark.parametrize(
    ("depth", "ansi", "light", "theme"),
    [
        (Depth.NONE, True, False, "ansi-dark"),
        (Depth.SIXTEEN, True, True, "ansi-light"),
        (Depth.MANY, False, False, "ansi-dark"),
        (Depth.TRUE, False, False, "ansi-dark"),
    ],
)
def test_few_colours_are_the_terminals_own(depth: Depth, ansi: bool, light: bool, theme: str) -> None:
    found = Colors(depth, light)

    assert (found.ansi, found.theme, found.any) == (ansi, theme, depth is not Depth.NONE)


# the program


def test_the_version_and_the_page_need_no_kernel_and_no_terminal() -> None:
    version, page = run("--version"), run("-h")

    assert (version.returncode, version.stderr) == (0, "")
    assert version.stdout.startswith("papa-console 2.")
    assert (page.returncode, page.stdout, page.stderr) == (0, usage() + "\n", "")


def test_without_a_terminal_plain_lists_are_suggested() -> None:
    done = run()

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "papa-console: a terminal is needed, and standard input is none; papa-console --once prints plain lists\n"
    )


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor_is_refused(term: str) -> None:
    program = pexpect.spawn(CONSOLE[0], list(CONSOLE[1:]), env=os.environ | {"TERM": term}, encoding="utf-8")

    program.expect(pexpect.EOF, timeout=60)
    program.close()

    assert program.before == (
        "papa-console: a terminal is needed that can move its cursor, and TERM is "
        f"{term!r}; papa-console --once prints plain lists\r\n"
    )
    assert program.exitstatus == 2


@pytest.mark.parametrize("argv", [["--nope"], ["-p", "0"], ["-u", "papa.sock"], ["--timeout", "-1"]])
def test_bad_arguments_end_it_with_status_2_and_a_sentence(argv: list[str]) -> None:
    done = run(*argv, "--once")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("papa-console: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("program", [CONSOLE, REPL])
def test_what_cannot_be_written_is_said_and_no_traceback(program: Sequence[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*program, "--help"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, env=environment()
        )

    assert (done.returncode, done.stderr.partition(": ")[2]) == (1, "cannot write results: No space left on device\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_any_text_can_be_printed_in_any_locale(encoding: str, kernel: KernelProcess) -> None:
    with papa.Papa(kernel.path) as client:
        client.set("名前", "🎉")

    done = subprocess.run(
        [*CONSOLE, "--once", "-u", kernel.path],
        capture_output=True, timeout=60, env=environment({"PYTHONIOENCODING": encoding}),
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, b"")
    assert "名前  🎉" in done.stdout.decode()


def test_no_kernel_is_status_3(tmp_path: Path) -> None:
    path = tmp_path / "none.sock"

    done = run("--once", "-u", str(path))

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"papa-console: No kernel listens at {path}; 'papa -u {path}' starts one\n"


def test_once_prints_what_the_kernel_holds_and_shortens_nothing(kernel: KernelProcess) -> None:
    words = " ".join(str(number) for number in range(100))
    with papa.Papa(kernel.path) as client:
        client.make_process("web.1", "/bin/sh", ["-c", f"exit 3 # {words}"])
        client.make_socket("web")
        client.set("esc", "a\x1b[2Jb")
        with client.tail_processes("web.1") as tail:
            tail.read()

    done = run("--once", "-u", kernel.path)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"papa {kernel.path}: version 2.")
    assert "1 process" in lines
    assert any(line.startswith("web.1") and "exited 3" in line and line.endswith(words) for line in lines)
    assert "1 socket" in lines
    assert "1 value" in lines
    assert "esc   a\\x1b[2Jb" in lines


def test_once_of_an_empty_kernel_says_that_there_is_nothing(kernel: KernelProcess) -> None:
    done = run("--once", "-u", kernel.path)

    assert done.stdout.splitlines()[1:] == ["", "0 processes", "", "0 sockets", "", "0 values"]


def test_once_may_start_a_kernel(tmp_path: Path) -> None:
    endpoint = str(tmp_path / "papa.sock")

    done = run("--once", "--start", "-u", endpoint)

    assert done.returncode == 0
    with papa.Papa(endpoint, start=False) as client:
        assert client.exit_if_idle()


def test_a_reader_that_has_gone_is_no_error(kernel: KernelProcess) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as out:
        done = subprocess.run(
            [*CONSOLE, "--once", "-u", kernel.path], stdout=out, stderr=subprocess.PIPE, timeout=60, env=environment()
        )

    assert (done.returncode, done.stderr) == (0, b"")


def test_plain_lists_do_not_load_textual(kernel: KernelProcess) -> None:
    script = (
        "import sys\n"
        "from papa_console.dashboard.__main__ import run\n"
        "from papa_console.ending import Ending\n"
        "run(sys.argv[1:], Ending(lambda: None))\n"
        "sys.exit('textual' in sys.modules)\n"
    )

    for argv in (["--version"], ["--help"], ["--nope"], ["--once", "-u", kernel.path]):
        done = subprocess.run([sys.executable, "-c", script, *argv], stdout=subprocess.DEVNULL, timeout=60)

        assert done.returncode == 0, argv


def test_files_need_no_textual() -> None:
    script = (
        "import importlib, pkgutil, sys\n"
        "import papa_console.dashboard.files as files\n"
        "import papa_console.dashboard.once, papa_console.dashboard.options, papa_console.demo.workload\n"
        "names = [module.name for module in pkgutil.iter_modules(files.__path__)]\n"
        "for name in names: importlib.import_module(f'{files.__name__}.{name}')\n"
        "assert len(names) > 10\n"
        "sys.exit('textual' in sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", script], timeout=60)

    assert done.returncode == 0
