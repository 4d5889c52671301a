"""The kernel as a whole: its state, its endpoints, its sessions, and how it ends."""

import os
import signal
import time
from collections.abc import Iterable, Sequence

from papa_kernel import VERSION
from papa_kernel.access import Access
from papa_kernel.adoption import Adopted
from papa_kernel.child import Launcher
from papa_kernel.children import Children
from papa_kernel.drain import leave_drain
from papa_kernel.journal import Journal, KeptJournal
from papa_kernel.lent import Lent
from papa_kernel.limits import Limits
from papa_kernel.listener import Endpoint, Listener
from papa_kernel.log import log
from papa_kernel.loop import READ, Loop
from papa_kernel.process import Process
from papa_kernel.processes import Processes
from papa_kernel.recovery import ENDPOINT, close_forgotten, tidy
from papa_kernel.refusals import Refusals
from papa_kernel.replay import Replay
from papa_kernel.saved import Record, Writer, read
from papa_kernel.service_manager import ServiceManager
from papa_kernel.sessions import SESSION, Sessions
from papa_kernel.state import State
from papa_kernel.store import Left, Store
from papa_kernel.upgrade import Upgrade
from papa_protocol.hints import Any
from papa_protocol.model import KernelInfo
from papa_protocol.replies import ERROR_MARK

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
SIGNALS = (*ENDING_SIGNALS, signal.SIGHUP)
_KERNEL = "kernel"


