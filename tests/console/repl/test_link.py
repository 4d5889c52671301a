"""The connection for commands: what was sent is never sent again, and what was lost is made again."""

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from papa.errors import CannotConnectError, CommandFailedError, Error, LostConnectionError
from papa_console.repl.link import Link, LostAfterSendingError, check_line
from papa_protocol.typed import split_typed
from papa_protocol.words import Dialect
from support.cutting import CutWire
from support.kernels import KernelProcess
from support.proc import unread
from support.waiting import wait_for
from support.wire import TIMEOUT, Wire

CHANGES = {
    "make process web /bin/sleep 100": "list processes web",
    "make socket web port=0": "list sockets web",
    "remove processes web worker.*": "list processes web worker.*",
    "remove sockets web": "list sockets web",
    "remove values a": "list values a",
    "acknowledge processes web upto=1": "list processes web",
    r"set two\ words value": r"get two\ words",
    "exit-if-idle": "info",
}


@pytest.fixture
def link(kernel: KernelProcess) -> Iterator[Link]:
    one = Link(kernel.port)
    yield one
    one.close()


def _words(line: str) -> list[str]:
    return [word.text for word in split_typed(line)]


@pytest.mark.parametrize("line", CHANGES)
def test_each_command_that_changes_something_has_a_line_to_check_it_with(line: str) -> None:
    assert check_line(_words(line)) == CHANGES[line]


def test_it_connects_when_the_first_command_comes(kernel: KernelProcess, wire: Wire) -> None:
    link = Link(kernel.port)
    before = wire.command("info")
    link.connect()

    assert "connections 1\n" in before
    assert "connections 2\n" in wire.command("info")
    link.close()


def test_it_speaks_the_exact_dialect_and_returns_replies_as_they_are(link: Link) -> None:
    link.run(["set", "v", "two words\n> "])

    assert link.run(["get", "v"]) == r"two\ words\n>\ "
    assert link.run(["get", "missing"]) == ""
    assert link.dialect is Dialect.V2


def test_a_refusal_is_raised_and_the_connection_goes_on(link: Link) -> None:
    with pytest.raises(CommandFailedError, match="There is no process x"):
        link.run(["remove", "processes", "x"])

    assert link.run(["list", "values"]) == ""
    assert not link.down


def test_without_a_kernel_it_is_down_and_says_so(tmp_path: Path) -> None:
    link = Link(str(tmp_path / "nobody.sock"))

    with pytest.raises(CannotConnectError, match=r"No kernel listens at .*nobody\.sock"):
        link.run(["info"])

    assert link.down
    assert link.label.endswith("nobody.sock")


@pytest.mark.parametrize("delivers", [True, False])
@pytest.mark.parametrize("line", ["make process web /bin/sleep 100", "set a 1", "remove values a"])
def test_a_command_whose_reply_is_lost_is_never_sent_again(
    kernel: KernelProcess, tmp_path: Path, line: str, delivers: bool
) -> None:
    with CutWire(tmp_path / "cut.sock", kernel.path, line.split(maxsplit=1)[0].encode(), delivers=delivers) as cut:
        link = Link(cut.path)

        with pytest.raises(LostAfterSendingError, match="lost the connection after sending; it may have run"):
            link.run(line.split())

        was_down = link.down
        assert link.run(["list", "sockets"]) == ""  # the next command connects again
        assert (was_down, link.down) == (True, False)
        assert cut.sent(line.encode()) == 1
        link.close()


@pytest.mark.parametrize("line", ["list values", "get a", "info", "help"])
def test_a_command_that_changes_nothing_is_sent_a_second_time(kernel: KernelProcess, tmp_path: Path, line: str) -> None:
    with CutWire(tmp_path / "cut.sock", kernel.path, line.encode()) as cut:
        link = Link(cut.path)

        link.run(line.split())

        assert cut.sent(line.encode()) == 2
        link.close()


def test_it_is_not_sent_a_third_time(kernel: KernelProcess, tmp_path: Path) -> None:
    with CutWire(tmp_path / "cut.sock", kernel.path, b"info", times=5) as cut:
        link = Link(cut.path)

        with pytest.raises(LostConnectionError):
            link.run(["info"])

        assert cut.sent(b"info") == 2
        link.close()


