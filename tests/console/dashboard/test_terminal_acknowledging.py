"""Acknowledging on a real terminal: what was seen leaves the kernel, and nothing else; it is saved first if asked."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from support.consoles import Console, framed, make, process
from support.gates import Gate
from support.kernels import KernelProcess
from support.waiting import wait_for

Open = Callable[..., Console]
STAY = "exec sleep 1000"


def buffered(kernel: KernelProcess, name: str) -> int:
    info = process(kernel, name)
    assert info is not None
    return info["buffered"]


def test_output_of_ones_own_process_is_acknowledged_without_a_question(
    kernel: KernelProcess, open_console: Open
) -> None:
    console = open_console(kernel.path)
    console.press(":", r"make process own /bin/sh -c echo\ seen;exec\ sleep\ 1000", "enter")
    console.until_shown("own pid=")
    console.press("escape")
    console.until_gone("make process")
    console.until_shown("│   seen")

    console.press("a")

    console.until_shown("✓ acknowledged up to here")
    assert buffered(kernel, "own") == 0


def test_foreign_output_is_saved_with_a_receipt_and_then_acknowledged(
    kernel: KernelProcess, open_console: Open
) -> None:
    written = b"".join(b"line %d\n" % number for number in range(1, 201)) + b"\x1b[31mred\x1b[0m \xff\r\n"
    make(kernel, other=rf"seq -f 'line %g' 200; printf '\033[31mred\033[0m \377\r\n'; {STAY}")
    console = open_console(kernel.path)
    console.until_shown("red �")

    console.press("a")
    until_asked(console, "other", "somebody else may be waiting for it")
    asked = buffered(kernel, "other")
    console.press("s")

    wait_for(lambda: buffered(kernel, "other") == 0, "it is acknowledged")
    [file] = console.saved
    receipt = wait_for(lambda: read_receipt(file.with_name(f"{file.name}.json").read_text()), "the receipt says so")
    assert asked == len(written)
    assert file.read_bytes() == written
    assert receipt["sha256"] == hashlib.sha256(written).hexdigest()
    assert (receipt["bytes"], receipt["process"]["name"]) == (len(written), "other")


def until_asked(console: Console, name: str, text: str) -> None:
    """Wait for the question about a process, and for what it says."""
    title = f"Acknowledge {name}?"
    console.until_shown(title)
    console.until(lambda lines: text in framed(lines, title), f"said {text!r}")


def read_receipt(text: str) -> dict[str, Any]:
    """Return a receipt once it says that the output has been acknowledged."""
    receipt: dict[str, Any] = json.loads(text)
    return receipt if receipt["acknowledged"] else {}


def test_escape_acknowledges_nothing(kernel: KernelProcess, open_console: Open) -> None:
    make(kernel, other=f"echo hello; {STAY}")
    console = open_console(kernel.path)
    console.until_shown("hello")

    console.press("a")
    console.until_shown("Acknowledge other?")
    console.press("escape")

    console.until_gone("Acknowledge other?")
    assert buffered(kernel, "other") == 6
    assert console.saved == []


def test_what_came_below_the_screen_is_not_acknowledged(kernel: KernelProcess, open_console: Open, gate: Gate) -> None:
    make(kernel, other=f"seq 100; {gate.wait}; echo unseen; {STAY}")
    console = open_console(kernel.path)
    console.until_shown("│   100 ")
    console.press("4", "g")
    console.until_shown("‖ paused")

    gate.open()
    console.until_shown("▼ +1 line")
    console.press("a")
    console.until_shown("Acknowledge other?")
    console.press("a")

    wait_for(lambda: buffered(kernel, "other") == len("unseen\n"), "only what was seen is acknowledged")


def test_an_acknowledged_end_leaves_the_kernel_and_its_text_and_status_stay(
    kernel: KernelProcess, open_console: Open
) -> None:
    make(kernel, brief="echo last words; exit 3")
    console = open_console(kernel.path)
    console.until_shown("━━ exited 3 ━━")

    console.press("enter", "a")
    until_asked(console, "brief", "It has ended (exited 3), and its end will be acknowledged: it leaves the kernel")
    console.press("a")

    console.until_shown("no processes")
    lines = console.lines
    assert process(kernel, "brief") is None
    assert any("last words" in line for line in lines)
    assert any("━━ exited 3 ━━" in line for line in lines)
