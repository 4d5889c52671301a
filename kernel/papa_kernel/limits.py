"""What the kernel takes in and holds at most.

Each limit is defined here once: its option, its line in ``info`` and the error of who meets it are made from that.
The defaults are far beyond what ordinary use needs. Who meets one loses the command and nothing else.
"""

import os
from collections.abc import Mapping
from types import MappingProxyType

from papa_protocol.errors import CommandError

_KIB = 1024
_MIB = 1024 * _KIB


class Limit:
    """One bound.

    Args:
        key: its name in ``info``, which tells under the same name how much is in use, where that can be told.
        default: its value unless an option says otherwise.
        rule: what it says, with ``{}`` for its value.
        usual: how help calls its default, where that depends on the machine.
    """

    __slots__ = ("default", "key", "rule", "usual")

    def __init__(self, key: str, default: int, rule: str, usual: str = "") -> None:
        self.key = key
        self.default = default
        self.rule = rule
        self.usual = usual or str(default)

    @property
    def option(self) -> str:
        """The option of the ``papa`` command that changes it."""
        return f"--max-{self.key.replace('_', '-')}"


def _memory() -> int:
    """Return how much memory this machine has, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


# A value of 1 MiB in which every byte must be escaped fits in a line.
LINE = Limit("line", 8 * _MIB, "a line can have {} bytes at most")
# So does a text of 1 MiB that is sent as the words that it has.
WORDS = Limit("words", 256 * _KIB, "a line can have {} words at most")
NAME = Limit("name", _KIB, "a name can have {} characters at most")
CONNECTIONS = Limit("connections", 4096, "there can be {} connections at most")
UNSENT = Limit("unsent", _MIB, "commands wait while their connection has more than {} bytes of replies to read")
SOCKETS = Limit("sockets", 10_000, "there can be {} sockets at most")
VALUES = Limit("values", 1_000_000, "there can be {} values at most")
VALUE_BYTES = Limit("value_bytes", 256 * _MIB, "all values and their names can have {} bytes at most")
PROCESSES = Limit("processes", 100_000, "there can be {} processes at most")
BUFFERED = Limit(
    "buffered",
    _memory() // 2,
    "of all output {} bytes are kept at most: the fullest buffers forget their oldest first",
    "half of the machine's memory",
)
LIMITS = (LINE, WORDS, NAME, CONNECTIONS, UNSENT, SOCKETS, VALUES, VALUE_BYTES, PROCESSES, BUFFERED)


class Limits(dict[Limit, int]):
    """The value of every limit.

    Args:
        chosen: those that are not to be the default, by their keys.
    """

    def __init__(self, chosen: Mapping[str, int] = MappingProxyType({})) -> None:
        super().__init__({limit: chosen.get(limit.key, limit.default) for limit in LIMITS})

    def error(self, limit: Limit) -> CommandError:
        """Return what to tell who meets a limit."""
        rule = limit.rule.format(self[limit])
        return CommandError(f"{rule[0].upper()}{rule[1:]}; papa's option {limit.option} changes that")

    def check(self, limit: Limit, count: int) -> None:
        """Make sure that ``count`` is within a limit.

        Raises:
            CommandError: it is beyond.
        """
        if count > self[limit]:
            raise self.error(limit)

    @property
    def by_key(self) -> dict[str, int]:
        """The values by the limits' names in ``info``."""
        return {limit.key: value for limit, value in self.items()}
