"""One connection: bytes in, replies and batches out.

Complete lines are commands until one of them starts a stream (``watch``, ``tail``, ``make … watch=1``); then
lines answer its batches or end it. What the peer sent before a batch answers nothing, so it is read, and passed
over, before the batch is written. Replies leave in the order of their commands. A peer that does not read is
not read from: beyond a bound of unsent bytes its commands wait.
"""

import socket
import time
from collections.abc import Callable, Iterable, Mapping

from papa_kernel.delivery import Delivery
from papa_kernel.handlers import Close, Context, Follow, Replace, Speak, handle
from papa_kernel.journal import Journal
from papa_kernel.limits import LINE, UNSENT, WORDS
from papa_kernel.log import log
from papa_kernel.loop import READ, WRITE, Deadline, Loop
from papa_kernel.peer import Peer
from papa_kernel.process import Process
from papa_kernel.refusals import Refusals
from papa_kernel.state import State
from papa_protocol.errors import CommandError
from papa_protocol.foreign import foreign_command
from papa_protocol.hints import Any, Protocol, Self
from papa_protocol.lines import TooLong
from papa_protocol.model import KernelInfo
from papa_protocol.replies import ERROR_MARK
from papa_protocol.words import Dialect, count_words, shorten, show, split_line, to_bytes

GREETING = b"papa holds your sockets, values and processes. 'help' lists the commands.\n> "
_EARLY_READS = 64
# How long the commands of one connection may keep the others waiting, in seconds; a single one may take longer.
_TURN_SECONDS = 0.002
# How long a connection is not read from when there is no memory to read into.
_STARVED_SECONDS = 0.01
_ERROR_LIMIT = 600
_NO_MEMORY = to_bytes(f"{ERROR_MARK}The kernel has too little memory for that\n> ")


class Kernel(Protocol):
    """What a session needs of the kernel."""

    journal: Journal
    loop: Loop
    state: State
    refusals: Refusals

    def info(self) -> KernelInfo:
        """Tell about the kernel."""

    def request_exit(self) -> None:
        """End with the last connection, if nothing is added meanwhile."""

    def upgrade(self) -> None:
        """Make way for the installed code, and tell the sessions that wait for it."""


