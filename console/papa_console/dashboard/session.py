"""What all parts of a running console share: its kernel, its settings, what it has been told and what it made."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from papa_console.dashboard.files.config import Config
from papa_console.dashboard.files.state import State
from papa_console.dashboard.held.link import Link
from papa_console.dashboard.held.snapshot import Snapshot
from papa_console.dashboard.held.vitals import Vitals
from papa_console.dashboard.journal import Journal
from papa_console.dashboard.options import Options


@dataclass
class Session:
    """One run of the console.

    Args:
        options: what was asked for on the command line.
        config: the user's settings.
        state: what is remembered from run to run.
        link: the kernel.
        vitals: CPU and memory of processes.
        own: the processes that were made from this console.
    """

    options: Options
    config: Config
    state: State
    link: Link
    vitals: Vitals
    journal: Journal = field(default_factory=Journal)
    own: set[str] = field(default_factory=set)

    @property
    def snapshot(self) -> Snapshot:
        """What the kernel holds, as last seen."""
        return self.link.snapshot

    def now(self) -> float:
        """Return the time of day in seconds since 1970; a picture's clock stands still."""
        return self.options.still or time.time()

    def held(self, kind: str) -> Mapping[str, object]:
        """Return what the kernel holds of one kind, by name."""
        snapshot = self.snapshot
        return {"processes": snapshot.processes, "sockets": snapshot.sockets, "values": snapshot.values}[kind]
