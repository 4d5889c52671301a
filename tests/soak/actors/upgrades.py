"""Upgrades of the kernel in the middle of everything."""

import signal
from typing import ClassVar

from papa.client import Papa
from papa_protocol.model import KernelInfo
from soak.accounts import expect
from soak.actor import Actor
from soak.stage import PATIENCE, Stage
from support.waiting import wait_for

_LONGEST_PAUSE = 4.0
# What the kernel's log says.
_DONE = " goes on in place of "
_FAILED = " it cannot be upgraded"


class Upgrades(Actor):
    """Replaces the kernel every few seconds, by command or by signal: nobody else may notice."""

    kind: ClassVar[str] = "upgrades"

    def __init__(self, stage: Stage, name: str, seed: str) -> None:
        super().__init__(stage, name, seed)
        self._papa: Papa = stage.papa(self.random)
        self._before: KernelInfo = self._papa.info()

    def act(self) -> None:
        self.stage.stop.wait(self.random.random() * _LONGEST_PAUSE)
        upgrades = self._upgrades()
        if self.chance(0.5):
            self._papa.upgrade()
        else:
            self.stage.kernel.signal(signal.SIGHUP)
        wait_for(lambda: self._upgrades() > upgrades, "the kernel is a new one", PATIENCE)
        self._check()

    def finish(self) -> None:
        self._papa.close()

    def _upgrades(self) -> int:
        """Return how often the log tells of an upgrade."""
        log = self.stage.kernel.log_text()
        expect(_FAILED in log, False, "whether the log tells of an upgrade that has failed")
        return log.count(_DONE)

    def _check(self) -> None:
        """See that the new kernel is the old one to its clients."""
        now = self._papa.info()
        for key in ("pid", "started", "endpoints", "limits"):
            expect(now.get(key), self._before.get(key), f"{key} after an upgrade")
