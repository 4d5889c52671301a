"""Watching and tailing in the foreground: what is shown, what Ctrl-C does, and what is acknowledged."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from papa_protocol.words import Dialect, join_words, to_text
from support.gates import Gate
from support.kernels import KernelProcess
from support.papa_repl import REPL, environment, run_repl
from support.proc import settled_wake_ups
from support.waiting import wait_for
from support.watching import field_of, make, make_python, row_of, wait_until_buffered, wait_until_ended
from support.wire import TIMEOUT, Wire

CONSUMING = "watching 1 process (consuming: what is shown here leaves the kernel); Ctrl-C stops"
NOT_CONSUMING = "tailing 1 process (not consuming: what is shown here stays in the kernel); Ctrl-C stops"


class Terminal:
    """papa-repl in a terminal of its own."""

    def __init__(self, kernel: KernelProcess, *arguments: str, env: dict[str, str] | None = None) -> None:
        words = [*REPL[1:], "-p", str(kernel.port), *arguments]
        variables: Any = environment(env)
        self.child: Any = pexpect.spawn(REPL[0], words, env=variables, encoding="utf-8", timeout=TIMEOUT)

    def shows(self, text: str) -> str:
        """Wait for a text; return what came before it."""
        self.child.expect_exact(text)
        return str(self.child.before)

    def interrupt(self) -> None:
        self.child.sendintr()

    def ends(self) -> int | None:
        self.child.expect(pexpect.EOF)
        self.child.close()
        status: int | None = self.child.exitstatus
        return status


@pytest.fixture
def spawned() -> Iterator[list["subprocess.Popen[str]"]]:
    """Programs that a test started; they end with it."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def _spawn(kernel: KernelProcess, *arguments: str) -> "subprocess.Popen[str]":
    command = [*REPL, "-p", str(kernel.port), *arguments]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )


def test_a_watch_shows_lines_and_the_end_and_consumes_them(kernel: KernelProcess, wire: Wire) -> None:
    make(wire, "web", "echo one; echo two >&2; exit 7")

    done = run_repl(kernel.port, "w", "p", "web")

    assert done.returncode == 0
    assert sorted(done.stdout.splitlines()[:2]) == ["web ! two", "web | one"]
    assert re.fullmatch(r"web exited with status 7 after \d\.\ds", done.stdout.splitlines()[2])
    assert done.stderr.splitlines() == [CONSUMING, "ended: 1 process, 2 lines, last batch acknowledged"]
    assert row_of(wire, "web") == ""


def test_a_tail_shows_the_same_and_consumes_nothing(kernel: KernelProcess, wire: Wire) -> None:
    make(wire, "web", "echo one; exit 7")
    wait_until_ended(wire, "web")

    done = run_repl(kernel.port, "t", "p", "web")
    again = run_repl(kernel.port, "t", "p", "web")

    assert done.stdout.startswith("web | one\nweb exited with status 7 after ")
    assert done.stderr.splitlines() == [NOT_CONSUMING, "ended: 1 process, 1 line, nothing consumed"]
    assert again.stdout == done.stdout
    assert field_of(row_of(wire, "web"), "buffered") == "4"


def test_a_process_made_to_be_watched_is_watched_at_once(kernel: KernelProcess) -> None:
    done = run_repl(kernel.port, "m", "p", "job", "watch=1", "/bin/echo", "hi")

    row, line, end = done.stdout.splitlines()
    assert row.startswith("job pid=")
    assert line == "job | hi"
    assert end.startswith("job exited with status 0 after ")


def test_names_are_aligned(kernel: KernelProcess, wire: Wire) -> None:
    make(wire, "a", "echo short")
    make(wire, "longer", "echo long")
    wait_until_ended(wire, "a")
    wait_until_ended(wire, "longer")

    lines = run_repl(kernel.port, "tail", "processes", "*").stdout.splitlines()

    assert {"a      | short", "longer | long"} < set(lines)


def test_a_process_that_was_killed_is_told_with_its_signal(kernel: KernelProcess, wire: Wire) -> None:
    make(wire, "web", "kill -9 $$")

    done = run_repl(kernel.port, "watch", "processes", "web")

    assert done.stdout.startswith("web was killed by SIGKILL after ")


