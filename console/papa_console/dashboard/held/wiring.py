"""Who is wired to what: which processes use which sockets, and which share a namespace with which values. Pure."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from papa_console.dashboard.held.snapshot import Snapshot
from papa_protocol.model import ProcessInfo
from papa_protocol.placeholders import FIELDS

# Only a name between "$(socket." and a known field, so that what no kernel substitutes wires nothing.
_PLACEHOLDER = re.compile(r"\$\(socket\.([^()]*)\.(?:" + "|".join(FIELDS) + r")\)")


def sockets_used(info: ProcessInfo) -> frozenset[str]:
    """Return the names of the sockets that the arguments of a process ask for, whether or not they are held."""
    return _named(info.get("args", ""))


@lru_cache(4096)
def _named(args: str) -> frozenset[str]:
    return frozenset(_PLACEHOLDER.findall(args)) if "$(socket." in args else frozenset()


def users_of(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return the names of the processes that use each held socket, in order; sockets without users are left out."""
    users: dict[str, list[str]] = {}
    for process, info in sorted(snapshot.processes.items()):
        for socket in sockets_used(info):
            if socket in snapshot.sockets:
                users.setdefault(socket, []).append(process)
    return users


def namespace(name: str) -> str:
    """Return what stands before the last dot of a name, empty where there is none."""
    return name.rpartition(".")[0]


def related(snapshot: Snapshot, kind: str, name: str) -> dict[str, set[str]]:
    """Return the rows of each kind that something is wired to; itself is not among them."""
    found: dict[str, set[str]] = {"processes": set(), "sockets": set(), "values": set()}
    if kind == "processes" and name in snapshot.processes:
        found["sockets"] = set(sockets_used(snapshot.processes[name]) & snapshot.sockets.keys())
        found["values"] = set(_near(name, snapshot.values))
    elif kind == "sockets":
        found["processes"] = {process for process, info in snapshot.processes.items() if name in sockets_used(info)}
    elif kind == "values":
        found["processes"] = set(_near(name, snapshot.processes))
    return found


def _near(name: str, others: Mapping[str, object]) -> Iterator[str]:
    """Yield the names with the namespace of ``name``, and those for which one is the other's namespace."""
    home = namespace(name)
    for other in others:
        place = namespace(other)
        if name in (other, place) or home == other or (home and home == place):
            yield other