class Session:
    """One client's connection.

    Args:
        sock: the accepted connection.
        kernel: whom commands act on.
        closed: called with the session once it is over.
    """

    def __init__(self, sock: socket.socket, kernel: Kernel, closed: Callable[["Session"], None]) -> None:
        limits = self._limits = kernel.state.limits
        self._unsent_limit, self._most_words = limits[UNSENT], limits[WORDS]
        self._peer = Peer(sock, limits[LINE], self.close, self._read_later)
        self._kernel = kernel
        self._closed = closed
        self._context = Context(kernel.state, kernel.info, kernel.request_exit)
        self._traces = log.debugs
        self._delivery: Delivery | None = None
        self._rest: Deadline | None = None  # until when it reads nothing
        self._closing = False  # close once everything has been sent
        self._waits = False  # the next answer comes when the kernel has been upgraded, or cannot be
        self._mask = 0

    @property
    def unsent(self) -> int:
        """How many bytes the peer has yet to take."""
        return self._peer.unsent.size

    def begin(self) -> None:
        """Greet the peer and take its commands; the session may be over at once, or OSError may tell that it cannot."""
        log.debug("connection %d is open", self._peer.fileno)
        self._kernel.loop.watch(self._peer.fileno, READ, self._on_ready, self.close)
        self._mask = READ
        self._peer.unsent.add([GREETING])
        self._proceed()

    def _on_ready(self, mask: int) -> None:
        if mask != WRITE and not self._peer.done:
            self._peer.receive()
            if self._peer.foreign:
                self._kernel.refusals.note(f"it speaks {self._peer.foreign}")
                self.close()
                return
        self._proceed()

    def _proceed(self) -> None:
        """Send, carry out the lines that have arrived, and wait for what comes next."""
        if self._peer.unsent.size:
            self._peer.send()
        if self._peer.lines:
            self._carry_out_lines()
        if self._delivery is not None:
            self._wake()
        self._settle()

    @property
    def _takes_lines(self) -> bool:
        # The lines of a stream add next to nothing to what is unsent.
        halted = self._closing or self._waits
        return not halted and (self._delivery is not None or self._peer.unsent.size < self._unsent_limit)

    def _carry_out_lines(self) -> None:
        """Carry out the lines that have arrived; commands that take too long go on in the next turn."""
        until = time.monotonic() + _TURN_SECONDS
        while self._peer.lines and self._takes_lines:
            if self._delivery is not None:
                if (ending := self._delivery.take_line(self._peer.lines.popleft())) is not None:
                    self._finish(ending)
            elif time.monotonic() < until:
                self._carry_out_commands(until)
            else:
                self._go_on_at(time.monotonic())
                return

    def _carry_out_commands(self, until: float) -> None:
        """Answer command lines, all at once, until one begins a stream or the peer has enough to read."""
        waiting = self._peer.lines
        answers: list[bytes] = []
        room = self._unsent_limit - self._peer.unsent.size
        while waiting and room > 0 and self._delivery is None and not (self._closing or self._waits):
            answer = self._answer(waiting.popleft())
            answers.append(answer)
            room -= len(answer)
            if time.monotonic() >= until:
                break
        self._kernel.journal.flush()  # whatever a peer is told must not be lost any more
        if room > 0:
            self._peer.say(b"".join(answers))
        else:  # there may be no memory for a copy
            self._peer.unsent.add(answers)
            self._peer.send()

    def _read_later(self) -> None:
        self._kernel.loop.ask_for_memory()
        self._go_on_at(time.monotonic() + _STARVED_SECONDS)

    def _go_on_at(self, when: float) -> None:
        if self._rest is None:
            self._rest = self._kernel.loop.call_at(when, self._go_on, self.close)

    def _go_on(self) -> None:
        self._rest = None
        self._proceed()

    def _refuse(self, line: TooLong) -> bytes:
        if line.limit:
            raise self._limits.error(LINE)
        return _NO_MEMORY

    def _answer(self, event: bytes | TooLong) -> bytes:
        """Return the reply to a command line, with its prompt."""
        try:
            if isinstance(event, TooLong):
                return self._refuse(event)
            if len(event) > self._most_words:
                self._limits.check(WORDS, count_words(event))
            words = split_line(event, self._context.dialect)
            if not words:
                return b"> "
            if self._traces:
                log.debug("connection %d: %s", self._peer.fileno, words)
            answer = handle(self._context, words)
            return to_bytes(answer) + b"\n> " if isinstance(answer, str) else self._follow_up(answer)
        except CommandError as error:
            if isinstance(event, bytes) and (speaks := foreign_command(event)):
                self._kernel.refusals.note(f"it speaks {speaks}")
                self._closing = True
                return b""
            log.debug("connection %d is told: %s", self._peer.fileno, error)
            return to_bytes(f"{ERROR_MARK}{shorten(show(str(error), Dialect.V1), _ERROR_LIMIT)}\n> ")
        except MemoryError:
            return _NO_MEMORY

    def _follow_up(self, answer: Follow | Speak | Close | Replace) -> bytes:
        """Do what comes after an answer; return its text, with a prompt where commands may follow."""
        if isinstance(answer, Replace):
            self._waits = True
            self._kernel.upgrade()
            return b""
        text = to_bytes(answer.text) + b"\n"
        match answer:
            case Speak():
                self._context.dialect = answer.dialect
                return text + b"> "
            case Close():
                self._closing = True
            case Follow():
                self._start(answer)
        return text

    def _start(self, follow: Follow) -> Delivery:
        dialect, registry = self._context.dialect, self._kernel.state.processes
        self._delivery = Delivery(follow, dialect, registry, self._peer, loop=self._kernel.loop, wake=self._wake)
        return self._delivery

    def _wake(self) -> None:
        self._kernel.loop.at_end_of_turn(self._pump, self.close)

    def _finish(self, text: str) -> None:
        self._end_stream()
        self._kernel.journal.flush()
        self._peer.say(to_bytes(f"{text}\n> "))

    def _end_stream(self) -> None:
        if self._delivery is not None:
            self._delivery.close()
            self._delivery = None

    def _pump(self) -> None:
        """Write the next batch if the peer is ready for one."""
        if not self._pass_over_early_lines():
            self._go_on_at(time.monotonic())
            return
        delivery = self._delivery
        if delivery is None or not delivery.is_due:
            return
        self._kernel.journal.flush()
        wrote = delivery.write()
        if delivery.is_over:
            self._finish(delivery.last_words)
            self._proceed()
            return
        if not wrote and self._peer.done:
            self._closing = True
        self._peer.send()
        self._settle()

    def _pass_over_early_lines(self) -> bool:
        """Read what the peer has sent before there is a batch; return whether that was all."""
        if self._delivery is None or not self._delivery.passes_over_lines or self._peer.done:
            return True
        reads = 0
        while self._delivery is not None and reads < _EARLY_READS and self._peer.receive():
            reads += 1
            self._carry_out_lines()
        if reads or self._peer.done:
            self._carry_out_lines()  # the last one needs no line end
            self._peer.send()
            self._settle()
        return reads < _EARLY_READS

    def _settle(self) -> None:
        """Close if there is nothing left to do, else ask the loop for what is worth waiting for."""
        if self._mask == READ and not (
            self._peer.unsent.size or self._delivery or self._rest or self._peer.done or self._closing or self._waits
        ):
            return  # as before: a command has been answered, and the next is waited for
        if self._peer.fileno < 0:
            return
        nothing_follows = self._peer.done and not (
            self._rest or self._waits or (self._delivery and not self._delivery.awaits_line)
        )
        if (self._closing or nothing_follows) and not self._peer.unsent.size:
            self.close()
            return
        mask = READ * self._reads | WRITE * self._writes
        if mask != self._mask:
            self._mask = mask
            self._kernel.loop.watch(self._peer.fileno, mask, self._on_ready, self.close)

    @property
    def _reads(self) -> bool:
        return not self._peer.done and self._rest is None and self._takes_lines

    @property
    def _writes(self) -> bool:
        return self._peer.unsent.size > 0 or (self._delivery is not None and self._delivery.goes_on)

    @property
    def fileno(self) -> int:
        """The connection's descriptor."""
        return self._peer.fileno

    @property
    def followed(self) -> Iterable[Process]:
        """The processes whose output it streams."""
        return self._delivery.processes if self._delivery is not None else ()

    @property
    def saved(self) -> dict[str, Any]:
        """What ``restored`` needs, but for the processes and the bytes that are unsent."""
        return {
            "peer": self._peer.saved,
            "dialect": self._context.dialect.value,
            "stream": self._delivery and self._delivery.saved,
            "batch_written": self._delivery is not None and self._delivery.awaits_line,
            "closing": self._closing,
            "waits": self._waits,
        }

    @property
    def unsent_pieces(self) -> Iterable[bytes | memoryview]:
        """The bytes that the peer has yet to take."""
        return self._peer.unsent.pieces

    @classmethod
    def restored(
        cls,
        saved: dict[str, Any],
        unsent: bytes,
        processes: Mapping[int, Process],
        kernel: Kernel,
        closed: Callable[["Session"], None],
    ) -> Self:
        """Return what was saved, its descriptor being open; it goes on in a turn of the loop.

        Args:
            saved: what ``saved`` was.
            unsent: all that ``unsent_pieces`` were, joined.
            processes: all processes, by their own numbers.
            kernel: whom commands act on.
            closed: called with the session once it is over.
        """
        peer = saved["peer"]
        session = cls(socket.socket(peer["family"], socket.SOCK_STREAM, 0, peer["fd"]), kernel, closed)
        session._peer.restore(peer, unsent)
        session._context.dialect = Dialect(saved["dialect"])
        if stream := saved["stream"]:
            delivery = session._start(Follow("", (), stream["patterns"], consumes=stream["consumes"]))
            delivery.restore(stream, processes, awaits_line=saved["batch_written"])
        session._closing, session._waits = saved["closing"], saved["waits"]
        kernel.loop.at_end_of_turn(session._proceed, session.close)
        return session

    def upgraded(self, text: str) -> None:
        """Tell how an upgrade came out, if that is being waited for, and go on."""
        if self._waits:
            self._waits = False
            self._peer.say(to_bytes(f"{text}\n> "))
            self._proceed()

    def close(self) -> None:
        """End the connection at once; what a watcher had not acknowledged stays for the next."""
        if self._peer.fileno < 0:
            return
        self._closing = True
        self._end_stream()
        log.debug("connection %d is closed", self._peer.fileno)
        self._kernel.loop.unwatch(self._peer.fileno)
        self._peer.close()
        self._closed(self)
