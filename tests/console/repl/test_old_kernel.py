"""papa-repl with the kernel of papa 1.0.6: dialect 1, and a tail made of looks that acknowledge nothing."""

import json
import signal
import subprocess
from collections.abc import Iterator

import pytest

from support.gates import Gate
from support.papa_repl import REPL, environment, run_repl
from support.peers import OldKernel, require_peers
from support.waiting import wait_for
from support.wire import Wire


@pytest.fixture
def old_kernel() -> Iterator[OldKernel]:
    require_peers()
    process = OldKernel()
    yield process
    process.stop()


def _make(kernel: OldKernel, script: str, *options: str) -> None:
    done = run_repl(kernel.path, "make", "process", "web", *options, "/bin/sh", "-c", script)
    assert done.returncode == 0, done.stderr


def test_values_sockets_and_processes_work_as_ever(old_kernel: OldKernel) -> None:
    script = "s greeting two\\ words\ng greeting\nm s web port=0\nm p job /bin/sleep 100\nl v\n"

    done = run_repl(old_kernel.path, stdin=script)
    listed = run_repl(old_kernel.path, "--json", "l", "p")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "two words"
    assert done.stdout.splitlines()[-1] == "greeting two words"
    (row,) = json.loads(listed.stdout)["result"]
    assert (row["name"], row["running"], row["args"]) == ("job", True, "/bin/sleep 100")


@pytest.mark.parametrize(
    ("line", "status", "message"),
    [
        ("get missing", 1, "There is no value missing"),
        ("remove processes missing", 1, ""),
        ("info", 1, 'Unknown command "info": the kernel is papa 1.0, which has none of that name'),
        ("exit-if-idle", 1, "not idle"),
        (r"set a x\n", 2, "a line feed, which a papa 1.0 kernel cannot receive"),
        ('set a ""', 2, "an empty word cannot be sent"),
        ("quit", 0, ""),
    ],
)
def test_each_outcome_has_its_status(old_kernel: OldKernel, line: str, status: int, message: str) -> None:
    run_repl(old_kernel.path, "set", "held", "1")

    done = run_repl(old_kernel.path, "-c", line)

    assert done.returncode == status, done.stderr
    assert message in done.stderr


def test_a_value_that_looks_like_an_error_is_a_value(old_kernel: OldKernel) -> None:
    run_repl(old_kernel.path, "set", "v", "Error: hi")

    done = run_repl(old_kernel.path, "get", "v")

    assert (done.returncode, done.stdout) == (0, "Error: hi\n")


def test_a_list_is_a_table_too(old_kernel: OldKernel) -> None:
    _make(old_kernel, "exec sleep 100")

    head, row = run_repl(old_kernel.path, "--table", "list", "processes").stdout.splitlines()

    assert head.split()[:4] == ["NAME", "PID", "STATE", "AGE"]
    assert row.split()[0] == "web"
    assert "running" in row


def test_a_watch_consumes(old_kernel: OldKernel) -> None:
    _make(old_kernel, "echo one; exit 7")

    done = run_repl(old_kernel.path, "watch", "processes", "web")
    listed = run_repl(old_kernel.path, "list", "processes")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("web | one\nweb exited with status 7 after ")
    assert listed.stdout == ""


def test_a_tail_looks_and_leaves_everything(old_kernel: OldKernel) -> None:
    _make(old_kernel, "echo one; exit 7")

    done = run_repl(old_kernel.path, "tail", "processes", "web")
    again = run_repl(old_kernel.path, "tail", "processes", "web")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("web | one\nweb exited with status 7 after ")
    assert "papa 1.0, which cannot tail: looking again every half second" in done.stderr
    assert again.stdout == done.stdout


def _tail(kernel: OldKernel) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*REPL, "-u", kernel.path, "tail", "processes", "web"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip


def test_a_tail_shows_each_record_once_as_it_comes(old_kernel: OldKernel, gate: Gate) -> None:
    _make(old_kernel, f"echo one; {gate.wait}; echo two; {gate.wait}")
    with _tail(old_kernel) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "web | one\n"
        gate.open()
        assert process.stdout.readline() == "web | two\n"
        gate.open()

        rest, said = process.communicate(timeout=60)

    assert rest.startswith("web exited with status 0")
    assert "missed" not in said
    assert process.returncode == 0


def test_a_tail_says_where_the_owner_of_the_output_took_some(old_kernel: OldKernel, gate: Gate) -> None:
    _make(old_kernel, f"echo one; {gate.wait}; echo two; exec sleep 100")
    with _tail(old_kernel) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "web | one\n"
        with Wire(old_kernel.path) as owner:
            owner.send("watch processes web\n")
            owner.read_until(b"] ")
            owner.send("q\n")  # it acknowledges the batch
            owner.read_until(b"> ")
        gate.open()
        assert process.stdout.readline() == "web | two\n"

        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)

    assert "web: output may have been missed here\n" in said
    assert "nothing consumed" in said
    assert process.returncode == 130


def test_exit_if_idle_ends_it(old_kernel: OldKernel) -> None:
    done = run_repl(old_kernel.path, "exit-if-idle")

    assert done.returncode == 0
    wait_for(lambda: not old_kernel.alive, "papa 1.0 has ended")
