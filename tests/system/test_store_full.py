"""A store of descriptors that has no room, or takes nothing: what is kept all the same, and what tells of the rest."""

import os
import signal

from papa_protocol.rows import read_info
from support.gates import Gate
from support.managers import StartManager
from support.proc import is_running
from support.upgrades import upgrade
from support.watching import field_of, make, pid_of, row_of, wait_until_buffered, wait_until_ended, watch_to_end
from support.wire import Wire


def test_a_store_that_is_too_small_is_named_once_and_keeps_whole_what_it_has_room_for(
    start_manager: StartManager, gate: Gate
) -> None:
    manager = start_manager(most=7)
    manager.start()
    with manager.connect() as wire:
        pid = pid_of(make(wire, "y", f"echo a; {gate.wait}; echo b"))
        others = [pid_of(make(wire, f"other.{number}", f"{gate.wait}; echo c; echo d; exit 7")) for number in (1, 2)]
        wait_until_buffered(wire, "y", 2)
    assert manager.log_text().count("FileDescriptorStoreMax=7") == 1

    manager.restart()

    for _ in range(3):
        gate.open()
    with manager.connect() as wire:
        assert pid_of(row_of(wire, "y")) == pid
        assert watch_to_end(wire, "y")["y"].out == b"a\nb\n"
        for number, other in enumerate(others, 1):
            row = wait_until_ended(wire, f"other.{number}")
            assert (pid_of(row), field_of(row, "status")) == (other, "7")


def kept(wire: Wire) -> tuple[int, int, int]:
    """Return what ``info`` tells of the store: kept, not kept, and for how many there is room."""
    info = read_info(wire.command("info"))
    return info["kept"], info["not_kept"], info["limits"]["kept"]


def test_info_tells_what_the_store_has_no_room_for_as_long_as_it_is_held(start_manager: StartManager) -> None:
    manager = start_manager("-p", "0", most=8)
    manager.start()
    with manager.connect() as wire:
        assert kept(wire) == (2, 0, 6)
        pid = pid_of(make(wire, "y", "exec sleep 1000"))
        assert kept(wire) == (5, 0, 6)
        wire.command("make socket s")
        assert kept(wire) == (6, 0, 6)
        other = pid_of(make(wire, "z", "exec sleep 1000"))
        wire.command("make socket t")
        assert kept(wire) == (6, 4, 6)
        assert len(manager.names) == 6 + 1

        assert " goes on in place of " in wire.command("upgrade")
        assert kept(wire) == (6, 4, 6)

        wire.command("remove sockets t")
        assert kept(wire) == (6, 3, 6)
        os.kill(other, signal.SIGKILL)
        watch_to_end(wire, "z")
        assert kept(wire) == (6, 0, 6)
        os.kill(pid, signal.SIGKILL)
        watch_to_end(wire, "y")
        assert kept(wire) == (3, 0, 6)


def test_info_tells_that_nobody_takes_what_is_to_be_kept(start_manager: StartManager) -> None:
    manager = start_manager()
    pid = manager.start()
    with manager.connect() as wire:
        os.unlink(manager.folder / "notify")
        wire.command("make socket s")

        assert kept(wire)[1] == 1
        assert manager.log_text().count("could not be left") == 1
        assert is_running(pid)


def test_no_more_is_left_than_can_be_passed(start_manager: StartManager) -> None:
    """All names together are one variable of the environment, of which execve(2) takes 128 KiB at most."""
    manager = start_manager("--max-sockets", "20000", most=20_000)
    manager.start()
    with manager.connect() as wire:
        wire.send(b"".join(b"make socket s.%d type=dgram\n" % number for number in range(12_000)))
        wire.read_until(b"s.11999 family")

    manager.restart()

    with manager.connect() as wire:
        assert wire.command("list sockets").count("\n") > 9_000


def test_no_more_is_left_than_a_kernel_can_be_loaded_with(start_manager: StartManager) -> None:
    """Who is passed as many descriptors as it may have open cannot open its libraries: nothing would start again."""
    manager = start_manager(most=8192, files=256)
    manager.start()
    with manager.connect() as wire:
        upgrade(wire)
        wire.send(b"".join(b"make socket s.%d type=dgram\n" % number for number in range(300)))
        wire.read_until(b"s.299 family")
    with manager.connect() as wire:
        left, lost, room = kept(wire)
    assert 150 < left <= room < 256
    assert lost > 50
    assert manager.log_text().count("LimitNOFILE=256 less 64") == 1

    manager.restart()

    with manager.connect() as wire:
        assert 150 < wire.command("list sockets").count("\n") < 256
        assert kept(wire)[2] == room
