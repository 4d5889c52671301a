"""What actors have in common: a seed, a thread, and a count of what they did."""

import traceback
from random import Random
from typing import ClassVar

from soak.stage import Stage


class Actor:
    """One who drives the kernel in its own way until the round is over, and checks what it gets.

    Args:
        stage: what it drives.
        name: its own, and the namespace of everything that it makes.
        seed: where its decisions come from.
    """

    kind: ClassVar[str]

    def __init__(self, stage: Stage, name: str, seed: str) -> None:
        self.stage = stage
        self.name = name
        self.seed = seed
        self.random = Random(seed)
        self.actions = 0
        self.bytes = 0
        self.failure = ""
        self._made = 0

    def act(self) -> None:
        """Do something, and see to its end."""
        raise NotImplementedError

    def finish(self) -> None:
        """Leave nothing behind."""

    def new_name(self) -> str:
        """Return a name that nothing has had."""
        self._made += 1
        return f"{self.name}.{self._made}"

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def run(self) -> None:
        """Act until the round is over, or something differs: then the round is over for all."""
        try:
            while not self.stage.stop.is_set():
                self.act()
                self.actions += 1
            self.finish()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the run has failed
            self.failure = f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
            self.stage.stop.set()
