"""Upgrade in place: the running kernel makes way for a new image of the installed code, and nothing else changes.

First a child tries whether the installed code starts and can read the state, but for the bytes of outputs, which it
is not given; meanwhile the kernel goes on. Then the kernel writes its state anew and executes that code (execve(2)):
the process keeps its PID, so its children stay its children, and every descriptor that the state names stays open.
Whatever fails before leaves the kernel as it is.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from papa_kernel.arguments import CHECK_OPTION, RESUME_OPTION
from papa_kernel.children import Children
from papa_kernel.loop import Deadline, Loop
from papa_kernel.memory import available_memory
from papa_kernel.saved import Writer, new_file
from papa_kernel.spawn import passing_on
from papa_protocol.hints import Protocol
from papa_protocol.words import shorten

_PATIENCE_SECONDS = 30.0
_TEXT_BYTES = 64 * 1024
_MOST_OF_A_REASON = 600
# Of the options in `own_command`.
_SAID_BY_OLD_PYTHONS = ("Unknown option: -P", "-X is reserved")
# What a kernel takes besides what it holds, in bytes.
_OWN_MEMORY = 16 * 1024 * 1024
_MIB = 1024 * 1024


class _RefusalError(Exception):
    """The kernel does not try; the text says why."""


_FAILURES = (OSError, MemoryError, ImportError, _RefusalError)


class Replaceable(Protocol):
    """What is replaced."""

    def save(self, writer: Writer) -> Sequence[int]:
        """Write everything that the next one needs; return the descriptors that must be open then."""

    def saved_size(self) -> int:
        """Tell how many bytes of memory it takes to hand everything on."""

    def not_upgraded(self, reason: str) -> None:
        """Go on, and tell why."""


class Upgrade:
    """Replaces the running kernel.

    Args:
        loop: calls back, and gives its signals up.
        children: tells when the trial has ended.
        arguments: those of the ``papa`` command.
        kernel: what is replaced.
    """

    def __init__(self, loop: Loop, children: Children, arguments: Sequence[str], kernel: Replaceable) -> None:
        self._loop = loop
        self._children = children
        self._arguments = list(arguments)
        self._kernel = kernel
        self._trial: _Trial | None = None
        self._deadline: Deadline | None = None

    def request(self) -> None:
        """Replace the kernel if the installed code can take over; an upgrade that has begun goes on."""
        self._loop.at_end_of_turn(self._begin, self._give_up)

    def stop(self) -> None:
        """End a trial that still runs: nobody waits for it any more."""
        if self._trial is not None:
            self._trial.kill()

    def _begin(self) -> None:
        if self._trial is not None:
            return
        try:
            self._check_memory()
            self._trial = self._try()
        except _FAILURES as error:
            self._kernel.not_upgraded(_explain(error))
            return
        self._children.expect(self._trial.pid, self._tried)
        self._deadline = self._loop.call_at(time.monotonic() + _PATIENCE_SECONDS, self._trial.kill)

    def _check_memory(self) -> None:
        """Make sure that there is memory for a copy of the state: what is written cannot be taken back.

        Raises:
            _RefusalError: there is not.
        """
        needed, left = self._kernel.saved_size() + _OWN_MEMORY, available_memory()
        if left < needed:
            raise _RefusalError(f"it takes {needed // _MIB} MiB of memory, and {max(left, 0) // _MIB:.0f} MiB are left")

    def _try(self) -> "_Trial":
        with self._written_state(skims=True) as (state, _):
            return _Trial(own_command([*self._arguments, CHECK_OPTION, str(state)]), state)

    @contextmanager
    def _written_state(self, *, skims: bool = False) -> Iterator[tuple[int, Sequence[int]]]:
        """Provide a file with the state, whole or for a trial, and the descriptors that it names."""
        state = new_file("papa-state")
        try:
            yield state, self._write(Writer(state, skims=skims))
        finally:
            os.close(state)

    def _write(self, writer: Writer) -> Sequence[int]:
        try:
            return self._kernel.save(writer)
        finally:
            writer.finish()  # in any case: what it holds back must not go to a later file of the same number

    def _tried(self, _pid: int, status: int) -> None:
        assert self._trial is not None
        assert self._deadline is not None
        self._deadline.cancel()
        reason = self._trial.finish(status)
        if reason:
            self._trial = None
            self._kernel.not_upgraded(reason)
        else:
            self._loop.at_end_of_turn(self._replace, self._give_up)

    def _give_up(self) -> None:
        self._kernel.not_upgraded("a bug in the running one, which its log tells of")

    def _replace(self) -> None:
        self._trial = None
        if not self._loop.running:  # this turn has told the kernel to end, and nobody would tell the next one
            return
        self._loop.hold_signals()
        try:
            self._check_memory()
            with self._written_state() as (state, fds), passing_on([*fds, state]):
                command = own_command([*self._arguments, RESUME_OPTION, str(state)])
                os.execv(command[0], command)  # noqa: S606
        except _FAILURES as error:
            self._kernel.not_upgraded(_explain(error))
        finally:
            self._loop.let_signals_through()


class _Trial:
    """A child in which the installed code reads the state.

    Args:
        command: runs it.
        state: the file with the state, which it inherits.
    """

    def __init__(self, command: list[str], state: int) -> None:
        self._late = False
        self._output = new_file("papa-trial")
        try:
            self.pid = self._start(command, state)
        except BaseException:
            os.close(self._output)
            raise

    def _start(self, command: list[str], state: int) -> int:
        null = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        streams = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate((null, self._output, self._output))]
        try:
            with passing_on([state]):
                return os.posix_spawn(command[0], command, os.environ, file_actions=streams)
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
        return _find_reason(said) if said else f"the installed code ends with status {status}"


def _find_reason(said: Sequence[str]) -> str:
    """Return the last line of what was said, with the last line of code that a traceback names."""
    if said[0].startswith(_SAID_BY_OLD_PYTHONS):
        return f"{sys.executable} is a Python before 3.11, which papa needs"
    places = [line.partition(", in ")[0] for line in said if line.startswith('File "')]
    reason = said[-1].removeprefix("papa: ") + (f" ({places[-1]})" if places else "")
    return shorten(reason, _MOST_OF_A_REASON)


def own_command(arguments: Sequence[str]) -> list[str]:
    """Return the command that runs the installed code of papa, with arguments for the ``papa`` command."""
    # -P: the folder that the kernel runs in must not provide its modules.
    return [sys.executable, "-X", "utf8", "-P", "-m", "papa_kernel", *arguments]


def _explain(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "there is too little memory"
    if isinstance(error, OSError) and error.filename:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
