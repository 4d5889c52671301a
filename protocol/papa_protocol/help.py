"""Help pages, made from the command table."""

from collections.abc import Iterable, Sequence

from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Command, plural
from papa_protocol.errors import CommandError
from papa_protocol.options import Option

WIDTH = 79


def _wrap(text: str, indent: str = "", hanging: str | None = None) -> str:
    """Return a text in lines of ``WIDTH`` characters, the first after an indent, the others after ``hanging``."""
    lines: list[str] = []
    line = indent
    gap = ""
    for word in text.split():
        if gap and len(line) + len(gap) + len(word) > WIDTH:
            lines.append(line)
            line, gap = indent if hanging is None else hanging, ""
        line, gap = f"{line}{gap}{word}", " "
    return "\n".join([*lines, line])


def _table(rows: Iterable[tuple[str, str]]) -> list[str]:
    rows = list(rows)
    width = max(len(left) for left, _ in rows) + 2
    return [_wrap(right, f"    {left:<{width}}", " " * (width + 4)) for left, right in rows]


_NOTES = (
    "Every word but exit-if-idle may be abbreviated: 'l p' is 'list processes'. 'help make process' explains one "
    "command, 'help process' lists all that deal with processes.",
    "Spaces separate words; a backslash before a space keeps it in the word. A final * stands for every name that "
    "begins with what is before it.",
    "In a watch, an empty line acknowledges and continues, q stops; in a tail, an empty line stops.",
)


def overview() -> str:
    """Return the page that lists all commands."""
    rows = _table((command.text, command.summary) for command in COMMANDS.commands)
    return "\n".join(["Commands:", *rows, *(line for note in _NOTES for line in ("", _wrap(note)))])


def _option_row(option: Option) -> tuple[str, str]:
    key = f"{option.key}NAME=" if option.is_family else f"{option.key}="
    if option.alias_of:
        return key, option.summary
    default = f" (default: {option.default})" if option.default else ""
    return key, f"{option.summary}; {option.expected}{default}"


def command_page(command: Command) -> str:
    """Return the page of one command."""
    parts = [_wrap(command.summary + "."), "", _wrap(f"Usage: {command.usage}", hanging="       ")]
    for paragraph in command.details:
        parts += ["", _wrap(paragraph)]
    if command.options:
        parts += ["", "Options:", *_table(map(_option_row, command.options))]
    if command.examples:
        parts += ["", "Examples:", *(f"    {example}" for example in command.examples)]
    return "\n".join(parts)


def _pages(title: str, commands: Sequence[Command]) -> str:
    rows = _table((command.text, command.summary) for command in commands)
    return "\n".join([title, *rows, "", _wrap(f"'help {commands[0].text}' explains one of them.")])


def _object_named(word: str) -> str | None:
    names = sorted({plural(command.words[1]) for command in COMMANDS.commands if len(command.words) > 1})
    return next((name for name in names if word and name.startswith(word.lower())), None)


def help_page(words: Sequence[str]) -> str:
    """Return the page that ``words``, a command or an object, abbreviated or not, ask for.

    Raises:
        CommandError: the words name no command and no object.
    """
    if not words:
        return overview()
    try:
        verb = "exit-if-idle" if "exit-if-idle".startswith(words[0].lower() or "-") else COMMANDS.resolve_verb(words[0])
    except CommandError:
        name = _object_named(words[0])
        if name is None:
            raise
        return _pages(f"Commands for {name}:", COMMANDS.of_object(name))
    commands = COMMANDS.of_verb(verb)
    if len(commands) == 1:
        return command_page(commands[0])
    if len(words) == 1:
        return _pages(f'"{verb}" is followed by one of:', commands)
    return command_page(COMMANDS.resolve((verb, words[1])).command)