def test_a_line_written_in_pieces_is_one_line(kernel: KernelProcess, wire: Wire, gate: Gate) -> None:
    make(wire, "web", f"printf one; {gate.wait}; echo ' two'")
    terminal = Terminal(kernel, "--color", "never", "watch", "processes", "web")
    terminal.shows("web | one")
    gate.open()
    rest = terminal.shows("exited")

    # Depending on the machine, the second half came before the line was given up, or after.
    assert rest.split() in (["two", "web"], ["web", "|", "two", "web"])
    assert terminal.ends() == 0


def test_invalid_bytes_and_control_characters_are_escaped(kernel: KernelProcess, wire: Wire) -> None:
    script = r"sys.stdout.buffer.write(b'\x1b[31mred\xff\t\xe2\x82\xac\x07\r\n\r5%\r6%\n\xc2\x9b')"
    make_python(wire, "web", script)

    done = run_repl(kernel.port, "watch", "processes", "web")

    assert done.stdout.splitlines()[:3] == [
        "web | \\x1b[31mred\\xff\t\N{EURO SIGN}\\x07",
        "web | \\r5%\\r6%",
        "web | \\xc2\\x9b",
    ]


def test_raw_lets_them_through(kernel: KernelProcess, wire: Wire) -> None:
    make_python(wire, "web", r"sys.stdout.buffer.write(b'\x1b[31mred\xff\n')")

    done = run_repl(kernel.port, "--raw", "watch", "processes", "web")

    assert done.stdout.startswith("web | \x1b[31mred\udcff\n")


def test_a_name_cannot_control_the_terminal(kernel: KernelProcess, wire: Wire) -> None:
    words = ["make", "process", "a\x1b[2J", "/bin/echo", "hi"]
    assert run_repl(kernel.port, *words).returncode == 0

    done = run_repl(kernel.port, "watch", "processes", "*")

    assert done.stdout.startswith("a\\x1b[2J | hi\n")


def test_what_the_buffer_dropped_is_told(kernel: KernelProcess, wire: Wire) -> None:
    make_python(wire, "web", "os.write(1, b'x' * 5000); time.sleep(0.2); os.write(1, b'end\\n')", "bufsize=100")
    wait_until_ended(wire, "web")

    done = run_repl(kernel.port, "watch", "processes", "web")

    dropped = re.search(r"^web had (\d+) bytes dropped here", done.stdout, re.MULTILINE)
    assert dropped is not None, done.stdout
    shown = sum(len(line) + 1 for line in re.findall(r"^web \| (.*)$", done.stdout, re.MULTILINE))
    assert int(dropped[1]) + shown == 5004


def test_colours_are_per_name_and_errors_are_marked_red(kernel: KernelProcess, wire: Wire) -> None:
    make(wire, "a", "echo out; echo err >&2")
    wait_until_ended(wire, "a")

    done = run_repl(kernel.port, "--color", "always", "tail", "processes", "a")

    assert "\x1b[36ma\x1b[0m \x1b[36m|\x1b[0m out\n" in done.stdout
    assert "\x1b[36ma\x1b[0m \x1b[31m!\x1b[0m err\n" in done.stdout


def test_json_has_an_object_a_record(kernel: KernelProcess, wire: Wire) -> None:
    make_python(wire, "web", r"os.write(1, b'a\nb'); os.write(2, b'\xff'); sys.exit(3)")
    wait_until_ended(wire, "web")

    done = run_repl(kernel.port, "--json", "watch", "processes", "web")

    objects = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["name"] for one in objects} == {"web"}
    by_event = {one["event"]: one for one in objects}
    assert by_event["out"]["data"] == "a\nb"
    assert by_event["err"]["base64"] == "/w=="
    assert by_event["exit"]["status"] == 3
    assert objects[-1]["event"] == "exit"
    assert objects[-1]["after"] > 0


