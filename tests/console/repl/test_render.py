"""Lists as tables, readable numbers, and what a terminal may get."""

import io
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pexpect
import pytest

from papa_console.repl.output import Color, wants_color
from papa_console.repl.table import table
from papa_console.text import clean, clean_line, duration, fill, shorten, size, width
from support.kernels import KernelProcess
from support.papa_repl import REPL, environment, run_repl
from support.proc import is_running
from support.wire import TIMEOUT, Wire

NOW = 1_000_000.0
WEB: dict[str, Any] = {
    "name": "web", "pid": 412, "running": True, "started": NOW - 192, "bufsize": 2 << 20, "buffered": 1258291,
    "dropped": 0, "args": "/usr/bin/gunicorn --bind fd://7 app:app",
}  # fmt: skip
JOB: dict[str, Any] = {
    "name": "job.nightly", "pid": 9, "running": False, "status": 7, "started": NOW - 5, "bufsize": 1024,
    "buffered": 3, "dropped": 70000, "args": "/bin/false",
}  # fmt: skip
KILLED: dict[str, Any] = {**JOB, "name": "k", "status": -9}
TABLES = {
    79: """\
NAME         PID  STATE       AGE  BUFFERED  DROPPED  BUFSIZE  ARGS
web          412  running   3m12s      1.2m        0       2m  /usr/bin/gunico…
job.nightly    9  exited 7   5.0s         3    68.4k       1k  /bin/false""",
    60: """\
NAME         PID  STATE       AGE  ARGS
web          412  running   3m12s  /usr/bin/gunicorn --bind…
job.nightly    9  exited 7   5.0s  /bin/false""",
    40: """\
NAME         PID  ARGS
web          412  /usr/bin/gunicorn --b…
job.nightly    9  /bin/false""",
    20: """\
NAME         ARGS
web          /usr/b…
job.nightly  /bin/f…""",
}


@pytest.mark.parametrize("columns", TABLES)
def test_a_table_is_no_wider_than_the_terminal(columns: int) -> None:
    shown = table("processes", [WEB, JOB], columns, NOW, color=False)

    assert shown == TABLES[columns]
    assert max(map(len, shown.splitlines())) <= columns


def test_a_killed_process_is_told_by_its_signal() -> None:
    shown = table("processes", [KILLED], 80, NOW, color=False)

    assert shown is not None
    assert "SIGKILL" in shown


def test_wide_characters_keep_the_columns_straight() -> None:
    rows = [{"name": "日本", "value": "x"}, {"name": "e\u0301a", "value": "y"}, {"name": "plain", "value": "z"}]

    assert table("values", rows, 80, NOW, color=False) == "NAME   VALUE\n日本   x\ne\u0301a     y\nplain  z"


def test_sockets_have_one_address() -> None:
    rows = [
        {"name": "app", "family": "unix", "type": "stream", "backlog": 5, "path": "/run/app.sock", "umask": 0o077,
         "fileno": 8},
        {"name": "web", "family": "inet", "type": "stream", "backlog": 128, "host": "127.0.0.1", "port": 8080,
         "reuseport": True},
        {"name": "six", "family": "inet6", "type": "stream", "backlog": 5, "host": "::1", "port": 80, "fileno": 9},
    ]  # fmt: skip

    assert table("sockets", rows, 100, NOW, color=False) == (
        "NAME  ADDRESS         FILENO  FAMILY  TYPE    BACKLOG  REUSEPORT  UMASK\n"
        "app   /run/app.sock        8  unix    stream        5             077\n"
        "web   127.0.0.1:8080          inet    stream      128  yes\n"
        "six   [::1]:80             9  inet6   stream        5"
    )


def test_no_rows_are_no_table() -> None:
    assert table("values", [], 80, NOW, color=False) is None


def test_colours_mark_the_head_and_what_failed() -> None:
    shown = table("processes", [WEB, JOB], 40, NOW, color=True)

    assert shown is not None
    head, web, job = shown.splitlines()
    assert head.startswith("\x1b[1mNAME")
    assert web.startswith("web ")
    assert job.startswith("\x1b[31mjob.nightly")


def test_cells_cannot_control_the_terminal() -> None:
    shown = table("values", [{"name": "a", "value": "\x1b[2J\n\t\x9b\u202e\udcff"}], 80, NOW, color=False)

    assert shown == "NAME  VALUE\na     \\x1b[2J\\n\\t\\xc2\\x9b\\xe2\\x80\\xae\\xff"


