"""The output of processes on its way into the storage: followed without consuming it, in groups, each on a connection.

A group begins with the names that were newly wanted, and ends when most of them are not wanted any more or when the
kernel has nothing left to send. What was taken in before is left out by its position, so a group may end and another
begin at any time. Every process is asked for by its PID, since another one may have taken its name.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from time import monotonic

from papa.errors import Error, LostConnectionError
from papa_console.dashboard.held.books import Books, identity_of
from papa_console.dashboard.held.connecting import LoggedConnection
from papa_console.dashboard.held.intake import Allowance
from papa_console.dashboard.held.streaming import Group, Streaming
from papa_console.dashboard.held.wirelog import WireLog
from papa_console.text import clean_line, shorten, size
from papa_protocol.errors import ProtocolError
from papa_protocol.model import ProcessInfo

_REFUSED_SECONDS = 0.5  # for how long nothing is begun after the kernel said no
_LARGEST_GROUP = 1000
_SUMMARY_SECONDS = 1.0
_LABEL = "tail"
_SHOWN = 60


class Tails:
    """Follows the processes that are wanted, as far as they are there.

    Attributes:
        tasks: runs what follows; None as long as nothing is to be followed.

    Args:
        connect: returns a connection for a purpose, not connected yet.
        books: takes in output.
        log: is told what came.
        changed: called when a process has ended or a group is over: it is time to look at the list again.
    """

    def __init__(
        self,
        connect: Callable[[str], LoggedConnection],
        books: Books,
        log: WireLog,
        changed: Callable[[], None],
    ) -> None:
        self.tasks: asyncio.TaskGroup | None = None
        self._connect = partial(connect, _LABEL)
        self._books = books
        self._log = log
        self._changed = changed
        self._allowance = Allowance()
        self._wanted: set[str] = set()
        self._listed: Mapping[str, ProcessInfo] = {}
        self._groups: set[Group] = set()
        self._not_before = 0.0
        self._summed_up = 0.0

    @property
    def wanted(self) -> bool:
        """Whether any process is wanted."""
        return bool(self._wanted)

    def want(self, names: Iterable[str]) -> None:
        """Set which processes are followed, now or once they are there."""
        self._wanted = set(names)
        self.arrange(self._listed)

    def arrange(self, processes: Mapping[str, ProcessInfo]) -> None:
        """End what is not wanted, and begin what is wanted and there."""
        self._listed = processes
        self._prune()
        followed = {name for group in self._groups for name in group.members}
        missing = [name for name in sorted(self._wanted - followed) if self._has_more(name)]
        if missing and self.tasks is not None and monotonic() >= self._not_before:
            for start in range(0, len(missing), _LARGEST_GROUP):
                group = self._group(missing[start : start + _LARGEST_GROUP])
                self._groups.add(group)
                group.task = self.tasks.create_task(self._follow(group))

    def _prune(self) -> None:
        """End groups that are hardly wanted; let go of processes that ended and whose name another one has."""
        for group in list(self._groups):
            for name in group.ended & self._listed.keys():
                if group.members.get(name, ()) != identity_of(self._listed[name]):
                    group.members.pop(name, None)
            wanted = len(group.members.keys() & self._wanted)
            if wanted * 2 < len(group.members) or not wanted:
                self._groups.discard(group)
                group.stop()

    def _has_more(self, name: str) -> bool:
        info = self._listed.get(name)
        return info is not None and not self._books.is_complete(name, identity_of(info))

    def _group(self, names: list[str]) -> Group:
        pids = Counter(info.get("pid") for info in self._listed.values())
        members = {name: identity_of(self._listed[name]) for name in names}
        words = [
            str(pid) if pids[pid] == 1 and str(pid) not in self._listed else name for name, (pid, _) in members.items()
        ]
        return Group(members, words)

    async def _follow(self, group: Group) -> None:
        try:
            await Streaming(group, self._connect, self._books, self._allowance).run()
        except LostConnectionError:
            self._books.cut_off(group.members)
        except (Error, ProtocolError):
            # Most likely a process has left the list; there is another group once that has been read again.
            self._not_before = monotonic() + _REFUSED_SECONDS
        finally:
            self._groups.discard(group)
        self._changed()

    def turn(self, now: float) -> None:
        """Grant time for taking in output; tell the log, once a second, what has come."""
        self._allowance.grant()
        self._books.trim()
        if now - self._summed_up >= _SUMMARY_SECONDS:
            self._summed_up = now
            for group in self._groups:
                records, count = group.take_summary()
                if records:
                    names = shorten(clean_line(" ".join(group.members)), _SHOWN)
                    self._log.tell(f"{records:,} records of output, {size(count)} in all: {names}", _LABEL, now)

    def pause(self) -> None:
        """Follow nothing until the processes have been listed again."""
        for group in list(self._groups):
            group.stop()

    def stop(self) -> None:
        """Follow nothing any more."""
        self.tasks = None
        self.pause()
