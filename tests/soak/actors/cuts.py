"""A watcher whose connection breaks in the middle of everything, and who comes back."""

import socket
import struct
from functools import partial
from typing import ClassVar

from papa_protocol.words import Dialect
from soak.accounts import Accounts, expect
from soak.actor import Actor
from soak.bare import begin, make, read_batch, speak
from soak.plans import MIB, plan_of
from support.waiting import wait_for
from support.wire import Wire

_RESET = struct.pack("ii", 1, 0)


class Cuts(Actor):
    """Watches one process over bare connections, each of which breaks sooner or later."""

    kind: ClassVar[str] = "cuts"

    def act(self) -> None:
        name, plan = self.new_name(), plan_of(self.random, self.random.randint(1, 3 * MIB))
        accounts = Accounts()
        accounts.open(name, plan)
        with self.stage.wire(self.random) as wire:
            make(wire, name, plan, f"bufsize={4 * MIB}")
            while accounts.unfinished:
                accounts.begin()
                self._watch(accounts, name)
                # What it acknowledged is released only if no connection before it was still watching.
                wait_for(partial(self._is_alone, wire, name), f"the connection that watched {name} has gone")
            expect(wire.command(f"list processes {name}"), "", "a process whose end was acknowledged")
        expect(accounts.by_name[name].safe.lost, 0, f"bytes of {name} lost in a buffer that holds all of them")
        self.bytes += accounts.bytes

    @staticmethod
    def _is_alone(wire: Wire, name: str) -> bool:
        return " watchers=" not in wire.command(f"list processes {name}")

    def _watch(self, accounts: Accounts, name: str) -> None:
        with self.stage.wire(self.random) as wire:
            speak(wire, self.random.choice((Dialect.V1, Dialect.V2)))
            begin(wire, f"watch processes {name}", "Watching 1")
            batches = self.random.randint(0, 6)
            for _ in range(batches):
                records = read_batch(wire)
                if records is None:
                    return
                accounts.take(records)
                accounts.acknowledge()
                wire.send("\n")
            if accounts.unfinished:
                self._break(wire, acknowledged=batches > 0)
            else:
                wire.read_until(b"Nothing left to watch\n> ")  # so the last line has been acted upon

    def _break(self, wire: Wire, *, acknowledged: bool) -> None:
        """Get some of the next batch, and leave without a word.

        What was acknowledged is known to have been only when the next batch comes: a reset takes back what TCP still
        holds back of it.
        """
        if not wire.buffer and (acknowledged or self.chance(0.8)):
            wire.buffer += wire.socket.recv(self.random.choice((1, 100, 100_000)))
        if self.chance(0.5):
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
