"""A kernel that is not there, is killed, stopped or started again, as the console shows it on a real terminal."""

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from papa import CannotConnectError, Papa
from support.consoles import Console, make
from support.gates import Gate
from support.kernels import KernelProcess
from support.proc import is_running
from support.waiting import wait_for

Open = Callable[..., Console]
STAY = "exec sleep 1000"
REMARKS = ("the kernel is another one", "another process of this name begins here", "of the second kernel")


@pytest.fixture
def nowhere(tmp_path: Path) -> Iterator[str]:
    """An endpoint where nobody listens; a kernel that is started there ends with the test."""
    path = str(tmp_path / "papa.sock")
    yield path
    try:
        with Papa(path, start=False) as papa:
            pid = papa.info()["pid"]
            assert papa.exit_if_idle()
    except CannotConnectError:
        return
    wait_for(lambda: not is_running(pid), "the kernel has ended")


def test_a_killed_kernel_is_told_of_and_a_new_one_is_gone_on_with(
    tmp_path: Path, start_kernel: Callable[..., KernelProcess], open_console: Open
) -> None:
    path = str(tmp_path / "papa.sock")
    first = start_kernel("-u", path)
    first.path = path
    make(first, web=f"echo of the first kernel; {STAY}")
    console = open_console(path)
    console.until_shown("of the first kernel")

    first.signal(signal.SIGKILL)
    lost = console.until_shown("lost the kernel")
    console.press("4", "/", "first", "enter")
    console.until_shown("/first 1/1")
    Path(path).unlink()
    second = start_kernel("-u", path)
    second.path = path
    make(second, web=f"echo of the second kernel; {STAY}")

    console.until_gone("lost the kernel")
    lines = console.until(lambda lines: all(remark in "".join(lines) for remark in REMARKS), "told what became of it")
    assert any("of the first kernel" in line for line in lost)
    assert [sum(f"of the {which} kernel" in line for line in lines) for which in ("first", "second")] == [1, 1]


def test_a_stopped_kernel_is_told_of_and_the_tail_goes_on_with_nothing_twice(
    kernel: KernelProcess, open_console: Open, gate: Gate
) -> None:
    make(kernel, web=f"seq -f 'line %g.' 10; {gate.wait}; seq -f 'line %g.' 11 20; {STAY}")
    console = open_console(kernel.path, "--timeout", "1")
    console.until_shown("line 10.")

    kernel.signal(signal.SIGSTOP)
    try:
        lost = console.until_shown("lost the kernel")
        gate.open()
    finally:
        kernel.signal(signal.SIGCONT)

    console.until_gone("lost the kernel")
    expected = [f"line {number}." for number in range(1, 21)]
    assert any("line 10." in line for line in lost)
    console.until(lambda lines: re.findall(r"line \d+\.", "\n".join(lines)) == expected, "showed each line once")


def test_without_a_kernel_it_offers_to_start_one_and_does(nowhere: str, open_console: Open) -> None:
    console = open_console(nowhere, ready=False)
    console.until_shown("Start one")

    console.press("s")

    console.until_shown("● up")
    console.until_shown("papa holds nothing yet")
    with Papa(nowhere, start=False) as papa:
        assert papa.info()["processes"] == 0


def test_a_kernel_that_was_waited_for_is_found(nowhere: str, open_console: Open) -> None:
    console = open_console(nowhere, ready=False)
    console.until_shown("Start one")

    console.press("escape")
    console.until_gone("Start one")
    console.until_shown("no kernel listens at")
    Papa(nowhere).close()

    console.until_shown("● up")
    console.until_gone("no kernel listens at")


def test_it_starts_a_kernel_unasked_when_told_to(nowhere: str, open_console: Open) -> None:
    console = open_console(nowhere, "--start")

    console.press("q")

    assert console.wait() == 0
    with Papa(nowhere, start=False) as papa:
        assert papa.info()["processes"] == 0


def test_quitting_without_a_kernel_starts_none(nowhere: str, open_console: Open) -> None:
    console = open_console(nowhere, ready=False)
    console.until_shown("Start one")

    console.press("q")

    assert console.wait() == 0
    assert not Path(nowhere).exists()
