"""What a session of the REPL remembers: how results are shown, aliases, the ends that were seen."""

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


class Settings:
    """The settings of one session; ``:`` commands, the command line and the config file change them.

    Args:
        format: how results are shown.
        timing: whether to show how long each command took.
        strict: whether abbreviations are refused.
        keep_going: whether a script goes on after an error.
        tee: a file that also gets what watch and tail show.

    Attributes:
        aliases: the words that a first word stands for.
        exits: a line for each end of a process that was seen.
    """

    def __init__(
        self,
        format: Format = Format.AUTO,  # noqa: A002 - what it is called on the command line
        *,
        timing: bool = False,
        strict: bool = False,
        keep_going: bool = False,
        tee: str | None = None,
    ) -> None:
        self.format = format
        self.timing = timing
        self.strict = strict
        self.keep_going = keep_going
        self.tee = tee
        self.aliases: dict[str, str] = {}
        self.exits: list[str] = []
