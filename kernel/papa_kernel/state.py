"""Everything that the kernel holds: sockets, values and processes, and how they refer to each other."""

from collections.abc import Iterable, Iterator, Mapping

from papa_kernel.journal import Journal
from papa_kernel.limits import VALUE_BYTES, VALUES, Limits
from papa_kernel.process import Process
from papa_kernel.processes import Processes
from papa_kernel.registry import Registry
from papa_kernel.replay import Replay, saved_values
from papa_kernel.saved import Writer
from papa_kernel.sockets import HeldSocket, Sockets
from papa_kernel.wiring import Wiring
from papa_protocol.model import ProcessSpec
from papa_protocol.words import to_bytes

# A million values in as many records would take seconds, and all in one a copy of each.
_VALUES_AT_ONCE = 10_000
_CHARACTERS_AT_ONCE = 1024 * 1024


class State:
    """The registries of the kernel.

    Args:
        processes: starts and holds processes.
        limits: bounds what is held.
        journal: is told what changes.
    """

    def __init__(self, processes: Processes, limits: Limits, journal: Journal) -> None:
        self.limits = limits
        self.processes = processes
        self.sockets = Sockets(limits, journal)
        self._journal = journal
        self.values: Registry[str] = Registry()
        self.value_bytes = 0  # of all values and their names
        self.value_changes = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is held."""
        return not (self.sockets.by_name or self.values or self.processes.by_name)

    @property
    def changes(self) -> int:
        """A count that grows with every change of what is held, but for output."""
        return self.processes.changes + self.sockets.changes + self.value_changes

    def set_value(self, name: str, value: str | None) -> None:
        """Keep a value, or forget it.

        Raises:
            CommandError: there would be too many values, or too much in them.
        """
        before = self.values.get(name)
        if before == value:
            return
        size = self.value_bytes - _size(name, before) + _size(name, value)
        if value is None:
            del self.values[name]
            self._journal.add("no value", {"name": name})
        else:
            self.limits.check(VALUE_BYTES, size)
            self.limits.check(VALUES, len(self.values) + (before is None))
            self.values[name] = value
            self._journal.add(*saved_values({name: value}))
        self.value_bytes = size
        self.value_changes += 1

    def make_process(self, name: str, spec: ProcessSpec) -> Process:
        """Return the process called ``name``, started now unless it is there already.

        Raises:
            CommandError: it cannot be started, or is there with other parameters.
        """
        process = self.processes.find(name, spec)
        if process is not None:
            return process
        with Wiring(self.sockets, spec.listen) as wiring:
            listen = wiring.listening()
            words = [wiring.fill(word) for word in spec.args]
            env = {key: wiring.fill(value) for key, value in spec.env.items()}
            if spec.shell:
                words = ["/bin/sh", "-c", " ".join(words)]
            passed = {*wiring.inherited, *listen.values()}
            others = [fd for fd in self.sockets.descriptors if fd not in passed]
            return self.processes.start(name, spec, words, env, wiring.inherited, closed=others, listen=listen)

    def save(self, writer: Writer, processes: Iterable[Process]) -> None:
        """Write what ``restore`` needs.

        Args:
            writer: where to.
            processes: the held ones and all others that are still of interest.
        """
        for held in self.sockets.by_name.values():
            writer.add("socket", held.saved)
        for some in _portions(self.values):
            writer.add(*saved_values(some))
        for process in processes:
            writer.add("process", process.saved, process.ring.pieces)
        changes = [self.processes.changes, self.sockets.changes, self.value_changes]
        listed = [process.number for process in self.processes.by_name.values()]
        writer.add("held", {"made": self.processes.made, "listed": listed, "changes": changes})

    def restore(self, replay: Replay) -> None:
        """Hold what another kernel held."""
        for saved in replay.sockets.values():
            self.sockets.restore(HeldSocket.restored(saved))
        self.values.fill(replay.values)
        self.value_bytes = sum(_size(name, value) for name, value in replay.values.items())
        _, self.sockets.changes, self.value_changes = replay.changes
        self.processes.restore(replay)


def _portions(values: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Cut values into portions, none of which is large, but for a value that is."""
    portion: dict[str, str] = {}
    size = 0
    for name, value in values.items():
        portion[name] = value
        size += len(value)
        if len(portion) == _VALUES_AT_ONCE or size > _CHARACTERS_AT_ONCE:
            yield portion
            portion, size = {}, 0
    if portion:
        yield portion


def _size(name: str, value: str | None) -> int:
    """Return how many bytes a value and its name have."""
    if value is None:
        return 0
    text = name + value
    return len(text) if text.isascii() else len(to_bytes(text))
