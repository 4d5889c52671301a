"""A pattern that takes in processes as they are made, by a watcher on asyncio who comes and goes."""

import asyncio
import contextlib
import os
import signal
from typing import ClassVar

from papa.aio import AsyncPapa, AsyncWatcher
from papa_protocol.watch import Record
from soak.accounts import Accounts, expect
from soak.actor import Actor
from soak.plans import Plan, short_plan

# It would write if it were left alone; it keeps the watch going until it is killed.
_SLEEPER = Plan(0, 0, ending=-signal.SIGKILL)


class Herd(Actor):
    """Makes a herd of short processes while a pattern watches them all."""

    kind: ClassVar[str] = "herd"

    def act(self) -> None:
        asyncio.run(self._act())

    async def _act(self) -> None:
        accounts = Accounts()
        namespace = self.new_name()
        async with self.stage.async_papa(self.random) as papa:
            sleeper = f"{namespace}.sleeper"
            accounts.open(sleeper, _SLEEPER)
            made = await papa.make_process(sleeper, "/bin/sleep", "1000")
            breeding = asyncio.create_task(self._breed(papa, namespace, accounts, made["pid"]))
            while accounts.unfinished:
                accounts.begin()
                await self._follow(accounts, await papa.watch_processes(f"{namespace}.*"))
            await breeding
            expect(await papa.list_processes(f"{namespace}.*"), {}, "processes whose ends were acknowledged")
        self.bytes += accounts.bytes

    async def _breed(self, papa: AsyncPapa, namespace: str, accounts: Accounts, sleeper: int) -> None:
        """Make processes one after the other, then end the one that keeps the watch going."""
        for number in range(self.random.randint(1, 12)):
            name, plan = f"{namespace}.{number}", short_plan(self.random)
            accounts.open(name, plan)
            await papa.make_process(name, args=plan.words)
        os.kill(sleeper, signal.SIGKILL)

    async def _follow(self, accounts: Accounts, watcher: AsyncWatcher) -> None:
        while watcher:
            records = await self._read(watcher)
            accounts.take(records)
            if self.chance(0.1):
                watcher.abandon()
                return
            if records:
                accounts.acknowledge()
                await watcher.acknowledge()

    async def _read(self, watcher: AsyncWatcher) -> list[Record]:
        """Return the next batch; now and then lose patience, which loses nothing."""
        while True:
            patience = self.random.choice((None, self.random.random() / 50))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    return await watcher.read_records()