def test_tee_gets_the_same_lines_without_colour(kernel: KernelProcess, wire: Wire, tmp_path: Path) -> None:
    make(wire, "web", "echo one")
    log = tmp_path / "log"
    log.write_text("before\n")

    done = run_repl(kernel.port, "--color", "always", "--tee", str(log), "watch", "processes", "web")

    assert log.read_text().startswith("before\nweb | one\nweb exited with status 0")
    assert "\x1b[" in done.stdout


def test_a_file_that_cannot_be_written_is_told_before_anything_is_consumed(
    kernel: KernelProcess, wire: Wire, tmp_path: Path
) -> None:
    make(wire, "web", "echo one")
    wait_until_ended(wire, "web")

    done = run_repl(kernel.port, "--tee", str(tmp_path / "no" / "log"), "watch", "processes", "web")

    assert (done.returncode, done.stdout) == (2, "")
    assert field_of(row_of(wire, "web"), "buffered") == "4"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_acknowledges_nothing(kernel: KernelProcess, wire: Wire) -> None:
    make(wire, "web", "echo one")
    wait_until_ended(wire, "web")

    done = run_repl(kernel.port, "--tee", "/dev/full", "watch", "processes", "web")

    assert done.returncode != 0
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert field_of(row_of(wire, "web"), "buffered") == "4"


