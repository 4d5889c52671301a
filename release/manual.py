"""Manual pages, in the man(7) macros that groff and mandoc both know.

Every line of text is escaped; a line that would begin with a control character is kept from being a request. Prose is
wrapped in the source alone: what shows it fills it again. A page carries the date of its release, not that of the day
when it is made, so that it is the same whenever that is.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from papa_console.flags import Flag
from papa_console.usage import Rows
from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Command
from programs import PROGRAMS, Program

_WRITTEN = "2026-11-24"  # for pages of no release: when they were last gone over
_WIDTH = 72
_ESCAPES = str.maketrans(
    {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti", "…": r"\&..."}
)


def _text(words: str) -> str:
    escaped = words.translate(_ESCAPES)
    return rf"\&{escaped}" if escaped.startswith(".") else escaped


def _bold(words: str) -> str:
    return rf"\fB{_text(words)}\fR"


def _prose(text: str) -> list[str]:
    return [_text(line) for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)]


def _entry(term: str, text: str) -> list[str]:
    return [".TP", term, *_prose(text)]


def _entries(rows: Rows) -> list[str]:
    return [line for left, right in rows for line in _entry(_bold(left), right)]


def _section(title: str, lines: Iterable[str]) -> list[str]:
    body = list(lines)
    return [f'.SH "{title.upper()}"', *body] if body else []


def _paragraphs(texts: Sequence[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        yield from [".PP"] * bool(number)
        yield from _prose(text)


def _flag(flag: Flag) -> list[str]:
    label = rf" \fI{_text(flag.label)}\fR" if flag.label else ""
    return _entry(", ".join(map(_bold, flag.names)) + label, flag.summary)


def _options(program: Program) -> Iterator[str]:
    for number, group in enumerate(program.groups):
        yield from [f'.SS "{group.title}"'] * bool(number)
        yield from _prose(group.about)
        for flag in group.flags:
            yield from _flag(flag)


def _example_lines(lines: Iterable[str]) -> list[str]:
    return [".PP", ".RS 4", ".nf", *map(_text, lines), ".fi", ".RE"]


def _command(command: Command) -> Iterator[str]:
    yield from (f'.SS "{_text(command.usage)}"', _text(command.summary + "."))
    for paragraph in command.details:
        yield from (".PP", *_prose(paragraph))
    for option in command.options:
        default = f" (default: {option.default})" if option.default else ""
        expected = "" if option.alias_of else f"; {option.expected}{default}"
        yield from _entry(
            _bold(f"{option.key}NAME=" if option.is_family else f"{option.key}="), option.summary + expected
        )
    if command.examples:
        yield from _example_lines(command.examples)


def _commands() -> list[str]:
    return [line for command in COMMANDS.commands for line in _command(command)]


def _keys(program: Program) -> Iterator[str]:
    for where, rows in program.keys:
        yield f'.SS "{where}"'
        yield from _entries(rows)


def date_of(version: str, changelog: str) -> str:
    """Return the date of a version: that of its section in the changelog, where it is released."""
    found = re.search(rf"^## \[{re.escape(version)}\] - (\d{{4}}-\d\d-\d\d)$", changelog, re.MULTILINE)
    return found[1] if found else _WRITTEN


def page(program: Program, version: str, date: str) -> str:
    """Return the manual page of a program."""
    usage = program.usage
    others = [other.name for other in PROGRAMS if other is not program]
    synopsis = [line for way in usage.synopsis for line in (".br", f"{_bold(usage.program)} {_text(way)}")][1:]
    lines = [
        f'.TH "{usage.program.upper()}" "1" "{date}" "papa {version}" "User Commands"',
        *_section("Name", [rf"{_text(usage.program)} \- {_text(usage.summary)}"]),
        *_section("Synopsis", synopsis),
        *_section("Description", _paragraphs(usage.about)),
        *_section("Options", _options(program)),
        *_section("Commands", _commands() if usage.program == "papa-repl" else ()),
        *_section("Keys", _keys(program)),
        *_section("Signals", _entries(program.signals)),
        *_section("Examples", _entries(usage.examples)),
        *_section("Environment", _entries(usage.environment)),
        *_section("Files", _entries(usage.files)),
        *_section("Exit status", _entries(usage.statuses)),
        *_section("See also", [", ".join(f"{_bold(name)}(1)" for name in others)]),
    ]
    return "\n".join(lines) + "\n"
