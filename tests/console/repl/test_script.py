"""papa-repl in scripts: exit statuses, where its words come from, what goes to which stream."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.cutting import CutWire
from support.kernels import KernelProcess
from support.papa_repl import REPL, environment, run_repl
from support.wire import Wire

Way = Callable[[int | str, str, Path], "subprocess.CompletedProcess[str]"]


def _argv(endpoint: int | str, line: str, _: Path) -> "subprocess.CompletedProcess[str]":
    return run_repl(endpoint, *line.split())


def _c(endpoint: int | str, line: str, _: Path) -> "subprocess.CompletedProcess[str]":
    return run_repl(endpoint, "-c", line)


def _f(endpoint: int | str, line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    script = folder / "script.papa"
    script.write_text(f"# a comment\n\n{line}\n")
    return run_repl(endpoint, "-f", str(script))


def _stdin(endpoint: int | str, line: str, _: Path) -> "subprocess.CompletedProcess[str]":
    return run_repl(endpoint, stdin=f"# a comment\n\n{line}\n")


WAYS: dict[str, Way] = {"argv": _argv, "-c": _c, "-f": _f, "stdin": _stdin}
# line, status, standard output, the beginning or a part of standard error
STATUSES = [
    ("list values", 0, "held 1\n", ""),
    ("l v", 0, "held 1\n", ""),
    ("l v nothing*", 0, "", ""),
    ("list processes", 0, "", ""),
    ("get held", 0, "1\n", ""),
    ("set other 2", 0, "", ""),
    ("quit", 0, "", ""),
    ("exit", 0, "", ""),
    (":raw", 0, "", "results are shown as raw"),
    ("get missing", 1, "", "There is no value missing"),
    ("remove processes missing", 1, "", "There is no process missing"),
    ("make process x /no/such/program", 1, "", "/no/such/program"),
    ("watch processes missing", 1, "", "There is no process missing"),
    ("tail processes missing", 1, "", "There is no process missing"),
    ("exit-if-idle", 1, "", "not idle"),
    ("bogus", 2, "", 'Unknown command "bogus"'),
    ("exit-if-idl", 2, "", "type it in full"),
    ("list", 2, "", '"list" is incomplete'),
    ("get", 2, "", '"get" needs NAME'),
    ("make process x bufsize=lots /bin/true", 2, "", "bufsize: expected a number of bytes"),
    ("make process x bufsize=1m", 2, "", "needs an EXECUTABLE"),
    ("protocol 1", 2, "", "agrees with each kernel"),
    (":bogus", 2, "", "Unknown command ':bogus'"),
    (":source /no/such/file", 2, "", "/no/such/file: No such file"),
    (":connect nowhere", 2, "", "An endpoint is a port or an absolute path"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("line", "status", "out", "err"), STATUSES)
def test_each_outcome_has_its_status_from_wherever_the_line_comes(
    wire: Wire, kernel: KernelProcess, tmp_path: Path, way: str, line: str, status: int, out: str, err: str
) -> None:
    wire.command("set held 1")

    done = WAYS[way](kernel.port, line, tmp_path)

    assert (done.returncode, done.stdout) == (status, out), done.stderr
    assert err in done.stderr
    assert bool(err) == bool(done.stderr)


@pytest.mark.parametrize("way", WAYS)
def test_without_a_kernel_the_status_is_3(way: str, tmp_path: Path) -> None:
    path = str(tmp_path / "nobody.sock")

    done = WAYS[way](path, "list values", tmp_path)

    assert (done.returncode, done.stdout) == (3, "")
    assert f"No kernel listens at {path}" in done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_a_connection_lost_after_sending_has_status_4_and_says_how_to_check(
    kernel: KernelProcess, way: str, tmp_path: Path
) -> None:
    with CutWire(tmp_path / "cut.sock", kernel.path, b"make") as wire:
        done = WAYS[way](wire.path, "make process web /bin/sleep 100", tmp_path)

        assert done.returncode == 4, done.stderr
        assert "lost the connection after sending; it may have run; check with: list processes web" in done.stderr
        assert wire.sent(b"make") == 1


def test_help_needs_no_kernel(tmp_path: Path) -> None:
    done = run_repl(str(tmp_path / "nobody.sock"), "h", "l", "p")

    assert done.returncode == 0
    assert "Usage: list processes" in done.stdout


def test_words_of_the_command_line_are_not_split_again(kernel: KernelProcess, wire: Wire) -> None:
    wire.command("protocol 2")

    set_it = run_repl(kernel.port, "set", "a b", "", "two  words\n")
    got = run_repl(kernel.port, "get", "a b")

    assert set_it.returncode == 0, set_it.stderr
    assert got.stdout == " two  words\n\n"


def test_lines_are_run_in_order_and_the_first_error_ends_them(kernel: KernelProcess) -> None:
    done = run_repl(kernel.port, "-c", "set a 1", "-c", "get b", "-c", "set a 2")

    assert done.returncode == 1
    assert run_repl(kernel.port, "get", "a").stdout == "1\n"


def test_keep_going_goes_on_and_the_status_is_that_of_the_first_error(kernel: KernelProcess) -> None:
    done = run_repl(kernel.port, "--keep-going", stdin="get b\nbogus\nset a 2\nget a\n")

    assert (done.returncode, done.stdout) == (1, "2\n")


def test_errors_in_a_file_begin_with_its_name_the_line_and_the_column(kernel: KernelProcess, tmp_path: Path) -> None:
    script = tmp_path / "setup.papa"
    script.write_text("\n# first\nm p web bufsize=lots /bin/true\n")

    done = run_repl(kernel.port, "-f", str(script))

    assert done.returncode == 2
    assert done.stderr.startswith(f"{script}:3:17: bufsize: expected")


def test_a_caret_stands_under_the_word_that_is_wrong(kernel: KernelProcess) -> None:
    done = run_repl(kernel.port, "-c", "m p wéb bufsize=lots /bin/true")

    shown, caret, message = done.stderr.splitlines()
    assert shown == "  m p wéb bufsize=lots /bin/true"
    assert caret == "                  ^~~~"
    assert message.startswith("bufsize: ")


def test_strict_refuses_abbreviations(kernel: KernelProcess, tmp_path: Path) -> None:
    script = tmp_path / "s.papa"
    script.write_text("list values\nlist val\n")

    done = run_repl(kernel.port, "--strict", "-f", str(script))

    assert done.returncode == 2
    assert done.stderr == f'{script}:2:6: "val" is an abbreviation of "values"\n'


def test_a_file_may_run_another_but_not_itself_for_ever(kernel: KernelProcess, tmp_path: Path) -> None:
    inner, outer = tmp_path / "inner.papa", tmp_path / "outer.papa"
    inner.write_text("set a 1\n")
    outer.write_text(f":source {inner}\nget a\n:source {outer}\n")

    done = run_repl(kernel.port, "-f", str(outer))

    assert done.returncode == 2
    assert done.stdout == "1\n" * 15
    assert "files that run files, 16 deep" in done.stderr


@pytest.mark.parametrize("value", ["plain", "two words\nand a line\n", "", 'a "quoted" \\ one', "\udcff"])
def test_x_takes_the_last_argument_from_standard_input_exactly(kernel: KernelProcess, value: str) -> None:
    as_bytes = value.encode("utf-8", "surrogateescape")
    for words in (["set", "state"], ["-c", "s state"]):
        command = [*REPL, "-p", str(kernel.port), "-x", *words]
        assert subprocess.run(command, input=as_bytes, env=environment(), timeout=60).returncode == 0

        got = subprocess.run([*REPL, "-p", str(kernel.port), "get", "state"], capture_output=True, env=environment())

        assert got.stdout == as_bytes + b"\n"


def test_aliases_stand_for_words_in_command_position_only(kernel: KernelProcess) -> None:
    script = ":alias lv list values\nset lv lv\nlv lv\n:alias\n:alias lv\nlv\n"

    done = run_repl(kernel.port, stdin=script)

    assert done.stdout == "lv lv\nlv = list values\n"
    assert done.stderr.startswith('stdin:6:1: Unknown command "lv"')


def test_an_alias_cannot_hide_a_command(kernel: KernelProcess) -> None:
    done = run_repl(kernel.port, "-c", ":alias list get x")

    assert done.returncode == 2
    assert "'list' is a command" in done.stderr


def test_connect_changes_the_kernel_and_stays_where_none_answers(
    kernel: KernelProcess, start_kernel: Callable[..., KernelProcess], tmp_path: Path
) -> None:
    other = start_kernel()
    script = f"set where here\n:connect {other.path}\nset where there\n:connect {tmp_path}/no\nget where\n"

    done = run_repl(kernel.port, "--keep-going", stdin=script)

    assert (done.returncode, done.stdout) == (3, "there\n")


def test_time_tells_milliseconds(kernel: KernelProcess) -> None:
    done = run_repl(kernel.port, "--time", "list", "values")

    assert done.stderr.endswith(" ms\n")


def test_the_shell_is_a_colon_and_an_exclamation_mark_away(kernel: KernelProcess) -> None:
    done = run_repl(kernel.port, stdin=":!echo $((1 + 1))\n:! exit 3\n")

    assert (done.returncode, done.stdout) == (1, "2\n")
    assert "ended with status 3" in done.stderr


def test_the_endpoint_may_come_from_the_environment(kernel: KernelProcess) -> None:
    done = subprocess.run(
        [*REPL, "info"], env=environment({"PAPA_ENDPOINT": kernel.path}), capture_output=True, text=True
    )  # fmt: skip

    assert f"pid {kernel.pid}\n" in done.stdout


def test_start_starts_a_kernel_that_stays(tmp_path: Path) -> None:
    path = str(tmp_path / "own.sock")

    started = run_repl(path, "--start", "set", "a", "1")
    pid = int(run_repl(path, "info").stdout.split("pid ")[1].split()[0])

    try:
        assert started.returncode == 0, started.stderr
        assert run_repl(path, "get", "a").stdout == "1\n"
    finally:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--bogus"], "Unknown option --bogus"),
        (["-c"], "-c needs LINE"),
        (["--json=1"], "--json takes no value"),
        (["--color", "pink"], "--color: expected auto, always, never, not 'pink'"),
        (["--timeout", "soon"], "--timeout: expected a number of seconds"),
        (["-c", "info", "list"], "Unexpected word 'list' after -c"),
        (["--connect", "relative/path"], "An endpoint is a port or an absolute path"),
        (["-x"], "-x: give one command"),
    ],
)
def test_arguments_that_make_no_sense_have_status_2(kernel: KernelProcess, arguments: list[str], message: str) -> None:
    done = run_repl(kernel.port, *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_version_and_help_need_no_kernel() -> None:
    version = run_repl(1, "--version")
    page = run_repl(1, "--help")

    assert version.stdout.startswith("papa-repl 2.")
    assert "Exit status:\n  0              done\n" in page.stdout
    assert (version.returncode, page.returncode) == (0, 0)


def test_nothing_but_results_goes_to_standard_output_and_no_colour_to_a_pipe(kernel: KernelProcess) -> None:
    done = run_repl(kernel.port, "--keep-going", stdin="get x\nset a 1\nlist values\n:exits\n", env={"CI": "1"})

    assert done.stdout == "a 1\n"
    assert "\x1b" not in done.stderr


def test_colour_always_reddens_what_the_kernel_refuses(kernel: KernelProcess) -> None:
    done = run_repl(kernel.port, "--color", "always", "remove", "processes", "x", env={"NO_COLOR": "1"})

    assert done.stderr == "\x1b[31mError: There is no process x\x1b[0m\n"


def test_a_command_imports_no_prompt_and_no_asyncio(kernel: KernelProcess) -> None:
    script = (
        "import sys; from papa_console.repl.script import run; run(sys.argv[1:]);"
        "print(sorted({'asyncio', 'prompt_toolkit', 'argparse', 'json', 'wcwidth'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [REPL[0], "-c", script, "-p", str(kernel.port), "-c", "l p"], capture_output=True, text=True, env=environment()
    )

    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize(
    ("words", "late"),
    [
        (["list", "processes", "--json"], "--json"),
        (["l", "v", "--timeout=5"], "--timeout=5"),
        (["list", "processes", "--other"], ""),
        (["set", "a", "--json"], ""),
        (["--json", "list", "values"], ""),
    ],
)
def test_an_option_behind_the_command_is_remarked_on(kernel: KernelProcess, words: list[str], late: str) -> None:
    done = run_repl(kernel.port, *words)

    remark = f"{late} is a word of the command here: options of papa-repl stand before it\n" if late else ""
    assert (done.returncode, done.stderr) == (0, remark)
