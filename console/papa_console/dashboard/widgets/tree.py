"""Dotted names folded into a tree of namespaces. Pure.

A namespace is known by its pattern, ``web.*``, and is a row of its own where it has at least two members. Where all of
them share a longer prefix, the namespace is that: no row has a single other row under it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

_DEEPEST = 8
Order = Callable[[list[str]], list[str]]


@dataclass(frozen=True, slots=True)
class Node:
    """A row of the tree.

    Args:
        label: what it is called under its namespace.
        depth: how many namespaces it is in.
        parent: the pattern of the innermost of these, None at the top.
        members: the names that it stands for, if it is a namespace.
    """

    label: str
    depth: int
    parent: str | None
    members: tuple[str, ...] = ()


@dataclass
class Tree:
    """All rows, folded away or not.

    Args:
        names: the names, in the order in which rows are to stand unless sorted otherwise.
    """

    names: Sequence[str]
    nodes: dict[str, Node] = field(default_factory=dict, init=False)
    opened: frozenset[str] = field(default=frozenset(), init=False)
    _children: dict[str | None, list[str]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._grow(self.names, "", None, 0)

    def _grow(self, names: Iterable[str], prefix: str, parent: str | None, depth: int) -> None:
        heads: dict[str, list[str]] = {}
        for name in names:
            head, dot, _ = name[len(prefix) :].partition(".")
            heads.setdefault(head + dot if dot and depth < _DEEPEST else name[len(prefix) :] + "\0", []).append(name)
        for members in heads.values():
            inner = _shared(min(members), max(members)) if len(members) > 1 else ""
            if inner and inner + "*" not in members:
                self._add(inner + "*", Node(inner[len(prefix) : -1] or ".", depth, parent, tuple(members)))
                self._grow(members, inner, inner + "*", depth + 1)
            else:
                for name in members:
                    self._add(name, Node(name[len(prefix) :], depth, parent))

    def _add(self, key: str, node: Node) -> None:
        self.nodes[key] = node
        self._children.setdefault(node.parent, []).append(key)

    def rows(self, order: Order, opened: Callable[[str], bool]) -> list[str]:
        """Return the rows that are not folded away, each namespace before what is in it.

        Args:
            order: sorts rows of one namespace.
            opened: whether a namespace is unfolded.
        """
        self.opened = frozenset(key for key, node in self.nodes.items() if node.members and opened(key))
        return list(self._rows(None, order))

    def _rows(self, parent: str | None, order: Order) -> Iterator[str]:
        for key in order(self._children.get(parent, [])):
            yield key
            if key in self.opened:
                yield from self._rows(key, order)

    def is_namespace(self, key: str) -> bool:
        """Whether a row is a namespace."""
        return key in self.nodes and bool(self.nodes[key].members)

    def members(self, key: str) -> Sequence[str]:
        """Return the names that a row stands for."""
        return (key in self.nodes and self.nodes[key].members) or (key,)

    def parent(self, key: str) -> str | None:
        """Return the namespace that a row is in."""
        return self.nodes[key].parent if key in self.nodes else None

    def above(self, key: str) -> list[str]:
        """Return the namespaces that a row is in, the innermost first."""
        found: list[str] = []
        while (parent := self.parent(found[-1] if found else key)) is not None:
            found.append(parent)
        return found


def _shared(first: str, last: str) -> str:
    """Return what two names share up to a dot; all names sorted between them share it too."""
    length = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[: first.rfind(".", 0, length) + 1]
