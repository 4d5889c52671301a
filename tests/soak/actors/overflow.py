"""Writers that nobody watches, with buffers too small for them: every byte is held or counted."""

from typing import ClassVar

from papa_protocol.watch import Kind, Record
from papa_protocol.words import Dialect
from soak.accounts import Account, DiffersError, Mark, expect
from soak.actor import Actor
from soak.bare import begin, make, read_batch, speak
from soak.plans import KIB, Plan, plan_of, plan_of_one_stream
from soak.stage import PATIENCE
from support.waiting import wait_for
from support.watching import field_of
from support.wire import Wire


class Overflow(Actor):
    """Lets a process overflow its buffer, then looks at what is left, again and again."""

    kind: ClassVar[str] = "overflow"

    def act(self) -> None:
        bufsize = self.random.randint(256, 64 * KIB)
        size = self.random.randint(0, 20 * bufsize)
        plan = self.random.choice((plan_of, plan_of_one_stream))(self.random, size)
        name = self.new_name()
        with self.stage.wire(self.random) as wire:
            speak(wire, Dialect.V2)
            make(wire, name, plan, f"bufsize={bufsize}")
            if self.chance(0.1):
                self._remove(wire, name)
                return
            held = self._await_end(wire, name, plan, bufsize)
            self._read_twice(wire, name, plan, held)
            expect(wire.command(f"list processes {name}"), "", "a process whose end was acknowledged")

    def _remove(self, wire: Wire, name: str) -> None:
        """Forget the process: it leaves the list when it ends."""
        expect(wire.command(f"remove processes {name}"), "", "the reply to remove")
        wait_for(lambda: not wire.command(f"list processes {name}"), f"{name} has left the list", PATIENCE)

    def _await_end(self, wire: Wire, name: str, plan: Plan, bufsize: int) -> int:
        """Return how many bytes are held once all have been read."""
        row = wait_for(lambda: self._row_at(wire, name, plan.size + 1), f"all of {name} has been read", PATIENCE)
        held, dropped = int(field_of(row, "buffered")), int(field_of(row, "dropped"))
        expect(held + dropped, plan.size, f"bytes of {name} held and dropped")
        expect(int(field_of(row, "status")), plan.ending, f"the exit status of {name}")
        least = bufsize // 2 if dropped else plan.size
        if not least <= held <= bufsize:
            raise DiffersError(f"{name} holds {held} bytes of {plan.size}, with a bufsize of {bufsize}")
        return held

    def _row_at(self, wire: Wire, name: str, position: int) -> str:
        row = wire.command(f"list processes {name}")
        return row if int(field_of(row, "position")) >= position else ""

    def _read_twice(self, wire: Wire, name: str, plan: Plan, held: int) -> None:
        """See the same in a tail and in a watch, the second from a position on where the first was released."""
        records = self._tail(wire, name)
        account = self._check(name, plan, records, Mark())
        expect(account.here and account.here.lost, plan.size - held, f"bytes of {name} told to be lost")
        start = self._release(wire, name, plan, records)
        account = self._check(name, plan, self._watch(wire, name), start)
        self.bytes += account.bytes

    def _tail(self, wire: Wire, name: str) -> list[Record]:
        begin(wire, f"tail processes {name}", "Tailing 1")
        records: list[Record] = []
        while (batch := read_batch(wire)) is not None:
            records += batch
        return records

    def _watch(self, wire: Wire, name: str) -> list[Record]:
        begin(wire, f"watch processes {name}", "Watching 1")
        records: list[Record] = []
        while (batch := read_batch(wire)) is not None:
            records += batch
            wire.send("\n")
        return records

    def _check(self, name: str, plan: Plan, records: list[Record], start: Mark) -> Account:
        account = Account(name, plan, start)
        for record in records:
            account.take(record)
        expect(records[-1].kind, Kind.CLOSED, f"the last record of {name}")
        return account

    def _release(self, wire: Wire, name: str, plan: Plan, records: list[Record]) -> Mark:
        """Acknowledge some of the records, or none; return where the next reader must begin."""
        account = Account(name, plan)
        count = self.random.randint(0, len(records) - 1)
        for record in records[:count]:
            account.take(record)
        assert account.here is not None
        position = account.here.position
        if not any(record.kind is not Kind.LOST for record in records[:count]):
            return Mark()
        expect(wire.command(f"acknowledge processes {name} upto={position}"), "", "the reply to acknowledge")
        row = wire.command(f"list processes {name}")
        expect(int(field_of(row, "buffered")), plan.size - position, f"bytes of {name} held after an acknowledgement")
        return account.here
