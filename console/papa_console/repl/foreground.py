"""``watch`` and ``tail`` in the foreground, on a connection of their own, until Ctrl-C or the end.

A batch is acknowledged only after it was written and flushed, and where a file gets it too, after that was synced.
Ctrl-C while a batch is being shown finishes it and acknowledges it with ``q``. While nothing is outstanding it closes
the connection without a word, since an idle kernel would take a ``q`` for the acknowledgement of its next batch.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from papa import requests
from papa.connection import Connection
from papa.errors import Error
from papa.following import Following
from papa_console.repl.interrupts import Abandoned, Interrupts, Ready
from papa_console.repl.render import Answer, render
from papa_console.repl.screen import Screen
from papa_protocol.command_table import COMMANDS
from papa_protocol.errors import RemoteProtocolError
from papa_protocol.rows import read_process_row
from papa_protocol.watch import ACKNOWLEDGE, STOP, Record
from papa_protocol.words import Dialect

if TYPE_CHECKING:
    from papa_console.repl.runner import Runner

DONE, FAILED, INTERRUPTED = 0, 1, 130
OPEN_LINE_SECONDS = 0.2
# What a pipe took is acknowledged once its reader has had this long to go away: `| head` loses nothing.
_PIPE_SECONDS = 0.1


class Stream:
    """Shows one stream to its end.

    Args:
        connection: it has begun to stream, and is closed at the end.
        screen: where it is shown.
        interrupts: Ctrl-C.
        consumes: whether batches are acknowledged.
    """

    def __init__(self, connection: Connection, screen: Screen, interrupts: Interrupts, *, consumes: bool) -> None:
        self._connection = connection
        self._screen = screen
        self._interrupts = interrupts
        self._following = Following(connection.dialect, consumes=consumes)

    def run(self) -> bool:
        """Show everything, and return whether the end came by itself.

        Raises:
            Abandoned: Ctrl-C was pressed twice.
            BrokenPipeError: nobody reads what is shown.
            LostConnectionError: the kernel is gone.
        """
        while not self._following.ended:
            records = self._next_records()
            if records is None:
                if not self._wait():
                    return False
            elif records:
                self._show(records)
                if self._interrupts.count:
                    self._stop()
                    return False
        self._screen.close_line()
        return True

    def _next_records(self) -> list[Record] | None:
        try:
            return self._following.next_records()
        except RemoteProtocolError as error:
            raise Error(f"The kernel's output cannot be understood: {error}") from None

    def _show(self, records: Sequence[Record]) -> None:
        self._screen.acknowledged = False
        self._screen.show(records)
        if not self._following.consumes:
            return
        if self._screen.is_pipe:
            self._interrupts.wait(None, _PIPE_SECONDS)
        if not self._interrupts.count:
            self._connection.send(ACKNOWLEDGE)
            self._following.outstanding = False
            self._screen.acknowledged = True

    def _stop(self) -> None:
        """Acknowledge what was just shown, and see that the kernel took note."""
        if not self._following.outstanding:
            return
        self._connection.send(STOP)
        while not self._following.ended:
            if self._next_records() is None:
                self._following.receive(self._connection.receive(self._connection.timeout))
        self._screen.acknowledged = True

    def _wait(self) -> bool:
        """Wait for more; return whether to go on."""
        seconds = OPEN_LINE_SECONDS if self._screen.has_open_line else None
        match self._interrupts.wait(self._connection.socket.fileno(), seconds):
            case Ready.INTERRUPT:
                return False
            case Ready.TIMEOUT:
                self._screen.close_line()
            case Ready.INPUT:
                self._following.receive(self._connection.receive(self._connection.timeout))
        return True


def follow(runner: "Runner", words: Sequence[str]) -> int:
    """Carry out a command that streams output, and return its status.

    Raises:
        Error: the kernel said no, does not answer, or was lost.
        KeyboardInterrupt: Ctrl-C before the stream had begun.
    """
    connection = runner.link.open(may_start=runner.link.start)
    try:
        try:
            screen = Screen(runner, _started(connection, words))
        except OSError as error:
            return runner.refuse(f"{runner.settings.tee}: {error.strerror}")
        if words[0] == "tail" and connection.dialect is Dialect.V1:
            from papa_console.repl.peeking import peek  # noqa: PLC0415 - for papa 1.0's kernel alone

            connection.close()
            return _present(runner, words, screen, lambda interrupts: peek(runner, words, screen, interrupts))
        _begin(runner, words, connection, screen)
        consumes = words[0] != "tail"
        return _present(
            runner, words, screen, lambda interrupts: Stream(connection, screen, interrupts, consumes=consumes).run()
        )
    finally:
        connection.close()


def _started(connection: Connection, words: Sequence[str]) -> dict[str, float]:
    """Return when the processes that a command names were started."""
    if words[0] == "make":
        return {}
    listed = connection.request(requests.list_processes(words[2:]))
    return {name: info["started"] for name, info in listed.items() if isinstance(info.get("started"), float)}


def _begin(runner: "Runner", words: Sequence[str], connection: Connection, screen: Screen) -> None:
    _, first = runner.link.follow(words, connection)
    if words[0] == "make":
        name, info = read_process_row(first, connection.dialect)
        screen.started[name] = info["started"]
        screen.names.add(name)
        made = Answer(COMMANDS.resolve(words).command, first, connection.dialect)
        runner.output.result(render(made, runner.settings.format, runner.output) or "")
    runner.output.note(screen.announcement(words))


def _present(runner: "Runner", words: Sequence[str], screen: Screen, run: Callable[[Interrupts], bool]) -> int:
    """Show a stream until it ends or is stopped, say how much it was, and return the status."""
    said, status = "stopped", INTERRUPTED
    try:
        with Interrupts(runner.output.out.fileno()) as interrupts:
            if run(interrupts):
                said, status = "ended", DONE
        screen.close_line()
    except Abandoned:
        screen.close_line()
    except BrokenPipeError:
        runner.output.discard()
        said, status = "stopped, since nobody reads the output any more", DONE
    except OSError as error:
        runner.output.error(f"Error: cannot write what was received: {error.strerror}")
        status = FAILED
    finally:
        screen.close()
    if status == INTERRUPTED and runner.output.err.isatty():
        said = f"\n{said}"  # the terminal has just shown ^C
    runner.output.note(f"{said}: {screen.summary()}, {_fate(words, screen)}")
    return status


def _fate(words: Sequence[str], screen: Screen) -> str:
    if words[0] == "tail":
        return "nothing consumed"
    return "last batch acknowledged" if screen.acknowledged else "last batch not acknowledged: it will come again"