class Kernel:
    """Serves sessions on its endpoints until it is told to end.

    Args:
        endpoints: bound and listening.
        access: who may connect.
        limits: what is taken in and held at most.
        manager: who is told when it serves and when it ends.
        arguments: those of the ``papa`` command, for the code that replaces this one.
        store: keeps what a successor needs after a crash; None where nobody does.
        ends_with_last_connection: end once the last connection has closed, whatever is held.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        access: Access,
        limits: Limits,
        manager: ServiceManager,
        arguments: Sequence[str],
        *,
        store: Store | None = None,
        ends_with_last_connection: bool = False,
    ) -> None:
        self.loop = Loop()
        self._manager = manager
        self._children = Children()
        self._launcher = Launcher()
        self._store = store
        if store is not None:
            store.fit(self._launcher.soft)
        self.journal = KeptJournal(self.loop, store) if store is not None else Journal()
        self._children.noted = self.journal.flush
        processes = Processes(self.loop, self._launcher, self._children, limits, self.journal)
        self.state = State(processes, limits, self.journal)
        self._adopted = Adopted(self.loop, self._children, self.journal, manager.guardian)
        self.refusals = Refusals()
        self._sessions = Sessions(self, access, self.refusals, self._all_sessions_closed)
        self._upgrade = Upgrade(self.loop, self._children, arguments, self)
        self._started = time.time()
        self._clock = time.monotonic()
        self._ends_with_last_connection = ends_with_last_connection
        self._exit_requested = False
        self._ends_for_good = False  # nobody is to go on in its place
        self._listeners: list[Listener] = []
        for endpoint in endpoints:
            if endpoint.ours and store is not None and store.lacks(endpoint.socket.fileno()):
                store.keep(endpoint.socket.fileno())
            self._listen(endpoint)

    def _listen(self, endpoint: Endpoint) -> None:
        self._listeners.append(Listener(self.loop, endpoint, self._launcher, self.refusals, self._sessions.accept))

    @property
    def places(self) -> str:
        """Where it listens, as people write it."""
        return " and ".join(listener.endpoint.name for listener in self._listeners)

    def run(self) -> None:
        """Serve until told to end; then unlink what is ours and leave the processes running."""
        self.loop.on_signal(signal.SIGCHLD, self._children.reap)
        for number in ENDING_SIGNALS:
            self.loop.on_signal(number, self.loop.stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            self.loop.on_signal(signal.SIGHUP, self.upgrade)
        else:  # nohup(1) has it ignored, and wants it so; processes must not inherit that it is blocked as well
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGHUP,))
        self.journal.begin(self.save_held, self.state.processes)
        self._manager.ready(self.places)
        self._manager.keep_alive(self.loop)
        self.loop.run()
        self._manager.stopping()
        self._end()

    def end_with(self, fd: int) -> None:
        """End when whoever holds the other end of the pipe ``fd`` closes it, or ends."""
        self.loop.watch(fd, READ, lambda _: self.loop.stop() if not os.read(fd, 4096) else None)

    def _end(self) -> None:
        self._upgrade.stop()
        for session in self._sessions:
            session.close()
        if self._store is not None and not (self._store.guarded or self._ends_for_good):
            self._leave_all(self._store)
            return
        for listener in self._listeners:
            listener.close()
        self.state.sockets.close()
        leave_drain(self.state.processes.open_pipes())
        if self._store is not None:
            self._store.clear()
            self._store.drop_journal(self.journal.number)
        self.loop.close()
        self._manager.close()

    def _leave_all(self, store: Store) -> None:
        """Leave everything to the next kernel; for processes whose pipes it will not have somebody reads on."""
        self.journal.stop()
        leave_drain([fd for fd in self.state.processes.open_pipes() if store.lacks(fd)])

    def _all_sessions_closed(self) -> None:
        if self._ends_with_last_connection or (self._exit_requested and self.state.idle):
            self._ends_for_good = True
            self.loop.stop()
        self._exit_requested = False

    def request_exit(self) -> None:
        """End with the last connection, if nothing is added meanwhile."""
        self._exit_requested = True

    def upgrade(self) -> None:
        """Make way for the installed code, and tell the sessions that wait for it."""
        self._manager.reloading()
        self._upgrade.request()

    def not_upgraded(self, reason: str) -> None:
        """Go on, and tell why."""
        log.warning("papa %s goes on: it cannot be upgraded: %s", VERSION, reason)
        self._manager.ready(self.places)
        self._tell(f"{ERROR_MARK}The kernel goes on as it is: {reason}")

    def _tell(self, outcome: str) -> None:
        for session in self._sessions:
            session.upgraded(outcome)

    def _all_processes(self) -> dict[int, Process]:
        """Return all that are held, or whose output somebody has yet to get, by their own numbers."""
        processes = {each.number: each for each in self.state.processes.held()}
        for session in self._sessions:
            processes.update((each.number, each) for each in session.followed)
        return processes

    def saved_size(self) -> int:
        """Tell how much memory it takes to hand everything on: a copy, and another of the largest part, when read."""
        sizes = [each.ring.held for each in self._all_processes().values()]
        sizes += [self.state.value_bytes, self._sessions.unsent]
        return sum(sizes) + max(sizes)

    def save(self, writer: Writer) -> list[int]:
        """Write everything that ``restore`` needs; return the descriptors that must be open then."""
        processes = self._all_processes()
        fds = [
            *(listener.endpoint.socket.fileno() for listener in self._listeners),
            *self.state.sockets.descriptors,
            *self.state.processes.open_pipes(),
            *(session.fileno for session in self._sessions),
            *self._adopted.descriptors,
        ]
        self.journal.flush()  # the next kernel begins anew, but may end before it has
        self._save(writer, processes.values(), fds)
        self._sessions.save(writer)
        return fds

    def save_held(self, writer: Writer) -> None:
        """Write everything that ``recover`` needs, who has no sessions to go on with."""
        self._save(writer, self.state.processes.held(), ())

    def _save(self, writer: Writer, processes: Iterable[Process], fds: Sequence[int]) -> None:
        writer.add(_KERNEL, {"descriptors": fds, **self._saved})
        for listener in self._listeners:
            writer.add(ENDPOINT, listener.endpoint.saved)
        self.state.save(writer, processes)

    @property
    def _saved(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "started": self._started,
            "clock": self._clock,
            "refused": self.refusals.count,
            "exit_requested": self._exit_requested,
            "nofile": self._launcher.soft,
            "journal": self.journal.number,
            "adopted": self._adopted.saved,
            "left": sorted(self._store.names) if self._store is not None else [],
            "lacking": sorted(self._store.lacking) if self._store is not None else [],
        }

    def restore(self, records: Iterable[Record]) -> None:
        """Take over what another kernel saved."""
        replay = Replay()
        sessions: list[Record] = []
        for record in records:
            if record.kind == _KERNEL:
                self._restore(record.fields)
                self._launcher.soft = record.fields["nofile"]
                self._adopted.restore(record.fields["adopted"])
                if self._store is not None:
                    self._store.fit(self._launcher.soft)
                    self._store.go_on(record.fields["left"])
                    self._store.lacking.update(record.fields["lacking"])
                version = record.fields["version"]
            elif record.kind == ENDPOINT:
                self._listen(Endpoint.restored(record.fields))
            elif record.kind == SESSION:
                sessions.append(record)
            else:
                replay.take(record)
        self.state.restore(replay)
        for record in sessions:
            self._sessions.restore(record, replay.processes)
        Lent(self.loop, (process.ring for process in replay.processes.values()))
        log.info("papa %s, process %d, goes on in place of %s", VERSION, os.getpid(), version)
        self.loop.at_end_of_turn(self._children.reap)
        self.loop.at_end_of_turn(lambda: self._tell(f"papa {VERSION} goes on in place of {version}"))

    def _restore(self, saved: dict[str, Any]) -> None:
        self._started, self._clock = saved["started"], saved["clock"]
        self.refusals.count = saved["refused"]
        self._exit_requested = saved["exit_requested"]
        self.journal.number = saved["journal"]

    def recover(self, left: Left) -> None:
        """Take over what is left of a kernel that ended without a word.

        Raises:
            StateError: this version of papa cannot read it.
        """
        number = max(left.journals)
        replay = Replay()
        for record in read(left.journals[number], torn=True):
            if record.kind == _KERNEL:
                self._restore(record.fields)
            elif record.kind != ENDPOINT:
                replay.take(record)
        self.journal.number = number
        tidy(replay, left, os.getppid() if self._store is not None and self._store.guarded else 0)
        self.state.restore(replay)
        assert self._store is not None
        close_forgotten(replay, left, {each.endpoint.socket.fileno() for each in self._listeners}, self._store)
        self._adopted.begin(left, replay.processes.values())
        self.state.processes.settle()
        Lent(self.loop, (process.ring for process in replay.processes.values()))
        counts = len(replay.sockets), len(replay.values), len(replay.listed)
        what = "papa %s goes on after a %s, with %d sockets, %d values and %d processes"
        (log.info if replay.stopped else log.warning)(what, VERSION, "stop" if replay.stopped else "crash", *counts)

    def info(self) -> KernelInfo:
        """Tell about the kernel."""
        processes = self.state.processes
        output = processes.totals.read()
        return {
            "version": VERSION,
            "pid": os.getpid(),
            "started": self._started,
            "uptime": round(time.monotonic() - self._clock, 3),
            "endpoints": [listener.endpoint.name for listener in self._listeners],
            "connections": len(self._sessions),
            "sockets": len(self.state.sockets.by_name),
            "values": len(self.state.values),
            "processes": len(processes.by_name),
            "running": processes.running,
            "buffered": output.buffered,
            "dropped": output.dropped,
            "position": output.position,
            "changes": self.state.changes,
            "refused": self.refusals.count,
            "unsent": self._sessions.unsent,
            "value_bytes": self.state.value_bytes,
            **self._kept_info(),
        }

    def _kept_info(self) -> KernelInfo:
        """Tell how many descriptors are kept for a successor, and all limits."""
        store, limits = self._store, self.state.limits.by_key
        if store is None:
            return {"limits": limits}
        if store.room is not None:
            limits["kept"] = store.room
        return {"kept": len(store.names), "not_kept": len(store.lacking) + self.journal.fails, "limits": limits}