def test_a_head_ends_it_and_nothing_is_acknowledged(kernel: KernelProcess, wire: Wire) -> None:
    make(wire, "web", "echo one; echo two; echo three; exec sleep 100")
    wait_until_buffered(wire, "web", 14)
    watch = " ".join([*REPL, "-p", str(kernel.port), "watch", "processes", "web"])

    done = subprocess.run(
        ["bash", "-c", f"{watch} | head -n 1; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        env=environment(),
    )

    assert done.stdout == "web | one\n0\n"
    assert "stopped, since nobody reads the output any more: " in done.stderr
    assert "last batch not acknowledged" in done.stderr
    assert field_of(row_of(wire, "web"), "buffered") == "14"


def test_an_idle_watch_whose_reader_goes_away_ends(
    kernel: KernelProcess, wire: Wire, spawned: list["subprocess.Popen[str]"]
) -> None:
    make(wire, "web", "exec sleep 100")
    process = _spawn(kernel, "watch", "processes", "web")
    spawned.append(process)
    assert process.stderr is not None
    assert process.stdout is not None
    assert process.stderr.readline().strip() == CONSUMING

    process.stdout.close()

    assert process.wait(TIMEOUT) == 0


def test_ctrl_c_while_idle_closes_without_a_word_and_loses_nothing_later(
    kernel: KernelProcess, wire: Wire, gate: Gate
) -> None:
    make(wire, "web", f"echo one; {gate.wait}; echo two; exec sleep 100")
    terminal = Terminal(kernel, "watch", "processes", "web")
    terminal.shows("one")
    wait_for(lambda: field_of(row_of(wire, "web"), "buffered") == "0", "the batch was acknowledged")

    terminal.interrupt()
    said = terminal.shows("acknowledged")

    assert "stopped: 1 process, 1 line, last batch " in said
    assert terminal.ends() == 130
    gate.open()
    wait_until_buffered(wire, "web", 4)


def test_ctrl_c_while_a_batch_is_shown_finishes_and_acknowledges_it(
    kernel: KernelProcess, wire: Wire, spawned: list["subprocess.Popen[str]"]
) -> None:
    make_python(wire, "web", "os.write(1, b'x' * 199 + b'\\n') and [os.write(1, b'y' * 199 + b'\\n') "
                "for _ in range(2000)]; time.sleep(100)")  # fmt: skip
    wait_until_buffered(wire, "web", 400_200)
    process = _spawn(kernel, "watch", "processes", "web")
    spawned.append(process)
    assert process.stderr is not None
    assert process.stdout is not None
    process.stderr.readline()
    first = os.read(process.stdout.fileno(), 100).decode()  # it is in the middle of writing to a pipe that is full

    process.send_signal(signal.SIGINT)
    rest, said = process.communicate(timeout=TIMEOUT)

    assert (first + rest).splitlines() == ["web | " + "x" * 199, *["web | " + "y" * 199] * 2000]
    assert "stopped: 1 process, 2,001 lines, last batch acknowledged" in said
    assert process.returncode == 130
    wait_for(lambda: field_of(row_of(wire, "web"), "buffered") == "0", "what was shown was acknowledged")


def test_a_second_ctrl_c_closes_at_once_and_acknowledges_nothing(
    kernel: KernelProcess, wire: Wire, spawned: list["subprocess.Popen[str]"]
) -> None:
    make_python(wire, "web", "[os.write(1, b'y' * 199 + b'\\n') for _ in range(2000)]; time.sleep(100)")
    wait_until_buffered(wire, "web", 400_000)
    process = _spawn(kernel, "watch", "processes", "web")
    spawned.append(process)
    assert process.stderr is not None
    assert process.stdout is not None
    process.stderr.readline()
    os.read(process.stdout.fileno(), 100)  # it is in the middle of writing to a pipe that is full

    before = settled_wake_ups(process.pid)
    process.send_signal(signal.SIGINT)
    # Two that come before Python looks are one.
    wait_for(lambda: settled_wake_ups(process.pid) > before, "it has taken the first, and goes on writing")
    process.send_signal(signal.SIGINT)
    said = process.stderr.read()

    assert process.wait(TIMEOUT) == 130
    assert "last batch not acknowledged: it will come again" in said
    assert field_of(row_of(wire, "web"), "buffered") == "400000"


def test_sigterm_acknowledges_nothing_that_was_not_shown(
    kernel: KernelProcess, wire: Wire, spawned: list["subprocess.Popen[str]"]
) -> None:
    make_python(wire, "web", "[os.write(1, b'y' * 199 + b'\\n') for _ in range(2000)]; time.sleep(100)")
    wait_until_buffered(wire, "web", 400_000)
    process = _spawn(kernel, "watch", "processes", "web")
    spawned.append(process)
    assert process.stdout is not None
    os.read(process.stdout.fileno(), 100)

    process.terminate()

    assert process.wait(TIMEOUT) == 143
    assert field_of(row_of(wire, "web"), "buffered") == "400000"


def test_the_end_of_the_kernel_has_status_4(
    kernel: KernelProcess, wire: Wire, spawned: list["subprocess.Popen[str]"]
) -> None:
    make(wire, "web", "exec sleep 100")
    process = _spawn(kernel, "tail", "processes", "web")
    spawned.append(process)
    assert process.stderr is not None
    process.stderr.readline()

    kernel.signal(signal.SIGKILL)

    assert process.wait(TIMEOUT) == 4
    assert "The kernel closed the connection" in process.stderr.read()


def test_the_command_connection_is_never_touched_and_exits_are_kept(kernel: KernelProcess, wire: Wire) -> None:
    make(wire, "web", "exit 7")

    done = run_repl(kernel.port, stdin="set a 1\nwatch processes web\nget a\n:exits\n")

    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("web exited with status 7 after ")
    assert lines[1] == "1"
    assert re.fullmatch(r"\d\d:\d\d:\d\d web exited with status 7 after .*", lines[2])


def test_a_watch_in_a_file_goes_on_with_the_next_line_after_its_end(kernel: KernelProcess, tmp_path: Path) -> None:
    script = tmp_path / "job.papa"
    script.write_text("make process job /bin/sh -c echo\\ done\nwatch processes job\nlist processes\n")

    done = run_repl(kernel.port, "-f", str(script))

    assert done.returncode == 0, done.stderr
    assert "job | done\n" in done.stdout


def test_every_byte_of_much_output_arrives_once(kernel: KernelProcess, wire: Wire) -> None:
    line = to_text(join_words(["make", "process", "big", "bufsize=16m", sys.executable, "-c",
                               "for i in range(100000): print('line', i)"], Dialect.V1))  # fmt: skip
    assert wire.command(line).startswith("big pid=")

    done = run_repl(kernel.port, "watch", "processes", "big", timeout=60)

    shown = done.stdout.splitlines()[:-1]
    assert len(shown) == 100_000
    assert all(text == f"big | line {i}" for i, text in enumerate(shown))
