"""The list of sockets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from papa_console.dashboard.held.history import History
from papa_console.dashboard.held.snapshot import Snapshot
from papa_console.dashboard.held.wiring import users_of
from papa_console.dashboard.widgets.columns import Cell, Column, cut_start, tidy
from papa_console.dashboard.widgets.figures import UNKNOWN
from papa_console.dashboard.widgets.held_list import HeldList, Vitals
from papa_console.dashboard.widgets.table import VirtualTable
from papa_console.dashboard.widgets.table_model import Model
from papa_protocol.model import SocketInfo

_TYPES = {
    ("inet", "stream"): "tcp",
    ("inet6", "stream"): "tcp6",
    ("unix", "stream"): "unix",
    ("inet", "dgram"): "udp",
    ("inet6", "dgram"): "udp6",
}


@dataclass(frozen=True)
class SocketFacts:
    """What is known now.

    Args:
        sockets: what the kernel holds.
        users: the processes that use each.
    """

    sockets: Mapping[str, SocketInfo]
    users: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def info(self, name: str) -> SocketInfo:
        """Return what the kernel says of a socket."""
        return self.sockets.get(name) or SocketInfo()


def type_of(info: SocketInfo) -> str:
    """Return family and type in a word: ``tcp``, ``tcp6``, ``unix``, ``udp``."""
    family, kind = str(info.get("family", "")), str(info.get("type", "stream"))
    return _TYPES.get((family, kind)) or tidy(f"{family} {kind}".strip())


def address_of(info: SocketInfo) -> str:
    """Return where a socket is bound: its path, or its host and port."""
    if "path" in info:
        return tidy(str(info["path"]))
    host, port = tidy(str(info.get("host", ""))), info.get("port", "")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def flags_of(info: SocketInfo) -> list[str]:
    """Return the options that are not the usual ones."""
    flags = ["reuseport"] if info.get("reuseport") else []
    if info.get("interface"):
        flags.append(f"on {tidy(str(info['interface']))}")
    umask = info.get("umask")
    if umask is not None:
        flags.append(f"umask {umask:03o}" if isinstance(umask, int) else f"umask {tidy(str(umask))}")
    return flags


def users_text(users: Sequence[str], width: int) -> str:
    """Return who uses a socket, as many names as there is room for."""
    names = [tidy(user) for user in users]
    texts = [", ".join(names), *(f"{', '.join(names[:shown])} +{len(names) - shown}" for shown in (2, 1))]
    fitting = [text for text in texts[: 1 + len(names)] if len(text) <= width]
    return fitting[0] if fitting else names[0] if len(names) == 1 else f"×{len(names)}"


def _name(_: SocketFacts, key: str, __: int) -> Cell:
    return ((tidy(key), "name"),)


def _address(facts: SocketFacts, key: str, width: int) -> Cell:
    return ((cut_start(address_of(facts.info(key)), width), ""),)


def _type(facts: SocketFacts, key: str, _: int) -> Cell:
    return ((type_of(facts.info(key)), "muted"),)


def _number(field_name: str) -> "Column[SocketFacts]":
    title, least, rank = {"fileno": ("FD", 4, 3), "backlog": ("Backlog", 8, 5)}[field_name]

    def order(facts: SocketFacts, key: str) -> int | None:
        found = facts.info(key).get(field_name)
        return found if isinstance(found, int) else None

    def draw(facts: SocketFacts, key: str, _: int) -> Cell:
        found = order(facts, key)
        return ((UNKNOWN if found is None else str(found), "muted"),)

    return Column(field_name, title, draw, order, least=least, rank=rank, right=True)


def _flags(facts: SocketFacts, key: str, _: int) -> Cell:
    return ((" ".join(flags_of(facts.info(key))), "muted"),)


def _users(facts: SocketFacts, key: str, width: int) -> Cell:
    users = facts.users.get(key, ())
    return ((users_text(users, width), "") if users else (UNKNOWN, "muted"),)


def _user_count(facts: SocketFacts, key: str) -> int:
    return len(facts.users.get(key, ()))


COLUMNS: tuple[Column[SocketFacts], ...] = (
    Column("name", "Name", _name, lambda _, key: key, least=6, steady=True),
    Column("address", "Address", _address, lambda facts, key: address_of(facts.info(key)), least=14, good=15, most=36),
    Column("type", "Type", _type, lambda facts, key: type_of(facts.info(key)), least=4, good=5, most=10, rank=2),
    _number("fileno"),
    _number("backlog"),
    Column("flags", "Flags", _flags, least=9, most=24, rank=4),
    Column("users", "Used by", _users, _user_count, least=8, good=12, most=999, rank=1, falling=True),
)


class SocketTable(VirtualTable[SocketFacts]):
    """The table."""

    kind = "sockets"

    def __init__(self) -> None:
        super().__init__(Model(COLUMNS, "name"), "no sockets")


class SocketList(HeldList):
    """The sockets."""

    kind = "sockets"
    heading = "2 Sockets"
    _processes: Mapping[str, object] = MappingProxyType({})
    _facts = SocketFacts(MappingProxyType({}))

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.table = SocketTable()

    def show(self, snapshot: Snapshot, history: History, vitals: Vitals, now: float) -> None:  # noqa: ARG002
        """Show what the kernel holds."""
        if snapshot.processes is not self._processes or snapshot.sockets is not self._facts.sockets:
            self._processes, self._facts = snapshot.processes, SocketFacts(snapshot.sockets, users_of(snapshot))
        self.table.show(self._facts, snapshot.sockets)
        self.retitle()
