"""Output that is too much, hostile, or read by several at once, on real terminals."""

import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from papa import Papa
from support.consoles import Console, make, process
from support.gates import Gate
from support.kernels import KernelProcess
from support.proc import most_resident, resident
from support.waiting import wait_for
from support.wire import TIMEOUT

Open = Callable[..., Console]
STAY = "exec sleep 1000"
MEBI = 2**20


# too much

SIZES = ((80, 24, "1 Processes"), (120, 40, "3 Values"), (58, 12, "too small: 58x12"), (120, 40, "3 Values"))


def test_a_flood_is_taken_with_keys_answered_memory_bounded_and_skips_told(
    kernel: KernelProcess, open_console: Open
) -> None:
    make(kernel, flood="exec yes 'a line of some length that comes again and again'", quiet=f"echo peace; {STAY}")
    console = open_console(kernel.path)
    console.until_shown("a line of some length")

    for columns, rows, sign in SIZES:
        console.resize(columns, rows)
        console.until_shown(sign)
        console.press("3", "1")
    console.until_shown("flood · ▶ following")
    before = resident(console.pid)
    console.until_shown("LOSS")
    console.press("4", "E")
    console.until_shown("~~ output missing here")
    console.press("1", "down")
    console.until_shown("│   peace")
    console.press("up")
    console.until_shown("a line of some length")
    console.press(":", "set answered yes", "enter")

    with Papa(kernel.path) as papa:
        wait_for(lambda: papa.list_values().get("answered") == "yes", "the key was answered")
    assert most_resident(console.pid) < before + 150 * MEBI


# hostile

HOSTILE = (
    b"\x1b]0;owned title\x07",
    b"\x1b]52;c;b3duZWQ=\x07",
    b"\x1b[2J\x1b[1;1Howned corner",
    b"\x1b[?1049l\x1b[?25h",
    b"\x1bPq#0;2;0;0;0\x1b\\",
    b"\x1b]8;;http://owned.example\x1b\\link\x1b]8;;\x1b\\",
    b"\x9b2J\x9d0;owned\x9c",
    b"\x1b[38;5;1",
    b"\x1bc\x1b[!p",
    b"\x00\x07\x08\x0b\x0c\x0e\x0f\x7f",
    b"\xff\xfe\xc3(\xed\xa0\x80",
    "\u202eright to left\u202c\u2066isolated\u2069\u0085\u2028".encode(),
    b"[bold red on blue]no markup[/]",
    b"\x1b[31mred\x1b[0m plain",
    b"x" * 200_000,
)
OWN_MODES = {7, 25, 1000, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2026, 2048}


def test_nothing_but_colours_of_what_a_process_writes_reaches_the_terminal(
    kernel: KernelProcess, open_console: Open, tmp_path: Path
) -> None:
    file = tmp_path / "hostile"
    file.write_bytes(b"\n".join(HOSTILE) + b"\nthe end\n")
    make(kernel, hostile=f"cat {file}; {STAY}")
    with Papa(kernel.path) as papa:
        papa.set("evil", "\x1b]0;owned value\x07\x1b[2J\u202e[red]x[/]")
    console = open_console(kernel.path)
    console.until_shown("the end")

    console.press("4", "z", "w", "g")
    console.until_shown("no markup")
    console.press("w")
    lines = console.until_shown("[bold red on blue]no markup[/]")
    console.press("q")

    assert console.wait() == 0
    raw = re.sub(rb"\x1b\]22;[a-z-]*\x07", b"", bytes(console.raw))  # the shape of the mouse pointer
    assert any("red plain" in line for line in lines)
    assert re.search(rb"\x1b[\]PX^_]", raw) is None, "a string for the terminal itself"
    assert re.search(rb"[\x00-\x06\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f\x9b\x9d]", ascii_of(raw)) is None
    assert not set("\u202e\u202c\u2066\u2069\u0085\u2028\x9b\x9d") & set(raw.decode())
    sequences = set(re.findall(rb"\x1b(?:\[[?<>=!]?[\d;]*\$?[A-Za-z]|.)", raw))
    assert {rest for sequence in sequences if (rest := kind_of(sequence))} == set()
    assert b"owned corner" in raw


