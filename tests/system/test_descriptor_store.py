"""A kernel whose service manager keeps its descriptors: what is still there after a restart, a stop, a crash."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.gates import Gate
from support.managers import Manager
from support.proc import is_running
from support.upgrades import Installed
from support.waiting import wait_for
from support.watching import field_of, make, pid_of, row_of, wait_until_buffered, wait_until_ended, watch_to_end
from support.wire import Wire

StartManager = Callable[..., Manager]
ENDINGS: dict[str, Callable[[Manager], object]] = {"stopped": Manager.stop, "killed": Manager.kill}
ended = pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)


@pytest.fixture
def start_manager() -> Iterator[StartManager]:
    """Make managers that run kernels on a path; all that they have started ends with the test."""
    made: list[Manager] = []

    def make_one(*arguments: str, **options: object) -> Manager:
        manager = Manager(*arguments, **options)  # type: ignore[arg-type]
        made.append(manager)
        if not options.get("sockets"):
            manager.arguments += ["-u", manager.path]
        return manager

    yield make_one
    for manager in made:
        manager.close()


@pytest.fixture
def manager(start_manager: StartManager) -> Manager:
    """A manager whose kernel serves."""
    made = start_manager()
    made.start()
    return made


def port_of(row: str) -> int:
    return int(field_of(row, "port"))


@ended
def test_sockets_and_values_are_still_there_and_no_connection_is_refused(
    manager: Manager, end: Callable[[Manager], object]
) -> None:
    with manager.connect() as wire:
        wire.command("set a b")
        row = wire.command("make socket s")
    end(manager)

    with socket.create_connection(("127.0.0.1", port_of(row))), Wire(manager.path, greeted=False) as early:
        early.send("get a\n")
        manager.start()

        assert early.read_until(b"\n> b\n> ")
        with manager.connect() as wire:
            assert wire.command("list sockets") == row


@ended
def test_processes_go_on_and_their_output_is_complete_and_in_order(
    manager: Manager, end: Callable[[Manager], object], gate: Gate
) -> None:
    with manager.connect() as wire:
        script = f"echo 1; echo 2 >&2; {gate.wait}; echo 3; echo 4 >&2; touch {gate.path}.passed; {gate.wait}"
        pid = pid_of(make(wire, "y", f"{script}; echo 5; exit 6"))
        wait_until_buffered(wire, "y", 4)
    end(manager)
    gate.open()
    wait_for(Path(f"{gate.path}.passed").exists, "it has printed")
    manager.start()

    with manager.connect() as wire:
        assert pid_of(row_of(wire, "y")) == pid
        gate.open()
        seen = watch_to_end(wire, "y")["y"]

    assert (seen.out, seen.err, seen.statuses) == (b"1\n3\n5\n", b"2\n4\n", [6])


@pytest.mark.parametrize(("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", -9)])
@ended
def test_how_processes_have_ended_while_no_kernel_ran_is_known(
    manager: Manager, end: Callable[[Manager], object], gate: Gate, script: str, status: int
) -> None:
    with manager.connect() as wire:
        pid = pid_of(make(wire, "y", f"{gate.wait}; echo last; {script}"))
    end(manager)
    gate.open()
    wait_for(lambda: not Path(f"/proc/{pid}").exists(), "somebody else has reaped it")

    manager.start()

    with manager.connect() as wire:
        seen = watch_to_end(wire, "y")["y"]
    assert (seen.out, seen.statuses) == (b"last\n", [status])


def test_how_a_process_has_ended_is_told_once_its_new_parent_has_reaped_it(manager: Manager, gate: Gate) -> None:
    with manager.connect() as wire:
        pid = pid_of(make(wire, "y", f"{gate.wait}; echo last; exit 7"))
    manager.restart()
    manager.reap(orphans=False)
    with manager.connect() as wire:
        gate.open()
        wait_until_buffered(wire, "y", 5)
        wait_for(lambda: not is_running(pid), "it has ended")
        assert wire.command("get a") == ""

        manager.reap(orphans=True)

        assert field_of(wait_until_ended(wire, "y"), "status") == "7"


def test_an_exit_status_that_the_system_does_not_tell_is_255_and_logged(
    start_manager: StartManager, tmp_path: Path, gate: Gate
) -> None:
    installed = Installed(tmp_path)
    installed.replace("adoption", "0xC040FF0B", "0xC040FFFE")  # unknown to any system, as the real one is to older ones
    manager = start_manager(env=installed.env)
    manager.start()
    with manager.connect() as wire:
        pid = pid_of(make(wire, "y", f"{gate.wait}; exit 7"))
    manager.restart()
    gate.open()

    with manager.connect() as wire:
        assert field_of(wait_until_ended(wire, "y"), "status") == "255"

    assert f"How process {pid} has ended is not known" in manager.log_text()
