"""How papa-repl ends by signals, and what it makes of streams and terminals that are odd or gone."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pexpect
import pytest

from support.kernels import KernelProcess
from support.papa_repl import REPL, environment
from support.proc import descriptors
from support.waiting import wait_for
from support.wire import TIMEOUT, Wire


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_signals_end_it_with_their_status(kernel: KernelProcess, number: int, status: int) -> None:
    kernel.signal(signal.SIGSTOP)
    process = subprocess.Popen([*REPL, "--connect", kernel.path, "info"], env=environment(), stderr=subprocess.PIPE)
    try:
        wait_for(lambda: _is_connected(process.pid), "papa-repl has connected")
        process.send_signal(number)

        assert process.wait(20) == status
    finally:
        kernel.signal(signal.SIGCONT)
        process.kill()
        process.communicate()


def _is_connected(pid: int) -> bool:
    try:
        return any(target.startswith("socket:") for target in descriptors(pid).values())
    except FileNotFoundError:
        return False  # one was closed while we looked


def test_a_second_signal_does_not_keep_it_from_ending(kernel: KernelProcess) -> None:
    variables: Any = environment()
    child = pexpect.spawn(REPL[0], [*REPL[1:], "-p", str(kernel.port)], env=variables, timeout=TIMEOUT)
    child.expect_exact("papa")

    child.kill(signal.SIGHUP)
    child.kill(signal.SIGTERM)
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus in (129, 143)


def test_a_reader_that_goes_away_is_no_error(kernel: KernelProcess, wire: Wire) -> None:
    wire.command("set long " + "x" * 200_000)
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [*REPL, "-p", str(kernel.port), "list", "values"], stdout=writer, stderr=subprocess.PIPE, env=environment()
    )
    os.close(writer)
    os.read(reader, 10)
    os.close(reader)

    _, said = process.communicate(timeout=TIMEOUT)

    assert (process.returncode, said) == (0, b"")


def test_results_that_cannot_be_written_are_an_error(kernel: KernelProcess) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*REPL, "-p", str(kernel.port), "info"], stdout=full, stderr=subprocess.PIPE, env=environment(), text=True
        )

    assert (done.returncode, done.stderr) == (1, "papa-repl: cannot write results: No space left on device\n")


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_bad_terminal_gets_plain_lines_without_a_prompt(kernel: KernelProcess, term: str) -> None:
    variables: Any = environment({"TERM": term})
    child = pexpect.spawn(
        REPL[0], [*REPL[1:], "-p", str(kernel.port)], env=variables, encoding="utf-8", timeout=TIMEOUT, echo=False
    )
    child.sendline("set a 1")
    child.sendline("bogus")
    child.sendline("get a")
    child.sendline("quit")
    child.expect(pexpect.EOF)
    child.close()

    caret, message, *rest = [line for line in (child.before or "").splitlines() if line != "  bogus"]
    assert caret == "  ^~~~~"
    assert message.startswith('Unknown command "bogus"')
    assert rest == ["1"]
    assert child.exitstatus == 0


def test_streams_that_are_closed_do_no_harm(kernel: KernelProcess) -> None:
    line = " ".join([*REPL, "-p", str(kernel.port), "list", "values"])

    done = subprocess.run(
        ["bash", "-c", f"{line} <&- && {line} >&- && {line} <&- >&- 2>&-"], capture_output=True, env=environment()
    )

    assert (done.returncode, done.stderr) == (0, b"")