def ascii_of(raw: bytes) -> bytes:
    """Return what is left without characters of several bytes."""
    return re.sub(rb"[\xc2-\xf4][\x80-\xbf]+", b"", raw)


def kind_of(sequence: bytes) -> str:
    """Return a control sequence that the console has no use for, nothing for its own."""
    if re.fullmatch(rb"\x1b\[[\d;]*m|\x1b\[\d+;\d+H|\x1b\[[<>]\d*u", sequence):
        return ""
    mode = re.fullmatch(rb"\x1b\[\?(\d+)(?:h|l|\$p)", sequence)
    return "" if mode and int(mode[1]) in OWN_MODES else repr(sequence)


# several readers

LINES = 3000


def test_two_consoles_show_every_line_and_a_consumer_gets_every_byte_once(
    kernel: KernelProcess, open_console: Open, gate: Gate
) -> None:
    wanted = b"".join(b"line %d\n" % number for number in range(1, LINES + 1))
    script = (
        f"{gate.wait}; for i in $(seq 30); do seq -f 'line %g' $((i*100-99)) $((i*100)); sleep 0.01; done; "
        f"{gate.wait}; echo over"
    )
    make(kernel, web=script)
    consoles = [open_console(kernel.path), open_console(kernel.path, columns=80, rows=24)]
    for console in consoles:
        console.until_shown("web · ▶ following")
    consumed = bytearray()
    consumer = threading.Thread(target=consume, args=(kernel.path, consumed))
    consumer.start()
    info = wait_for(lambda: (process(kernel, "web") or {}).get("watchers"), "the consumer watches")

    gate.open()
    for console in consoles:
        console.until_shown(f"line {LINES}")
    saved = [console.save() for console in consoles]
    gate.open()
    consumer.join(TIMEOUT)

    assert info == 1
    assert bytes(consumed) == wanted + b"over\n"
    assert [file.read_bytes() for file in saved] == [wanted, wanted]


def consume(path: str, into: bytearray) -> None:
    """Consume the output of a process until it ends."""
    with Papa(path) as papa, papa.watch_processes("web") as watcher:
        while watcher:
            out, _err, closed = watcher.read()
            into += b"".join(piece.data for piece in out)
            if closed:
                return


# programs of the user's choice


@pytest.mark.parametrize(("key", "variable"), [("|", "PAGER"), ("v", "EDITOR")])
def test_the_users_program_gets_the_lines_and_the_terminal_and_gives_it_back(
    key: str, variable: str, kernel: KernelProcess, open_console: Open, tmp_path: Path
) -> None:
    program = tmp_path / "program"
    program.write_text(
        f"#!{sys.executable}\nimport shutil, sys\n"
        f"shutil.copy(sys.argv[-1], '{tmp_path}/copy')\n"
        "print('typed:', input('the program asks: '))\n"
        "input()\n"
    )
    program.chmod(0o755)
    make(kernel, web=f"seq -f 'line %g' 50; {STAY}")
    console = open_console(kernel.path, environment={variable: f"{program} +1"})
    console.until_shown("line 50")

    console.press("4", key)
    console.until_raw(b"the program asks: ")
    during = (console.modes() == console.modes_before, console.switched, console.keyboards)
    console.type("hello\r")
    console.until_raw(b"typed: hello")
    start = len(console.raw)
    console.type("\r")
    console.until_raw(b"line 50", start)
    console.press("z")
    console.until_gone("1 Processes")

    assert during == (True, set(), 0)
    assert (tmp_path / "copy").read_text() == "".join(f"line {number}\n" for number in range(1, 51))


def test_a_program_that_is_not_there_is_told_of(kernel: KernelProcess, open_console: Open) -> None:
    make(kernel, web=f"echo hello; {STAY}")
    console = open_console(kernel.path, environment={"PAGER": "/nowhere/pager"})
    console.until_shown("hello")

    console.press("4", "|")

    console.until_shown("/nowhere/pager: No such file or directory")
    console.until_shown("hello")
