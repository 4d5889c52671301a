"""Several watchers and tails of one process, who come and go."""

import select
from typing import ClassVar

from papa.errors import CommandFailedError
from papa.watcher import Tail, Watcher
from soak.accounts import Account, DiffersError, expect
from soak.actor import Actor
from soak.plans import MIB, Plan, plan_of_one_stream
from soak.stage import Stage

_MOST_READERS = 4


class Reader:
    """One of several readers, and its own account."""

    def __init__(self, stream: Watcher | Tail, name: str, plan: Plan) -> None:
        self.stream = stream
        self.account = Account(name, plan, None)
        self.first: int | None = None  # where it began

    def read(self) -> None:
        """Take in a batch; what was read before counts as acknowledged."""
        for record in self.stream.read_records():
            self.account.take(record)
            if self.first is None and self.account.here is not None:
                self.first = self.account.here.position - max(len(record.data), 1)

    @property
    def reached(self) -> int:
        """How far it has read."""
        return self.account.here.position if self.account.here else 0


class Sharing(Actor):
    """Reads the output of one process several times at once: nothing that nobody acknowledged may be missing."""

    kind: ClassVar[str] = "sharing"

    def __init__(self, stage: Stage, name: str, seed: str) -> None:
        super().__init__(stage, name, seed)
        self._readers: list[Reader] = []
        self._acknowledged = 0  # by anyone
        self._first = 0  # where the last reader began

    def act(self) -> None:
        self._acknowledged = self._first = 0
        name, plan = self.new_name(), plan_of_one_stream(self.random, self.random.randint(1, 2 * MIB))
        with self.stage.papa(self.random) as papa:
            papa.make_process(name, args=plan.words, bufsize=4 * MIB)
            for _ in range(self.random.randint(1, 40)):
                if not self._step(name, plan):
                    break
            self._leave_all()
            self._read_the_rest(name, plan)
            expect(papa.list_processes(name), {}, "a process whose end was acknowledged")
            expect(self._acknowledged, plan.size + 1, f"what was acknowledged of {name}")

    def _step(self, name: str, plan: Plan) -> bool:
        """Let somebody come, read or leave; return whether the process is still there."""
        if not self._readers or (len(self._readers) < _MOST_READERS and self.chance(0.3)):
            return self._come(name, plan)
        if self.chance(0.2):
            self._leave(self.random.choice(self._readers))
            return True
        for reader in self._ready():
            self._read(reader)
        return True

    def _come(self, name: str, plan: Plan) -> bool:
        papa = self.stage.papa(self.random)
        follow = self.random.choice((papa.watch_processes, papa.tail_processes))
        try:
            self._readers.append(Reader(follow(name), name, plan))
        except CommandFailedError:
            papa.close()
            return False
        return True

    def _ready(self) -> list[Reader]:
        """Return the readers for whom something has come, waiting a moment."""
        streams = {reader.stream.fileno(): reader for reader in self._readers}
        readable, _, _ = select.select(streams, [], [], 0.05)
        return [streams[fd] for fd in readable]

    def _read(self, reader: Reader) -> None:
        self._note_acknowledged(reader)
        before = reader.first
        reader.read()
        if before is None and reader.first is not None:
            self._check_beginning(reader.first)
        if not reader.stream:
            self._go(reader)

    def _note_acknowledged(self, reader: Reader) -> None:
        if isinstance(reader.stream, Watcher):
            self._acknowledged = max(self._acknowledged, reader.reached)

    def _check_beginning(self, first: int) -> None:
        if first > self._acknowledged:
            raise DiffersError(f"a reader begins at {first}, but only {self._acknowledged} was acknowledged")

    def _leave(self, reader: Reader) -> None:
        if self.chance(0.5):
            reader.stream.abandon()
        else:
            self._note_acknowledged(reader)
            reader.stream.close()
        self._go(reader)

    def _go(self, reader: Reader) -> None:
        if reader.account.here is not None:
            expect(reader.account.here.lost, 0, f"bytes of {reader.account.name} lost in a buffer that holds all")
        self.bytes += reader.account.bytes
        self._readers.remove(reader)

    def _leave_all(self) -> None:
        for reader in list(self._readers):
            self._leave(reader)

    def _read_the_rest(self, name: str, plan: Plan) -> None:
        """Read to the end, alone, unless everything has been acknowledged."""
        with self.stage.papa(self.random) as papa:
            if not papa.list_processes(name):
                return
            reader = Reader(papa.watch_processes(name), name, plan)
            self._readers.append(reader)
            while reader in self._readers:
                self._read(reader)
