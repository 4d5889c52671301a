"""A kernel whose service manager keeps its descriptors: what is still there after a restart, a stop, a crash."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from support.gates import Gate
from support.managers import Manager, StartManager
from support.proc import is_running
from support.upgrades import Installed
from support.waiting import wait_for
from support.watching import field_of, make, pid_of, row_of, wait_until_buffered, wait_until_ended, watch_to_end
from support.wire import Wire

ENDINGS: dict[str, Callable[[Manager], object]] = {"stopped": Manager.stop, "killed": Manager.kill}
ended = pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)


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


def endpoints(wire: Wire) -> list[str]:
    return [line.split()[1] for line in wire.command("info").splitlines() if line.startswith("endpoint ")]


@ended
def test_sockets_of_units_and_the_kernels_own_are_each_an_endpoint_once(
    start_manager: StartManager, end: Callable[[Manager], object]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unit:
        manager = start_manager("-p", "0", sockets=[("papa.socket", unit)])
        manager.start()
        with Wire(unit.getsockname()[1]) as wire:
            before = endpoints(wire)
        end(manager)
        manager.start()

        with Wire(unit.getsockname()[1]) as wire:
            assert endpoints(wire) == before
            assert len(before) == 2


def test_a_restart_listens_where_the_arguments_say_now(start_manager: StartManager) -> None:
    manager = start_manager()
    manager.start()
    old, new = manager.path, f"{manager.folder}/new"
    with manager.connect() as wire:
        wire.command("set a b")
    manager.stop()
    manager.arguments, manager.path = ["-u", new], new

    manager.start()

    with manager.connect() as wire:
        assert endpoints(wire) == [new]
        assert wire.command("get a") == "b"
    assert not os.path.exists(old)
    assert len([name for name in manager.names if name.startswith("papa-f")]) == 1


def test_an_endpoint_that_cannot_be_bound_loses_nothing(start_manager: StartManager) -> None:
    manager = start_manager()
    manager.start()
    with manager.connect() as wire:
        wire.command("set a b")
    manager.stop()
    arguments = manager.arguments
    with socket.create_server(("127.0.0.1", 0)) as taken:
        manager.arguments = [*arguments, "-p", str(taken.getsockname()[1])]
        manager.launch()
        assert manager.wait() == 3
    manager.arguments = arguments

    manager.start()

    with manager.connect() as wire:
        assert wire.command("get a") == "b"


def test_a_kernel_that_ended_before_it_served_is_in_nobodys_way(start_manager: StartManager, tmp_path: Path) -> None:
    installed = Installed(tmp_path)
    installed.append("journal", "KeptJournal.begin = lambda *_: os.kill(os.getpid(), 9)")
    manager = start_manager("-p", "0", env=installed.env)
    manager.launch()
    assert manager.wait() == -signal.SIGKILL
    assert manager.names
    del manager.env["PYTHONPATH"]

    manager.start()

    with manager.connect() as wire:
        assert len(endpoints(wire)) == 2
    assert len(manager.names) == 3


def test_a_process_that_the_kernel_was_just_starting_when_it_was_killed_is_there(
    start_manager: StartManager, tmp_path: Path, gate: Gate
) -> None:
    installed = Installed(tmp_path)
    installed.append("store", "Store.keep_process = lambda *_: os.kill(os.getpid(), 9)")
    manager = start_manager(env=installed.env)
    manager.start()
    with manager.connect() as wire:
        wire.send(f"make process y /bin/sh -c {gate.wait.replace(' ', chr(92) + ' ')};\\ exit\\ 7\n")
        assert manager.wait() == -signal.SIGKILL
    del manager.env["PYTHONPATH"]

    manager.start()

    with manager.connect() as wire:
        assert is_running(pid_of(row_of(wire, "y")))
        gate.open()
        assert field_of(wait_until_ended(wire, "y"), "status") == "7"


def test_how_a_process_has_ended_is_written_down_before_anything_is_dropped_that_tells_it(
    start_manager: StartManager, tmp_path: Path, gate: Gate
) -> None:
    installed = Installed(tmp_path)
    crash = "def crash(*arguments): drop(*arguments); os.kill(os.getpid(), 9)"
    installed.append("store", f"drop = Store.drop_process\n{crash}\nStore.drop_process = crash")
    manager = start_manager(env=installed.env)
    manager.start()
    with manager.connect() as wire:
        make(wire, "y", f"{gate.wait}; exit 7")
    gate.open()
    assert manager.wait() == -signal.SIGKILL
    del manager.env["PYTHONPATH"]

    manager.start()

    with manager.connect() as wire:
        assert field_of(wait_until_ended(wire, "y"), "status") == "7"


def test_nothing_is_kept_that_is_not_needed_any_more(manager: Manager, gate: Gate) -> None:
    before = sorted(name.rstrip("0123456789") for name in manager.names)
    with manager.connect() as wire:
        make(wire, "y", f"{gate.wait}; echo x")
        wire.command("make socket s")
        manager.kill()
        gate.open()
        manager.start()
    with manager.connect() as wire:
        watch_to_end(wire, "y")
        wire.command("remove sockets s")

    wait_for(lambda: sorted(name.rstrip("0123456789") for name in manager.names) == before, "no more is kept")


def test_a_kernel_that_ends_since_it_is_idle_leaves_nothing(manager: Manager) -> None:
    with manager.connect() as wire:
        wire.command("exit-if-idle")
    assert manager.wait() == 0

    assert manager.names == []
    assert not os.path.exists(manager.path)
    manager.start()


def test_an_upgraded_kernel_leaves_what_the_next_one_needs(manager: Manager, gate: Gate) -> None:
    with manager.connect() as wire:
        old = pid_of(make(wire, "old", f"{gate.wait}; exit 6"))
    pid = manager.restart()
    with manager.connect() as wire:
        new = pid_of(make(wire, "new", f"{gate.wait}; exit 6"))
        assert " goes on in place of " in wire.command("upgrade")
    assert manager.status.pid == pid
    assert manager.status.strangers == 0

    manager.kill()
    gate.open()
    gate.open()
    manager.start()

    with manager.connect() as wire:
        assert [pid_of(wait_until_ended(wire, name)) for name in ("old", "new")] == [old, new]
        assert {field_of(row_of(wire, name), "status") for name in ("old", "new")} == {"6"}


@pytest.mark.parametrize(
    ("module", "old", "new", "reason"),
    [
        ("saved", "FORMAT = 1", "FORMAT = 9", "its format is 1, and this version of papa reads 9"),
        (
            "process",
            '"args": tuple',
            '"arguments": tuple',
            "it cannot be read: TypeError: ProcessSpec.__new__() got an un",
        ),
        ("listener", 'saved["ours"]', 'saved["theirs"]', "it cannot be read: KeyError: 'theirs'"),
    ],
)
def test_a_state_that_cannot_be_read_is_left_for_one_who_can(
    start_manager: StartManager, tmp_path: Path, gate: Gate, module: str, old: str, new: str, reason: str
) -> None:
    installed = Installed(tmp_path)
    installed.replace(module, old, new)
    manager = start_manager()
    manager.start()
    with manager.connect() as wire:
        pid = pid_of(make(wire, "y", f"echo a; {gate.wait}; echo b"))
        wait_until_buffered(wire, "y", 2)
    manager.stop()
    kept = manager.names
    manager.env.update(installed.env)
    manager.launch()

    assert manager.wait() == 1
    assert f"papa: the state that the last kernel left: {reason}" in manager.log_text()
    assert "Traceback" not in manager.log_text()
    assert manager.names == kept
    del manager.env["PYTHONPATH"]
    gate.open()
    manager.start()
    with manager.connect() as wire:
        assert pid_of(row_of(wire, "y")) == pid
        assert watch_to_end(wire, "y")["y"].out == b"a\nb\n"


def test_systemd_before_254_keeps_nothing(start_manager: StartManager) -> None:
    manager = start_manager(offers=False)
    manager.start()
    with manager.connect() as wire:
        wire.command("set a b")

    manager.restart()

    assert manager.names == []
    with manager.connect() as wire:
        assert wire.command("list values") == ""


def test_where_a_manager_keeps_descriptors_no_guardian_is_needed(start_manager: StartManager) -> None:
    manager = start_manager("--guard")

    pid = manager.start()

    with manager.connect() as wire:
        assert f"\npid {pid}\n" in wire.command("info")
    assert manager.names