def test_text_is_cleaned_but_keeps_its_lines() -> None:
    assert clean("a\n\tb\x1b\r") == "a\n\tb\\x1b\\r"
    assert clean("plain") == "plain"
    assert clean_line("a\nb\tc") == "a\\nb\\tc"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0.0s"), (0.34, "0.3s"), (12, "12s"), (59.7, "1m00s"), (123, "2m03s"), (192, "3m12s"), (3600, "1h00m"),
     (7530, "2h05m"), (86400 * 3 + 3600 * 4, "3d04h")],
)  # fmt: skip
def test_lengths_of_time_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (532, "532"), (1023, "1023"), (1024, "1k"), (65536, "64k"), (1258291, "1.2m"), (1 << 20, "1m"),
     ((1 << 20) - 1, "1m"), (3 << 30, "3g"), (1 << 60, "1024p")],
)  # fmt: skip
def test_sizes_are_short(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(("text", "columns", "short"), [("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"),
                                                        ("日本語", 5, "日本…"), ("日本語", 4, "日…")])  # fmt: skip
def test_text_is_shortened_by_columns(text: str, columns: int, short: str) -> None:
    assert shorten(text, columns) == short
    assert width(short) <= columns


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("one two three", 13, ["one two three"]),
        ("one two three", 12, ["one two", "three"]),
        ("日本 日本 ab", 9, ["日本 日本", "ab"]),
        ("日本 日本 ab", 8, ["日本", "日本 ab"]),
        ("a /a/path/that/is/long b", 8, ["a", "/a/path/that/is/long", "b"]),
        ("  ^~~ one\ntwo", 20, ["  ^~~ one", "two"]),
        ("", 5, [""]),
    ],
)
def test_text_is_broken_between_words(text: str, columns: int, lines: list[str]) -> None:
    assert fill(text, columns) == lines


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("color", "environment", "terminal", "wanted"),
    [
        (Color.AUTO, {"TERM": "xterm"}, True, True),
        (Color.AUTO, {"TERM": "xterm"}, False, False),
        (Color.AUTO, {"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        (Color.AUTO, {"TERM": "xterm", "NO_COLOR": ""}, True, True),
        (Color.AUTO, {"TERM": "dumb"}, True, False),
        (Color.AUTO, {}, True, False),
        (Color.ALWAYS, {"NO_COLOR": "1"}, False, True),
        (Color.NEVER, {"TERM": "xterm"}, True, False),
    ],
)
def test_the_option_goes_before_no_color_and_that_before_the_terminal(
    color: Color, environment: dict[str, str], terminal: bool, wanted: bool
) -> None:
    stream = _Terminal() if terminal else io.StringIO()

    assert wants_color(stream, color, environment) is wanted


def _spawn(kernel: KernelProcess, *arguments: str, rows: int = 24, columns: int = 60, **env: str) -> Any:
    words = [*REPL[1:], "-p", str(kernel.port), *arguments]
    variables: Any = environment(env)
    return pexpect.spawn(
        REPL[0], words, env=variables, dimensions=(rows, columns), encoding="utf-8", timeout=TIMEOUT
    )  # fmt: skip


def _to_end(child: Any) -> str:
    child.expect(pexpect.EOF)
    child.close()
    return str(child.before).replace("\r\n", "\n")


def test_on_a_terminal_a_list_is_a_table_and_in_a_pipe_the_kernels_lines(kernel: KernelProcess, wire: Wire) -> None:
    wire.command("set a 1")

    assert _to_end(_spawn(kernel, "--color", "never", "list", "values")) == "NAME  VALUE\na     1\n"
    assert run_repl(kernel.port, "list", "values").stdout == "a 1\n"
    assert run_repl(kernel.port, "--table", "list", "values").stdout == "NAME  VALUE\na     1\n"


def test_a_value_cannot_control_the_terminal_but_reaches_a_pipe_unchanged(kernel: KernelProcess) -> None:
    run_repl(kernel.port, "set", "v", "\x1b[2J")

    assert _to_end(_spawn(kernel, "get", "v")) == "\\x1b[2J\n"
    assert run_repl(kernel.port, "get", "v").stdout == "\x1b[2J\n"


def test_no_color_is_heeded(kernel: KernelProcess, wire: Wire) -> None:
    wire.command("set a 1")

    assert "\x1b[1m" in _to_end(_spawn(kernel, "list", "values"))
    assert "\x1b[" not in _to_end(_spawn(kernel, "list", "values", NO_COLOR="1"))


def test_a_result_taller_than_the_terminal_goes_through_the_pager(kernel: KernelProcess, tmp_path: Path) -> None:
    paged = tmp_path / "paged"
    pager = f"cat > {paged}"

    tall = _to_end(_spawn(kernel, "help", rows=10, columns=80, PAGER=pager))
    short = _to_end(_spawn(kernel, "help", rows=60, columns=80, PAGER=pager))

    assert tall == ""
    assert paged.read_text().startswith("Commands:")
    assert short.startswith("Commands:")


def test_without_a_pager_the_result_is_written(kernel: KernelProcess) -> None:
    assert _to_end(_spawn(kernel, "help", rows=10, columns=80, PAGER="")).startswith("Commands:")
    assert "Commands:" in _to_end(_spawn(kernel, "help", rows=10, columns=80, PAGER="/no/such/pager"))


def test_ctrl_c_belongs_to_the_pager(kernel: KernelProcess, tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/bash\ntrap 'echo caught; exit' INT\necho paging\nwhile :; do sleep 0.05; done\n")
    os.chmod(pager, 0o755)
    child = _spawn(kernel, "-c", "help", "-c", "get nothing", rows=10, PAGER=str(pager))
    child.expect_exact("paging")

    child.sendintr()
    rest = _to_end(child)

    assert "caught" in rest
    assert "There is no value nothing" in rest
    assert child.exitstatus == 1


def test_sigterm_ends_the_pager_too(kernel: KernelProcess, tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho paging $$\nexec sleep 100\n")
    pager.chmod(0o755)
    child = _spawn(kernel, "help", rows=10, PAGER=f"exec {pager}")
    child.expect(r"paging (\d+)")
    pid = int(child.match[1])

    child.kill(signal.SIGTERM)
    _to_end(child)

    assert child.exitstatus == 143
    assert not is_running(pid)


@pytest.mark.skipif(shutil.which("less") is None, reason="less is not installed")
def test_less_pages_where_nothing_else_is_wanted(kernel: KernelProcess) -> None:
    child = _spawn(kernel, "help", rows=10, columns=80)
    child.expect_exact("Commands:")

    child.send("q")

    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
