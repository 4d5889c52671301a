"""What rows and ``info`` tell of change: a reader need not list again where nothing has moved."""

from collections.abc import Callable

import pytest

from papa_protocol.rows import read_info, read_process_row
from papa_protocol.words import Dialect
from support.gates import Gate
from support.kernels import KernelProcess
from support.watching import begin, field_of, make, row_of, wait_until_buffered, wait_until_ended
from support.wire import Wire

Facts = dict[str, int]
# What is typed before, and what is typed then.
CHANGING = {
    "a socket is made": ([], "make socket s"),
    "a socket is removed": (["make socket s"], "remove sockets s"),
    "a value is made": ([], "set v 1"),
    "a value is changed": (["set v 1"], "set v 2"),
    "a value is cleared": (["set v 1"], "set v"),
    "a value is removed": (["set v 1"], "remove values v"),
    "a process is made": ([], "make process p /bin/sleep 1000"),
    "a process is removed": (["make process p /bin/sleep 1000"], "remove processes p"),
    "a removed process is taken back": (
        ["make process p /bin/sleep 1000", "remove processes p"], "make process p /bin/sleep 1000",
    ),
}  # fmt: skip
UNCHANGING = {
    "the same socket is made again": (["make socket s"], "make socket s"),
    "the same value is set again": (["set v 1"], "set v 1"),
    "a value that is not there is cleared": ([], "set v"),
    "the same process is made again": (["make process p /bin/sleep 1000"], "make process p /bin/sleep 1000"),
    "something is listed": (["set v 1"], "list values"),
    "something is refused": ([], "make process p /no/such"),
}


def facts(wire: Wire) -> Facts:
    """Return what stays the same as long as no list changes."""
    info = read_info(wire.command("info"))
    return {key: info[key] for key in ("changes", "position", "buffered", "dropped")}


@pytest.mark.parametrize(("before", "line"), CHANGING.values(), ids=CHANGING)
def test_changes_grows_when(wire: Wire, before: list[str], line: str) -> None:
    for typed in before:
        wire.command(typed)
    known = facts(wire)["changes"]

    wire.command(line)

    assert facts(wire)["changes"] > known


@pytest.mark.parametrize(("before", "line"), UNCHANGING.values(), ids=UNCHANGING)
def test_changes_stays_when(wire: Wire, before: list[str], line: str) -> None:
    for typed in before:
        wire.command(typed)
    known = facts(wire)

    wire.command(line)

    assert facts(wire) == known


def test_changes_grows_when_a_process_ends_and_when_its_end_is_acknowledged(wire: Wire, gate: Gate) -> None:
    make(wire, "p", f"{gate.wait}; exit 0")
    running = facts(wire)["changes"]

    gate.open()
    wait_until_ended(wire, "p")
    ended = facts(wire)
    wire.command(f"acknowledge processes p upto={ended['position']}")

    assert running < ended["changes"] < facts(wire)["changes"]


def test_watchers_are_counted_in_rows_and_tails_are_not(wire: Wire, connect: Callable[..., Wire]) -> None:
    make(wire, "p", "exec sleep 1000")
    watcher, tail = connect(), connect()
    known = facts(wire)["changes"]

    begin(tail, "tail processes p")
    with_tail = row_of(wire, "p"), facts(wire)["changes"]
    begin(watcher, "watch processes p")
    with_watcher = row_of(wire, "p"), facts(wire)["changes"]
    watcher.send("q\n")
    watcher.read_until(b"> ")
    with_none = row_of(wire, "p"), facts(wire)["changes"]

    assert "watchers=" not in with_tail[0]
    assert with_tail[1] == known
    assert field_of(with_watcher[0], "watchers") == "1"
    assert "watchers=" not in with_none[0]
    assert known < with_watcher[1] < with_none[1]


def test_a_position_goes_on_where_output_was_released_or_dropped(wire: Wire) -> None:
    make(wire, "p", "printf %100s x; exec sleep 1000", "bufsize=64")
    wait_until_buffered(wire, "p", 36)
    wire.command("acknowledge processes p upto=100")

    row = row_of(wire, "p")

    assert [field_of(row, key) for key in ("buffered", "dropped", "position")] == ["0", "64", "100"]


CHOSEN = r"working_dir=/ linger=eof stdout=0 stderr=stdout"


@pytest.mark.parametrize(("options", "shown"), [(CHOSEN, CHOSEN), ("linger=exit stdout=1 stderr=1", "")])
def test_dialect_2_tells_what_was_chosen_and_is_not_the_default(wire: Wire, options: str, shown: str) -> None:
    wire.command(f"make process p {options} /bin/sleep 1000")
    in_dialect_1 = row_of(wire, "p")
    wire.command("protocol 2")

    row = row_of(wire, "p")

    assert row.partition(" position=0 ")[2].partition("args=")[0].strip() == shown
    assert in_dialect_1.partition(" position=0 ")[2].startswith("args=")


def test_a_working_dir_with_a_space_survives(kernel: KernelProcess, wire: Wire) -> None:
    folder = kernel.folder / "two words"
    folder.mkdir()
    wire.command("protocol 2")

    wire.command(rf"make process p working_dir={kernel.folder}/two\ words stderr=0 /bin/sleep 1000")

    _, info = read_process_row(row_of(wire, "p"), Dialect.V2)
    assert (info["working_dir"], info["stderr"], info["position"]) == (str(folder), "0", 0)
    assert "watchers" not in info