def test_a_kernel_killed_before_it_replies_leaves_the_command_unknown(
    start_kernel: Callable[..., KernelProcess], tmp_path: Path
) -> None:
    kernel = start_kernel()
    link = Link(kernel.port)
    link.connect()
    kernel.signal(signal.SIGSTOP)
    raised: list[BaseException] = []

    def run() -> None:
        try:
            link.run(["set", "a", "1"])
        except Error as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    wait_for(lambda: unread(kernel.port), "it has been sent")
    kernel.signal(signal.SIGKILL)
    thread.join(TIMEOUT)

    assert [type(error) for error in raised] == [LostAfterSendingError]
    assert str(raised[0]).endswith("check with: get a")


def test_a_kernel_that_does_not_answer_in_time_leaves_the_command_unknown(kernel: KernelProcess) -> None:
    link = Link(kernel.path, 1.5)
    link.connect()
    kernel.signal(signal.SIGSTOP)
    try:
        with pytest.raises(LostAfterSendingError, match=r"no answer in 1\.5 s after sending; it may have run"):
            link.run(["set", "a", "1"])
    finally:
        kernel.signal(signal.SIGCONT)


def test_a_connection_that_ended_while_idle_is_noticed_before_anything_is_sent(
    kernel: KernelProcess, tmp_path: Path
) -> None:
    with CutWire(tmp_path / "cut.sock", kernel.path, b"info", times=2) as cut:
        link = Link(cut.path)
        with pytest.raises(LostConnectionError):
            link.run(["info"])

        link.run(["set", "a", "1"])

        assert link.run(["get", "a"]) == "1"
        link.close()


def test_in_the_background_it_notices_the_end_and_connects_again(
    kernel: KernelProcess, wire: Wire, tmp_path: Path
) -> None:
    changes: list[bool] = []
    with CutWire(tmp_path / "cut.sock", kernel.path, b"set", times=1) as cut:
        link = Link(cut.path)
        link.reconnect_in_background(lambda: changes.append(link.down))
        wait_for(lambda: cut.connections == 1, "the first connection")

        with pytest.raises(LostAfterSendingError):
            link.run(["set", "a", "1"])
        wait_for(lambda: len(changes) > 1, "the connection is back")

        assert changes == [True, False]
        assert not link.down
        assert cut.connections == 2
        link.close()


def test_in_the_background_a_kernel_that_comes_late_is_found(
    start_kernel: Callable[..., KernelProcess], tmp_path: Path
) -> None:
    changed = threading.Event()
    path = str(tmp_path / "late.sock")
    link = Link(path)
    link.reconnect_in_background(changed.set)
    assert changed.wait(TIMEOUT)
    was_down = link.down

    changed.clear()
    start_kernel("-u", path)
    assert changed.wait(TIMEOUT)

    assert (was_down, link.down) == (True, False)
    link.close()


def test_in_the_background_the_death_of_the_kernel_is_noticed(start_kernel: Callable[..., KernelProcess]) -> None:
    kernel = start_kernel()
    changed = threading.Event()
    link = Link(kernel.path)
    link.connect()
    link.reconnect_in_background(changed.set)

    kernel.signal(signal.SIGKILL)

    assert changed.wait(TIMEOUT)
    assert link.down
    link.close()


def test_exit_if_idle_lets_the_kernel_end(start_kernel: Callable[..., KernelProcess]) -> None:
    kernel = start_kernel()
    link = Link(kernel.path)
    link.reconnect_in_background(lambda: None)

    assert link.run(["exit-if-idle"]) == "Exiting papa!"

    assert kernel.wait() == 0


def test_a_stream_has_a_connection_of_its_own(link: Link) -> None:
    link.run(["make", "process", "x", "/bin/sleep", "100"])

    connection, first = link.follow(["tail", "processes", "x"])

    assert first == "Tailing 1"
    assert link.run(["get", "nothing"]) == ""
    connection.close()


def test_it_moves_to_another_endpoint(link: Link, start_kernel: Callable[..., KernelProcess]) -> None:
    link.run(["set", "here", "1"])
    other = start_kernel()

    link.move(other.path)

    assert link.label == other.path
    assert link.run(["get", "here"]) == ""
