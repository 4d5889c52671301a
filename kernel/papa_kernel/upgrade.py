"""Upgrade in place: the running kernel makes way for a new image of the installed code, and nothing else changes.

First a child tries whether the installed code starts and can read the state; meanwhile the kernel goes on. Then the
kernel writes its state anew and executes that code (execve(2)): the process keeps its PID, so its children stay its
children, and every descriptor that the state names stays open. Whatever fails before leaves the kernel as it is.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from papa_kernel.arguments import CHECK_OPTION, RESUME_OPTION
from papa_kernel.children import Children
from papa_kernel.loop import Deadline, Loop
from papa_kernel.saved import Record, Writer, new_file
from papa_kernel.spawn import passing_on

_PATIENCE_SECONDS = 30.0
_TEXT_BYTES = 64 * 1024
# Writes the state, and returns the descriptors that it names.
Save = Callable[[Writer], Sequence[int]]


class Upgrade:
    """Replaces the running kernel.

    Args:
        loop: calls back, and gives its signals up.
        children: tells when the trial has ended.
        arguments: those of the ``papa`` command.
        save: writes the kernel's state.
        failed: told why the kernel goes on as it is.
    """

    def __init__(
        self, loop: Loop, children: Children, arguments: Sequence[str], save: Save, failed: Callable[[str], None]
    ) -> None:
        self._loop = loop
        self._children = children
        self._arguments = list(arguments)
        self._save = save
        self._failed = failed
        self._trial: _Trial | None = None
        self._deadline: Deadline | None = None

    def request(self) -> None:
        """Replace the kernel if the installed code can take over; an upgrade that has begun goes on."""
        self._loop.at_end_of_turn(self._begin, self._give_up)

    def _begin(self) -> None:
        if self._trial is not None:
            return
        try:
            self._trial = self._try()
        except (OSError, MemoryError, ImportError) as error:
            self._failed(_explain(error))
            return
        self._children.expect(self._trial.pid, self._tried)
        self._deadline = self._loop.call_at(time.monotonic() + _PATIENCE_SECONDS, self._trial.kill)

    def _try(self) -> "_Trial":
        with self._written_state() as (state, _):
            return _Trial(own_command([*self._arguments, CHECK_OPTION, str(state)]), state)

    @contextmanager
    def _written_state(self) -> Iterator[tuple[int, Sequence[int]]]:
        """Provide a file with the state, and the descriptors that it names."""
        state = new_file("papa-state")
        try:
            writer = Writer(state)
            fds = self._save(writer)
            writer.finish()
            yield state, fds
        finally:
            os.close(state)

    def _tried(self, _pid: int, status: int) -> None:
        assert self._trial is not None
        assert self._deadline is not None
        self._deadline.cancel()
        trial, self._trial = self._trial, None
        reason = trial.finish(status)
        if reason:
            self._failed(reason)
        else:
            self._loop.at_end_of_turn(self._replace, self._give_up)

    def _give_up(self) -> None:
        self._failed("a bug in the running one, which its log tells of")

    def _replace(self) -> None:
        self._loop.hold_signals()
        try:
            with self._written_state() as (state, fds), passing_on([*fds, state]):
                command = own_command([*self._arguments, RESUME_OPTION, str(state)])
                os.execv(command[0], command)  # noqa: S606
        except (OSError, MemoryError, ImportError) as error:
            self._loop.let_signals_through()
            self._failed(_explain(error))


class _Trial:
    """A child in which the installed code reads the state.

    Args:
        command: runs it.
        state: the file with the state, which it inherits.
    """

    def __init__(self, command: list[str], state: int) -> None:
        self._late = False
        self._output = new_file("papa-trial")
        null = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        streams = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate((null, self._output, self._output))]
        try:
            with passing_on([state]):
                self.pid = os.posix_spawn(command[0], command, os.environ, file_actions=streams)
        except BaseException:
            os.close(self._output)
            raise
        finally:
            os.close(null)

    def kill(self) -> None:
        """End it: it takes too long."""
        self._late = True
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def finish(self, status: int) -> str:
        """Return why it failed, or nothing where it did not."""
        lines = os.pread(self._output, _TEXT_BYTES, 0).decode(errors="replace").split("\n")
        os.close(self._output)
        if status == 0:
            return ""
        if self._late:
            return f"the installed code does not start within {_PATIENCE_SECONDS:.0f} seconds"
        said = [line.strip() for line in lines if line.strip()]
        return said[-1].removeprefix("papa: ") if said else f"the installed code ends with status {status}"


def own_command(arguments: Sequence[str]) -> list[str]:
    """Return the command that runs the installed code of papa, with arguments for the ``papa`` command."""
    # -P: the folder that the kernel runs in must not provide its modules.
    return [sys.executable, "-X", "utf8", "-P", "-m", "papa_kernel", *arguments]


def stand_in_for(first: Record) -> None:
    """Open something under each number that the first record of a state says is open, so that it can be restored.

    Duplicates of the real descriptors would keep open what the kernel closes meanwhile.
    """
    ours, theirs = socket.socketpair()
    for fd in first.fields["descriptors"]:
        os.dup2(ours.fileno(), fd)
    ours.detach()
    theirs.detach()


def _explain(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "there is too little memory"
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
