"""A kernel that is killed in the middle of an upgrade: the next one goes on as if there had been none."""

from pathlib import Path

import pytest

from support.gates import Gate
from support.guarded import StartGuarded
from support.managers import StartManager
from support.proc import state
from support.upgrades import Installed, upgrade
from support.waiting import wait_for
from support.watching import begin, make, pid_of, row_of, texts, wait_until_buffered, wait_until_ended, watch_to_end
from support.wire import Wire

# A module, and the lines there before which the kernel stops.
POINTS = {
    "after the trial": ("upgrade", "        self._loop.hold_signals()\n        try:"),
    "before the exec": ("upgrade", "                command = own_command([*self._arguments, RESUME_OPTION"),
    "after the exec": ("resume", "        kernel = make()\n        kernel.restore"),
    "after the state is read": ("resume", "    os.close(state)\n    return kernel"),
}
points = pytest.mark.parametrize("where", POINTS)
_STOP = """{indent}if os.path.exists({flag!r}):
{indent}    os.unlink({flag!r})
{indent}    os.kill(os.getpid(), signal.SIGSTOP)
"""


class Point:
    """A point of an upgrade at which a kernel stops, once.

    Args:
        folder: an empty folder of the test's own.
        where: one of ``POINTS``.
    """

    def __init__(self, folder: Path, where: str) -> None:
        module, lines = POINTS[where]
        folder.mkdir()
        self.installed = Installed(folder)
        self._flag = folder / "flag"
        indent = " " * (len(lines) - len(lines.lstrip()))
        self.installed.replace(module, lines, _STOP.format(indent=indent, flag=str(self._flag)) + lines)

    def reach(self, wire: Wire, kernel: int) -> None:
        """Have a kernel upgraded until it has come to the point."""
        self._flag.touch()
        wire.send("upgrade\n")
        wait_for(lambda: not self._flag.exists() and state(kernel) == "T", "it has come so far")


def hold_things(wire: Wire, gate: Gate) -> str:
    """Have a kernel hold a bit of everything; return what is listed of what does not change."""
    wire.command("set a b")
    wire.command("make socket s port=0")
    make(wire, "y", f"echo one; {gate.wait}; echo two; exit 3")
    make(wire, "z", "echo z; exit 7")
    wait_until_buffered(wire, "y", 4)
    wait_until_ended(wire, "z")
    return listed(wire)


def hold_things_and_stop(wire: Wire, gate: Gate, point: Point, kernel: int) -> tuple[str, int]:
    """Stop a kernel that holds things in an upgrade; return what is listed, and the PID of "y", which then ends."""
    before = hold_things(wire, gate)
    pid = pid_of(row_of(wire, "y"))
    point.reach(wire, kernel)
    gate.open()
    return before, pid


def listed(wire: Wire) -> str:
    return "\n".join(wire.command(line) for line in ("list values", "list sockets", "list processes z"))


def is_complete(wire: Wire, before: str, pid: int) -> None:
    """Fail unless a kernel goes on with everything, and can be upgraded."""
    assert listed(wire) == before
    assert pid_of(row_of(wire, "y")) == pid
    upgrade(wire)
    seen = watch_to_end(wire, "*")
    assert {name: (each.out, each.statuses) for name, each in seen.items()} == {
        "y": (b"one\ntwo\n", [3]),
        "z": (b"z\n", [7]),
    }


@points
def test_a_guarded_kernel_is_killed(start_guarded: StartGuarded, tmp_path: Path, gate: Gate, where: str) -> None:
    point = Point(tmp_path / "installed", where)
    guarded = start_guarded(env=point.installed.env)
    with guarded.connect() as wire:
        before, pid = hold_things_and_stop(wire, gate, point, guarded.kernel)

        guarded.crash()

    with guarded.connect() as again:
        is_complete(again, before, pid)


@points
def test_a_kernel_is_killed_whose_manager_keeps_its_descriptors(
    start_manager: StartManager, tmp_path: Path, gate: Gate, where: str
) -> None:
    point = Point(tmp_path / "installed", where)
    manager = start_manager(env=point.installed.env)
    kernel = manager.start()
    with manager.connect() as wire:
        before, pid = hold_things_and_stop(wire, gate, point, kernel)

        manager.kill()
    manager.start()

    with manager.connect() as again:
        is_complete(again, before, pid)


@points
def test_what_was_acknowledged_before_does_not_come_again(
    start_guarded: StartGuarded, tmp_path: Path, gate: Gate, where: str
) -> None:
    point = Point(tmp_path / "installed", where)
    guarded = start_guarded(env=point.installed.env)
    with guarded.connect() as wire, guarded.connect() as watcher:
        make(wire, "y", f"echo one; {gate.wait}; echo two; exec sleep 1000")
        begin(watcher, "watch processes y")
        assert texts(watcher.batch()) == [b"one\n"]
        watcher.send("\n")
        gate.open()
        assert texts(watcher.batch()) == [b"two\n"]
        point.reach(wire, guarded.kernel)
        guarded.crash()

    with guarded.connect() as again:
        begin(again, "watch processes y")
        assert texts(again.batch()) == [b"two\n"]
