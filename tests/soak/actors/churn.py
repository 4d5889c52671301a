"""Processes that start, write and end, one handful after the other, and one watcher who comes and goes."""

from typing import ClassVar

from papa.client import Papa
from papa.watcher import Watcher
from soak.accounts import Accounts, expect
from soak.actor import Actor
from soak.plans import any_plan
from soak.stage import Stage


class Churn(Actor):
    """Makes processes of any kind through the blocking client, and takes in everything that they write."""

    kind: ClassVar[str] = "churn"

    def __init__(self, stage: Stage, name: str, seed: str) -> None:
        super().__init__(stage, name, seed)
        self._papa: Papa = stage.papa(self.random)

    def act(self) -> None:
        accounts = Accounts()
        watcher = self._make(accounts)
        self._follow(accounts, watcher)
        while names := accounts.unfinished:
            accounts.begin()
            self._follow(accounts, self._papa.watch_processes(*names))
        self.bytes += accounts.bytes
        expect(self._papa.list_processes(*accounts.by_name), {}, "processes whose ends were acknowledged")

    def finish(self) -> None:
        self._papa.close()

    def _make(self, accounts: Accounts) -> Watcher:
        """Start some processes; return a watcher of the last."""
        for _ in range(self.random.randint(0, 5)):
            self._open(accounts, watch=False)
        watcher = self._open(accounts, watch=True)
        assert watcher is not None
        return watcher

    def _open(self, accounts: Accounts, *, watch: bool) -> Watcher | None:
        name, plan = self.new_name(), any_plan(self.random)
        accounts.open(name, plan)
        bufsize = self.random.choice((None, 64 * 1024, "8m"))
        if watch:
            return self._papa.make_process(
                name, args=plan.words, bufsize=bufsize, linger=plan.linger, watch_immediately=True
            )
        self._papa.make_process(name, args=plan.words, bufsize=bufsize, linger=plan.linger)
        return None

    def _follow(self, accounts: Accounts, watcher: Watcher) -> None:
        """Read to the end of a watch, or leave it earlier, with its last batch acknowledged or not."""
        while watcher:
            records = watcher.read_records()
            accounts.take(records)
            if self.chance(0.1):
                watcher.abandon()
                return
            accounts.acknowledge()
            if self.chance(0.1):
                watcher.close()
            else:
                watcher.acknowledge()
