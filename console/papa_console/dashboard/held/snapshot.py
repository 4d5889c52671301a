"""What the kernel holds at one moment, and how the connection to it is. Pure."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from papa_console.dashboard.output.lines import end_text
from papa_protocol.model import KernelInfo, ProcessInfo, SocketInfo
from papa_protocol.words import Dialect


class Connection(Enum):
    """How the connection to the kernel is."""

    CONNECTING = "connecting"
    """It has never been up."""
    UP = "up"
    LOST = "lost"
    """It was up before."""
    ABSENT = "absent"
    """No kernel listens, and none has been met yet."""
    REFUSED = "refused"
    """What listens is not a kernel, or not this user's."""


@dataclass(frozen=True, slots=True)
class KernelState:
    """The kernel, as far as it is known.

    Args:
        endpoint: as people write it.
        connection: how the connection is.
        reason: why it is not up, and what to do, in words for users.
        since: when ``connection`` became what it is, in seconds since 1970.
        retry_at: when it is tried again; None while it is up or being tried.
        info: what the kernel said about itself last; empty for papa 1.0.
        dialect: the dialect agreed on; 1 means a papa 1.0 kernel.
        epoch: grows with each other kernel that is met.
    """

    endpoint: str
    connection: Connection
    reason: str = ""
    since: float = 0.0
    retry_at: float | None = None
    info: KernelInfo = field(default_factory=KernelInfo)
    dialect: Dialect = Dialect.V2
    epoch: int = 0

    @property
    def starter(self) -> str:
        """The command of a shell that starts a kernel there."""
        if self.endpoint.startswith("/"):
            return f"papa -u {shlex.quote(self.endpoint)}"
        return f"papa -p {self.endpoint.rpartition(':')[2]}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the kernel holds; a mapping in which nothing has changed stays the same object.

    Args:
        kernel: the kernel.
        processes: by name.
        sockets: by name.
        values: by name.
        taken: when, in seconds since 1970.
        revision: changes when anything but ``taken`` and the kernel's uptime does.
    """

    kernel: KernelState
    processes: Mapping[str, ProcessInfo] = field(default_factory=dict)
    sockets: Mapping[str, SocketInfo] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    taken: float = 0.0
    revision: int = 0


def state_of(info: ProcessInfo) -> str:
    """Return how a process is, in words: ``running``, ``exited 3``, ``killed by SIGTERM``, ``ended``."""
    if info.get("running"):
        return "running"
    status = info.get("status")
    if status is None:
        return "ended"
    return end_text(status)


def unacknowledged(info: ProcessInfo) -> int:
    """Return how many bytes of output nobody has acknowledged; 0 where the kernel does not say."""
    return info.get("buffered", 0)


def acknowledged_position(info: ProcessInfo) -> int | None:
    """Return the position up to which output has been acknowledged or dropped; None where the kernel does not say.

    The end of a listed process, which takes a position of its own, has never been acknowledged.
    """
    if "position" not in info:
        return None
    return max(info["position"] - info.get("buffered", 0) - ("status" in info), 0)
