"""A kernel that stands still, for pictures that come out the same every time: fixed facts, times and PIDs."""

import time
from collections.abc import Iterable, Mapping, Sequence

from papa.errors import LostConnectionError
from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.link import Link
from papa_console.dashboard.held.snapshot import Connection, KernelState, Snapshot
from papa_protocol.model import KernelInfo, ProcessInfo, SocketInfo
from papa_protocol.watch import Kind, Record

NOW = time.mktime((2026, 11, 23, 16, 13, 40, 0, 0, -1))  # in whichever time zone
VERSION = "2.0.0"


def info(**counts: int) -> KernelInfo:
    """Return what ``info`` would say."""
    facts: KernelInfo = {
        "version": VERSION, "pid": 4201, "started": NOW - 273_900, "uptime": 273_900.0,
        "endpoints": ["/run/papa.sock"], "connections": 2,
    }  # fmt: skip
    facts.update(counts)  # type: ignore[typeddict-item]
    return facts


def process(pid: int, age: float, args: str, **facts: object) -> ProcessInfo:
    """Return a row of a process that was started ``age`` seconds ago."""
    row: dict[str, object] = {
        "pid": pid, "running": "status" not in facts, "started": NOW - age, "bufsize": 2**20, "buffered": 0,
        "dropped": 0, "position": 0, "args": args, "argv": args.split(" "), **facts,
    }  # fmt: skip
    return row  # type: ignore[return-value]


class StillLink(Link):
    """Stands for a link; nothing happens unless a test lets it.

    Args:
        processes, sockets, values: what the kernel holds.
        kernel: how the connection is; None: up.
    """

    def __init__(
        self,
        processes: Mapping[str, ProcessInfo] | None = None,
        sockets: Mapping[str, SocketInfo] | None = None,
        values: Mapping[str, str] | None = None,
        kernel: KernelState | None = None,
    ) -> None:
        super().__init__("/run/papa.sock", clock=lambda: NOW, on_change=lambda: None)
        held = (processes or {}, sockets or {}, values or {})
        counts = dict(zip(("processes", "sockets", "values"), map(len, held), strict=True))
        buffered = sum(row.get("buffered", 0) for row in held[0].values())
        dropped = sum(row.get("dropped", 0) for row in held[0].values())
        state = kernel or KernelState(
            "/run/papa.sock", Connection.UP, since=NOW - 600, epoch=1,
            info=info(**counts, buffered=buffered, dropped=dropped),
        )  # fmt: skip
        self.snapshot = Snapshot(state, *held, taken=NOW, revision=1)
        self.history = History()
        self.sent: list[list[str]] = []
        self.followed: list[str] = []
        self.turns = 0

    def follow(self, names: Iterable[str]) -> None:
        self.followed = list(names)

    def turn(self) -> None:
        """Take in nothing; count the turns of the screen."""
        self.turns += 1

    def retry(self) -> None:
        """Stay as it is."""

    def refresh(self) -> None:
        """Stay as it is."""

    async def request(self, words: Sequence[str]) -> str:
        if self.snapshot.kernel.connection is not Connection.UP:
            raise LostConnectionError("The connection to the kernel is closed")
        self.sent.append(list(words))
        return ""

    async def refresh_now(self) -> None:
        if self.snapshot.kernel.connection is not Connection.UP:
            raise LostConnectionError("Not connected to the kernel")

    async def close(self) -> None:
        """End nothing."""

    def write(self, name: str, *pieces: tuple[float, str, str]) -> None:
        """Let a process write: (seconds before now, ``out``, ``err``, ``closed`` or ``lost``, text or number)."""
        store = self.storage.store(name)
        if not store.position and name in self.snapshot.processes:
            written = sum(len(text.encode()) if kind in ("out", "err") else 1 for _, kind, text in pieces)
            store.position = self.snapshot.processes[name].get("position", 0) - written
        for before, kind, text in pieces:
            data = text.encode() if kind in ("out", "err") else b""
            number = 0 if data else int(text)
            end = store.position + (len(data) if data else number if kind == "lost" else 1)
            store.add(Record(Kind(kind), name, NOW - before, data, number, end))
