"""What a session of the REPL remembers: how results are shown, aliases, the ends that were seen."""

from dataclasses import dataclass, field
from enum import Enum


class Format(Enum):
    """How results are shown.

    ``AUTO`` is a table on a terminal, and otherwise the kernel's own lines.
    """

    AUTO = "auto"
    TABLE = "table"
    RAW = "raw"
    JSON = "json"
    CSV = "csv"


@dataclass(slots=True)
class Settings:
    """The settings of one session; ``:`` commands, the command line and the config file change them.

    Args:
        format: how results are shown.
        timing: whether to show how long each command took.
        aliases: the words that a first word stands for.
        exits: a line for each end of a process that was seen.
        strict: whether abbreviations are refused.
        keep_going: whether a script goes on after an error.
        tee: a file that also gets what watch and tail show.
    """

    format: Format = Format.AUTO
    timing: bool = False
    aliases: dict[str, str] = field(default_factory=dict)
    exits: list[str] = field(default_factory=list)
    strict: bool = False
    keep_going: bool = False
    tee: str | None = None
