"""Command lines: a table of flags drives reading them and the usage page; what papa-repl and papa-console share."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class UsageError(Exception):
    """The arguments make no sense."""


class Flag(NamedTuple):
    """One row of a table: its spellings, what follows it, what it does, whether it may be given several times."""

    names: tuple[str, ...]
    label: str
    summary: str
    choices: tuple[str, ...] = ()
    several: bool = False


ENDPOINT_FLAGS = (
    Flag(("-p", "--port"), "PORT", "talk to the kernel at a port of 127.0.0.1"),
    Flag(("-u", "--unix-socket"), "PATH", "talk to the kernel at a path"),
    Flag(("--connect",), "ENDPOINT", "talk to the kernel at a port or path (else PAPA_ENDPOINT, else 20202)"),
    Flag(("--start",), "", "start a kernel where none listens"),
    Flag(("--timeout",), "SECONDS", "how long to wait for each reply; 10"),
)
CONFIG_FLAG = Flag(("--config",), "FILE", "read this config file instead of the usual one")
LAST_FLAGS = (
    Flag(("--version",), "", "print the version"),
    Flag(("-h", "--help"), "", "print this page"),
)


class Given:
    """The flags that were given: each by its last name, with its value, empty for one that takes none."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}

    def take(self, flag: Flag, value: str) -> None:
        """Note a flag."""
        self.given[flag.names[-1]] = value

    def has(self, name: str) -> bool:
        """Whether a flag was given."""
        return name in self.given

    @property
    def endpoint(self) -> str | None:
        """The endpoint that was named."""
        for name in ("--port", "--unix-socket", "--connect"):
            if name in self.given:
                return self.given[name]
        return None

    @property
    def timeout(self) -> float | None:
        """Seconds to wait for replies.

        Raises:
            UsageError: it is no positive number.
        """
        text = self.given.get("--timeout")
        try:
            seconds = None if text is None else float(text)
        except ValueError:
            seconds = 0
        if seconds is not None and not 0 < seconds < 1e9:
            raise UsageError(f"--timeout: expected a number of seconds, not {text!r}")
        return seconds


def read_flags(program: str, flags: Iterable[Flag], argv: Sequence[str], given: Given) -> list[str]:
    """Tell ``given`` of the flags that ``argv`` begins with, and return the words from the first that is none.

    Raises:
        UsageError: one of them is unknown, or its value is missing, unwanted or none of the choices.
    """
    by_name = {name: flag for flag in flags for name in flag.names}
    rest = list(argv)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        for name, attached in _split(word, by_name):
            if name not in by_name:
                raise UsageError(f"Unknown option {name}: {program} --help lists them")
            given.take(by_name[name], _value(name, by_name[name], attached, rest))
    return rest


def _split(word: str, by_name: dict[str, Flag]) -> list[tuple[str, str | None]]:
    """Return the flags that a word holds: ``--name=value``, ``-xc`` or ``-p20202``."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return [(name, value if equals else None)]
    flags: list[tuple[str, str | None]] = []
    for index, letter in enumerate(word[1:], 2):
        flag = by_name.get(f"-{letter}")
        if flag is not None and flag.label and index < len(word):
            return [*flags, (f"-{letter}", word[index:])]
        flags.append((f"-{letter}", None))
    return flags


def _value(name: str, flag: Flag, attached: str | None, rest: list[str]) -> str:
    """Return the value of a flag, taken from what follows it where it is not attached."""
    if not flag.label:
        if attached is not None:
            raise UsageError(f"{name} takes no value")
        return ""
    if attached is None and not rest:
        raise UsageError(f"{name} needs {flag.label}")
    value = rest.pop(0) if attached is None else attached
    if flag.choices and value not in flag.choices:
        raise UsageError(f"{name}: expected {', '.join(flag.choices)}, not {value!r}")
    return value


def flag_rows(flags: Sequence[Flag]) -> list[str]:
    """Return the lines of a usage page that explain the flags."""
    rows = [(", ".join(flag.names) + f" {flag.label}".rstrip(), flag.summary) for flag in flags]
    wide = max(len(left) for left, _ in rows) + 2
    return [f"  {left:<{wide}}{right}" for left, right in rows]
