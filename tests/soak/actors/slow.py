"""Clients that read slowly: answers wait for them, output does not."""

import time
from typing import ClassVar

from papa_protocol.words import Dialect
from soak.accounts import Accounts, expect
from soak.actor import Actor
from soak.bare import begin, make, read_batch, speak
from soak.plans import KIB, MIB, plan_of
from support.wire import Wire


class Slow(Actor):
    """Asks for more than it reads, and watches more than it can keep up with."""

    kind: ClassVar[str] = "slow"

    def act(self) -> None:
        self.random.choice((self._ask, self._watch))()

    def _dawdle(self, most: float) -> None:
        time.sleep(self.random.random() * most)

    def _ask(self) -> None:
        """Send many commands ahead, whose answers are more than the kernel keeps for one; then read them slowly."""
        name, value = self.new_name(), "x" * self.random.randint(1, 64 * KIB)
        with self.stage.wire(self.random) as wire:
            expect(wire.command(f"set {name} {value}"), "", "the reply to set")
            count = self.random.randint(1, 4 * MIB // len(value) % 200 + 1)
            wire.send(f"get {name}\n" * count)
            wanted = f"{value}\n> ".encode()
            for _ in range(count):
                expect(self._read_slowly(wire, len(wanted)), wanted, f"the value {name}")
            expect(wire.command(f"remove values {name}"), "", "the reply to remove")

    def _read_slowly(self, wire: Wire, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += wire.read_exactly(min(self.random.choice((1000, 65536)), count - len(data)))
            self._dawdle(0.001)
        self.bytes += count
        return data

    def _watch(self) -> None:
        """Watch a process that writes more than its buffer holds: what is lost is told to the byte."""
        name, plan = self.new_name(), plan_of(self.random, self.random.randint(0, 2 * MIB))
        accounts = Accounts()
        accounts.open(name, plan)
        with self.stage.wire(self.random) as wire:
            speak(wire, Dialect.V2)
            make(wire, name, plan, f"bufsize={self.random.randint(1, 128) * KIB}")
            begin(wire, f"watch processes {name}", "Watching 1")
            while (records := read_batch(wire)) is not None:
                accounts.take(records)
                self._dawdle(self.random.choice((0.001, 0.5)))
                accounts.acknowledge()
                wire.send("\n")
        expect(accounts.unfinished, [], "processes whose end was not told")
        self.bytes += accounts.bytes
